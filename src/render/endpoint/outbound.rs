//! Where the gateway of a cluster must connect to: the endpoints of its models, the outbound proxy when its
//! environment names one, the store that its pods count in, whom it tells of calls, and where the keys are that sign its
//! callers' tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::credential::assignments;
use super::host::{Endpoint, Host};
use super::model::{Identity, model_endpoints};
use super::observers::observing_endpoints;
use super::proxy::Proxies;
use super::store::Store;
use crate::render::scope::Scope;
use crate::render::target::Target;
use crate::stack::{Stack, members};

/// What the gateway connects to an endpoint for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Calls of the model of this name.
    Model(String),
    /// It is the outbound proxy that the environment names.
    Proxy,
    /// It is the store in which pods count together.
    Store,
    /// The identity provider publishes its keys there.
    KeySet,
    /// It is told of calls, as is described at this path of the cluster.
    Observer(&'static str),
}

/// The endpoints, each with what it is for. Nothing but langop's own store where the rules written for the gateway are
/// to be the only ones; with a proxy whose address is given, what goes through it is left out.
fn outbound(scope: &Scope<'_>) -> Vec<(Purpose, Endpoint)> {
    let only_rules = scope.gateway.network_policies.as_ref().is_some_and(|rules| rules.egress_only.unwrap_or(false));
    let store = Store::of(scope).filter(|store| store.is_own || !only_rules);
    let store = store.and_then(|store| Some((Purpose::Store, store.endpoint(scope.cluster)?)));
    if only_rules {
        return store.into_iter().collect();
    }
    let models = scope.models().flat_map(|(name, model)| {
        let keyless = assignments(scope, model).is_empty();
        let identity = if keyless { Identity::Machine } else { Identity::Credentials };
        let endpoints = model_endpoints(model, scope.cluster, identity).into_iter();
        endpoints.map(move |endpoint| (Purpose::Model(name.to_owned()), endpoint))
    });
    let key_set = scope.gateway.jwt().and_then(|jwt| Endpoint::parse(jwt.jwks_url.as_deref()?, scope.cluster));
    let key_set = key_set.map(|endpoint| (Purpose::KeySet, endpoint));
    let observers = observing_endpoints(&scope.gateway, scope.cluster).into_iter();
    let observers = observers.map(|(path, endpoint)| (Purpose::Observer(path), endpoint));
    let proxies = Proxies::of(scope);
    let direct = models.chain(key_set).chain(observers).filter(|(_, endpoint)| !proxies.stand_for(endpoint));
    let through = proxies.opened().map(|endpoint| (Purpose::Proxy, endpoint.clone()));
    // No proxy of the web passes the protocol of a store on.
    direct.chain(through).chain(store).collect()
}

/// The same without what they are for.
pub(crate) fn destinations(scope: &Scope<'_>) -> BTreeSet<Endpoint> {
    outbound(scope).into_iter().map(|(_, endpoint)| endpoint).collect()
}

/// Where the gateway of a cluster connects to, and what for.
#[must_use]
pub fn gateway_endpoints(stack: &Stack, target: &Target, cluster: &str) -> Vec<(Purpose, Endpoint)> {
    let Some(item) = stack.clusters.get(cluster) else { return Vec::new() };
    outbound(&Scope::new(stack, target, cluster, item))
}

/// Endpoints of a cluster's models that are Services, by model: only pods reach them.
#[must_use]
pub fn inner_endpoints(stack: &Stack, cluster: &str) -> BTreeMap<String, String> {
    let models = members(&stack.models, cluster);
    let inner = models.filter_map(|(key, item)| {
        let url = item.spec.endpoint.clone()?;
        let host = Endpoint::parse(&url, cluster)?.host;
        let is_inner = matches!(host, Host::Service { name, .. } if name != "localhost");
        is_inner.then(|| (key.name.clone(), url))
    });
    inner.collect()
}
