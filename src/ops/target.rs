//! Looks up what rendering needs to know of the target: Cilium, referenced Services, keys of credentials.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::OpsError;
use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Reader, both};
use crate::object::{GroupKind, ObjectRef};
use crate::render::{Backend, Needs, ServiceName, Target};

/// What is known of the target, as far as a stack `needs` it, all asked for at once. Two requests where it has no Cilium,
/// one for each Service that a rule names, and one for each Secret that a model names as a whole.
pub(crate) async fn target(reader: &Reader, needs: &Needs) -> Result<Target, OpsError> {
    let kinds = both(serves_cilium(reader, needs), optional_kinds(reader, needs));
    let ((served, optional_kinds), (services, secret_keys)) =
        both(kinds, both(services(reader, needs), secrets(reader, needs))).await?;
    // A description that needs Cilium is rendered for Cilium: without its kinds the plan is then an error, and
    // not a plan that quietly lacks the rules.
    let assumed = needs.assumed_target();
    let mut target = Target { cilium: served || assumed.cilium, optional_kinds, secret_keys, ..assumed };
    for (name, found) in services {
        match found {
            Found::Hidden => drop(target.hidden_services.insert(name)),
            Found::Absent => {}
            Found::There(service) => {
                let service =
                    serde_json::from_value(service).map_err(|error| ClusterError::Malformed(error.to_string()))?;
                target.services.insert(name, Backend::from(&service));
            }
        }
    }
    Ok(target)
}

/// An object that this identity may not be allowed to see.
enum Found {
    There(Value),
    Absent,
    Hidden,
}

async fn find(reader: &Reader, object: &ObjectRef) -> Result<Found, OpsError> {
    match reader.find(object).await {
        Ok(found) => Ok(found.map_or(Found::Absent, Found::There)),
        Err(ClusterError::Forbidden(_)) => Ok(Found::Hidden),
        Err(error) => Err(error.into()),
    }
}

/// Each Service, in the order of their names.
async fn services(reader: &Reader, needs: &Needs) -> Result<Vec<(ServiceName, Found)>, OpsError> {
    let asked = needs.services.iter().map(async |name| {
        let object = ObjectRef::namespaced("", "Service", &name.namespace, &name.name);
        Ok((name.clone(), find(reader, &object).await?))
    });
    stream::iter(asked).buffered(AT_ONCE).try_collect().await
}

/// The keys of each Secret that is there and may be read; a plan warns of the others where it looks at the Secrets of
/// others.
async fn secrets(reader: &Reader, needs: &Needs) -> Result<BTreeMap<ObjectRef, BTreeSet<String>>, OpsError> {
    let asked = needs.secret_keys.iter().map(async |secret| Ok::<_, OpsError>((secret, find(reader, secret).await?)));
    let found: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let there = found.into_iter().filter_map(|(secret, found)| match found {
        Found::There(found) => Some((secret.clone(), keys(&found))),
        Found::Absent | Found::Hidden => None,
    });
    Ok(there.collect())
}

/// Whether the target has Cilium's kinds. An identity that may not look for their CRDs has what discovery says.
async fn serves_cilium(reader: &Reader, needs: &Needs) -> Result<bool, OpsError> {
    if !needs.clusters {
        return Ok(false);
    }
    serves(reader, &GroupKind::new("cilium.io", "CiliumNetworkPolicy")).await
}

/// The kinds that the target has or the stack defines, of those that are made only where they are known.
async fn optional_kinds(reader: &Reader, needs: &Needs) -> Result<BTreeSet<GroupKind>, OpsError> {
    let mut found = BTreeSet::new();
    for (kind, is_defined) in &needs.optional_kinds {
        if *is_defined || serves(reader, kind).await? {
            found.insert(kind.clone());
        }
    }
    Ok(found)
}

async fn serves(reader: &Reader, kind: &GroupKind) -> Result<bool, OpsError> {
    match reader.served(kind).await {
        Ok(resource) => Ok(resource.is_some()),
        Err(ClusterError::Forbidden(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn keys(secret: &Value) -> BTreeSet<String> {
    let data = secret.get("data").and_then(Value::as_object);
    data.into_iter().flat_map(|data| data.keys().cloned()).collect()
}
