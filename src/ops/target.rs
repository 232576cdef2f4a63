//! Looks up what rendering needs to know of the target: Cilium, referenced Services, keys of credentials.

use std::collections::BTreeSet;

use serde_json::Value;

use super::OpsError;
use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, ObjectRef};
use crate::render::{Backend, Needs, Target};

/// What is known of the target, as far as a stack `needs` it. Two requests where it has no Cilium, one for each
/// Service that a rule names, and one for each Secret that a model names as a whole.
pub(crate) async fn target(reader: &Reader, needs: &Needs) -> Result<Target, OpsError> {
    let served = serves_cilium(reader, needs).await?;
    // A description that needs Cilium is rendered for Cilium: without its kinds the plan is then an error, and
    // not a plan that quietly lacks the rules.
    let assumed = needs.assumed_target();
    let mut target = Target { cilium: served || assumed.cilium, ..assumed };
    for name in needs.services.clone() {
        let object = ObjectRef::namespaced("", "Service", &name.namespace, &name.name);
        let found = match reader.find(&object).await {
            Err(ClusterError::Forbidden(_)) => {
                target.hidden_services.insert(name);
                continue;
            }
            answer => answer?,
        };
        if let Some(service) = found {
            let service =
                serde_json::from_value(service).map_err(|error| ClusterError::Malformed(error.to_string()))?;
            target.services.insert(name, Backend::from(&service));
        }
    }
    for secret in needs.secret_keys.clone() {
        let found = match reader.find(&secret).await {
            // A plan warns of it where it looks at the Secrets of others.
            Err(ClusterError::Forbidden(_)) => None,
            answer => answer?,
        };
        if let Some(found) = found {
            target.secret_keys.insert(secret, keys(&found));
        }
    }
    Ok(target)
}

/// Whether the target has Cilium's kinds. An identity that may not look for their CRDs has what discovery says.
async fn serves_cilium(reader: &Reader, needs: &Needs) -> Result<bool, OpsError> {
    if !needs.clusters {
        return Ok(false);
    }
    match reader.served(&GroupKind::new("cilium.io", "CiliumNetworkPolicy")).await {
        Ok(resource) => Ok(resource.is_some()),
        Err(ClusterError::Forbidden(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn keys(secret: &Value) -> BTreeSet<String> {
    let data = secret.get("data").and_then(Value::as_object);
    data.into_iter().flat_map(|data| data.keys().cloned()).collect()
}
