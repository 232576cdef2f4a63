//! Where the gateway of a cluster must connect to: the endpoints of its models, and the outbound proxy when its
//! environment names one.

use std::collections::{BTreeMap, BTreeSet};

use super::credential::assignments;
use super::host::{Endpoint, Host};
use super::model::{Identity, model_endpoints};
use super::proxy::Proxies;
use crate::render::scope::Scope;
use crate::render::target::Target;
use crate::stack::{Stack, members};

/// The endpoints, each with the name of the model; none for an outbound proxy. Nothing where the rules written for
/// the gateway are to be the only ones; with a proxy whose address is given, what goes through it is left out.
pub(crate) fn outbound<'a>(scope: &Scope<'a>) -> Vec<(Option<&'a str>, Endpoint)> {
    if scope.gateway.network_policies.as_ref().is_some_and(|rules| rules.egress_only.unwrap_or(false)) {
        return Vec::new();
    }
    let models = scope.models().flat_map(|(name, model)| {
        let keyless = assignments(scope, model).is_empty();
        let identity = if keyless { Identity::Machine } else { Identity::Credentials };
        model_endpoints(model, scope.cluster, identity).into_iter().map(move |endpoint| (Some(name), endpoint))
    });
    let proxies = Proxies::of(scope);
    let direct = models.filter(|(_, endpoint)| !proxies.stand_for(endpoint));
    direct.chain(proxies.opened().map(|endpoint| (None, endpoint.clone()))).collect()
}

/// The same without the names.
pub(crate) fn destinations(scope: &Scope<'_>) -> BTreeSet<Endpoint> {
    outbound(scope).into_iter().map(|(_, endpoint)| endpoint).collect()
}

/// Where the gateway of a cluster connects to, with the name of the model; none for an outbound proxy.
#[must_use]
pub fn gateway_endpoints(stack: &Stack, target: &Target, cluster: &str) -> Vec<(Option<String>, Endpoint)> {
    let Some(item) = stack.clusters.get(cluster) else { return Vec::new() };
    let scope = Scope::new(stack, target, cluster, item);
    let all = outbound(&scope).into_iter();
    all.map(|(model, endpoint)| (model.map(str::to_owned), endpoint)).collect()
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
