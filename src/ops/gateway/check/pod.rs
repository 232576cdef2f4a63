//! Which pod of a gateway to ask, and the key to ask with.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::Gateway;
use crate::cluster::{ClusterError, Reader};
use crate::object::field::text;
use crate::object::names::{HMAC_SECRET, MASTER_KEY};
use crate::object::role::gateway_auth;
use crate::object::{GroupKind, KeyId, SecretValue, agent_key, labels, pod_template};
use crate::ops::OpsError;
use crate::readiness::{self, State};

/// The agent that the key of a check stands for.
const CALLER: &str = "langop-check";

/// A pod that is ready.
pub(in crate::ops::gateway) struct Pod {
    pub name: String,
    /// Whether its configuration is another one than the description's.
    pub stale: bool,
}

/// A ready pod of the cluster's gateway: one with the description's configuration if there is any, the youngest
/// of them. Else why there is none.
pub(in crate::ops::gateway) async fn ready(
    reader: &Reader,
    cluster: &str,
    config_maps: &BTreeSet<String>,
) -> Result<Result<Pod, String>, OpsError> {
    let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
    let selector = format!("{}=gateway,{}={cluster}", labels::KIND, labels::CLUSTER);
    let pods = reader.list(&resource, Some(cluster), Some(&selector)).await?;
    Ok(choose(&pods, config_maps))
}

fn choose(pods: &[Value], config_maps: &BTreeSet<String>) -> Result<Pod, String> {
    let field = |pod: &Value, pointer: &str| text(pod, pointer).unwrap_or_default().to_owned();
    let alive = pods.iter().filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none());
    let (ready, waiting): (Vec<_>, Vec<_>) = alive
        .map(|pod| (pod, readiness::assess(pod)))
        .partition(|(pod, found)| found.state == State::Current && text(pod, "/status/phase") == Some("Running"));
    let stale = |pod: &Value| {
        let mounted = pod.get("spec").map(pod_template::config_maps).unwrap_or_default();
        !config_maps.iter().all(|name| mounted.contains(name.as_str()))
    };
    let best = ready.iter().map(|(pod, _)| *pod).min_by_key(|pod| {
        (stale(pod), Reverse(field(pod, "/metadata/creationTimestamp")), field(pod, "/metadata/name"))
    });
    best.map(|pod| Pod { name: field(pod, "/metadata/name"), stale: stale(pod) }).ok_or_else(|| {
        let reason =
            waiting.first().map(|(pod, found)| format!("pod {}: {}", field(pod, "/metadata/name"), found.reason));
        reason.unwrap_or_else(|| "it has no pod".to_owned())
    })
}

/// As whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops::gateway) enum Caller {
    /// Without a key: the gateway asks for none.
    Anyone,
    /// As an agent.
    Agent,
    /// As the administrator: where agents are restricted to their models, no agent sees all of them.
    Administrator,
}

impl Caller {
    /// Whoever sees all models of a gateway and may do least.
    pub(super) fn for_gateway(gateway: &Gateway) -> Self {
        match (gateway.restricts_models(), gateway.auth_enabled()) {
            (true, _) => Self::Administrator,
            (false, true) => Self::Agent,
            (false, false) => Self::Anyone,
        }
    }
}

/// A key for the gateway from the Secret that its agents' keys are made from; none without that Secret.
pub(in crate::ops::gateway) async fn key(
    reader: &Reader,
    cluster: &str,
    caller: Caller,
) -> Result<Option<SecretValue>, OpsError> {
    let secret = gateway_auth(cluster);
    let key = if caller == Caller::Administrator { MASTER_KEY } else { HMAC_SECRET };
    match reader.secret_value(&secret, key).await {
        Ok(value) if caller == Caller::Administrator => Ok(value),
        Ok(value) => Ok(value.map(|secret| agent_key(&secret, &KeyId::first(CALLER)))),
        Err(ClusterError::Forbidden(_)) => {
            let what = "a key for the gateway is made from Secret/gateway-auth";
            let text = format!("{what}, which this identity may not `get` in namespace `{cluster}`");
            Err(ClusterError::Forbidden(text).into())
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, config_map: &str, ready: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "creationTimestamp": format!("2026-01-0{}T00:00:00Z", &name[1..]) },
            "spec": { "volumes": [{ "configMap": { "name": config_map } }] },
            "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }] },
        })
    }

    fn chosen(pods: &[Value]) -> (String, bool) {
        let pod = choose(pods, &BTreeSet::from(["new".to_owned()])).unwrap();
        (pod.name, pod.stale)
    }

    #[test]
    fn the_youngest_ready_pod_of_this_configuration_is_asked() {
        let pods =
            [pod("p1", "new", "True"), pod("p2", "new", "True"), pod("p3", "old", "True"), pod("p4", "new", "False")];
        assert_eq!(chosen(&pods), ("p2".to_owned(), false));
        assert_eq!(chosen(&pods[2..]), ("p3".to_owned(), true));
    }

    #[test]
    fn a_pod_that_goes_is_not_asked_and_the_reason_is_that_of_one_that_waits() {
        let mut going = pod("p1", "new", "True");
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(choose(&[going.clone()], &BTreeSet::new()).map(|_| ()).unwrap_err(), "it has no pod");
        let reason = choose(&[going, pod("p2", "new", "False")], &BTreeSet::new()).map(|_| ()).unwrap_err();
        assert!(reason.starts_with("pod p2: "), "{reason}");
    }
}
