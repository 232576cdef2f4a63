//! Whether the API server would take an object anew that it does not let change in place. Asked before the old one is
//! deleted, by a dry-run under another name; sends nothing else.

use serde_json::Value;
use uuid::Uuid;

use super::{Body, ClusterError, DryRun, Ownership, Reader, Resource};
use crate::object::field::text;

/// What the API server says of the object that would stand in the place of a deleted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// It would take it.
    Accepted,
    /// It would not, in its words: a value is wrong, and deleting the old object helps nothing.
    Refused(String),
    /// That cannot be found out while the old object is there, and why.
    Unknown(String),
}

impl Reader {
    /// What the API server says of `body` under another name in the same namespace. One dry-run; `live` is the object
    /// that it would replace.
    ///
    /// # Errors
    /// The server does not answer, or does not know who asks.
    pub async fn replacement(
        &self,
        resource: &Resource,
        body: &Body,
        live: &Value,
    ) -> Result<Replacement, ClusterError> {
        if is_named_by_content(resource) {
            return Ok(Replacement::Unknown("its name follows from its content".to_owned()));
        }
        let own_name = text(&body.object, "/metadata/name").unwrap_or_default();
        // Short: what a kind derives from a name must fit beside it.
        let name = format!("x{}", &Uuid::new_v4().simple().to_string()[..10]);
        let in_own_words = |words: String| words.replace(&name, own_name);
        Ok(match self.dry_run(resource, &renamed(body, &name, live), Ownership::Respect).await {
            Ok(DryRun { created: true, .. }) => Replacement::Accepted,
            Ok(_) => Replacement::Unknown("another object has the name under which it was tried".to_owned()),
            Err(ClusterError::Invalid { causes, .. })
                if !causes.is_empty() && causes.iter().all(|cause| cause.field.starts_with("metadata.name")) =>
            {
                Replacement::Unknown("it can be tried under no other name".to_owned())
            }
            Err(ClusterError::Invalid { message, .. }) => Replacement::Refused(in_own_words(message)),
            Err(error @ ClusterError::Rejected { code: 400, .. }) => {
                Replacement::Refused(in_own_words(error.to_string()))
            }
            Err(
                error @ (ClusterError::Unreachable { .. } | ClusterError::Unauthorized(_) | ClusterError::Config(_)),
            ) => return Err(error),
            Err(error) => Replacement::Unknown(in_own_words(format!("the API server said: {error}"))),
        })
    }
}

/// `plural.group`, `version.group`, an address: no other name is valid for the same content.
fn is_named_by_content(resource: &Resource) -> bool {
    let api = &resource.api;
    matches!(
        (api.group.as_str(), api.kind.as_str()),
        ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("apiregistration.k8s.io", "APIService")
            | ("networking.k8s.io", "IPAddress")
            | ("certificates.k8s.io", "ClusterTrustBundle")
    )
}

/// The body under another name, without what only one object of the cluster may have and the live one has.
fn renamed(body: &Body, name: &str, live: &Value) -> Body {
    let mut body = body.clone();
    if let Some(metadata) = body.object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), name.into());
        metadata.remove("uid");
    }
    if text(&body.object, "/kind") == Some("Service") && text(&body.object, "/apiVersion") == Some("v1") {
        leave_allocated(&mut body.object, live);
    }
    body
}

/// Addresses and ports of nodes that the live Service has are valid, and free once it is gone.
fn leave_allocated(service: &mut Value, live: &Value) {
    let allocated = |pointer: &str| live.pointer(pointer).cloned().unwrap_or_default();
    let address = allocated("/spec/clusterIP");
    let health = allocated("/spec/healthCheckNodePort");
    let ports = allocated("/spec/ports");
    let node_ports: Vec<_> = ports.as_array().into_iter().flatten().filter_map(|port| port.get("nodePort")).collect();
    let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if spec.get("clusterIP").is_some_and(|own| *own == address && own != "None") {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
    }
    if spec.get("healthCheckNodePort").is_some_and(|own| *own == health) {
        spec.remove("healthCheckNodePort");
    }
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if port.get("nodePort").is_some_and(|own| node_ports.contains(&own))
            && let Some(port) = port.as_object_mut()
        {
            port.remove("nodePort");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_live_service_holds_is_not_asked_for_twice() {
        let live = json!({"spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80, "nodePort": 30001}]}});
        let object = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80, "nodePort": 30001}, {"port": 81, "nodePort": 30002}]}});
        let tried = renamed(&Body::plain(object), "other", &live).object;
        assert_eq!(
            tried,
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "other"},
                "spec": {"ports": [{"port": 80}, {"port": 81, "nodePort": 30002}]}})
        );
    }
}
