//! One aggregated discovery: two requests, whatever the number of groups
//! (Kubernetes, *API discovery*, "Aggregated discovery").

use http::Request;
use kube::core::ApiResource;
use serde_json::Value;

use super::wire::Wire;
use super::{ClusterError, Resource, Resources};

const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// Maps the kinds that the server serves to resources.
pub(super) async fn discover(wire: &Wire) -> Result<Resources, ClusterError> {
    let (core, groups) = tokio::try_join!(fetch(wire, "/api"), fetch(wire, "/apis"))?;
    let mut resources = Resources::default();
    for item in items(&core, "items").chain(items(&groups, "items")) {
        let group = item.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        for version in items(item, "versions") {
            for resource in items(version, "resources") {
                add(&mut resources, group, text(version, "version"), resource);
            }
        }
    }
    Ok(resources)
}

async fn fetch(wire: &Wire, path: &str) -> Result<Value, ClusterError> {
    let request = Request::get(path).header(http::header::ACCEPT, ACCEPT).body(Vec::new());
    let request = request.map_err(|error| ClusterError::Malformed(error.to_string()))?;
    let answer = wire.send(request).await?.body;
    if answer.get("kind").and_then(Value::as_str) == Some("APIGroupDiscoveryList") {
        Ok(answer)
    } else {
        Err(ClusterError::Malformed("it has no aggregated discovery; Kubernetes 1.30 or newer is needed".to_owned()))
    }
}

fn add(resources: &mut Resources, group: &str, version: &str, resource: &Value) {
    let Some(kind) = resource.get("responseKind") else { return };
    let group = Some(text(kind, "group")).filter(|group| !group.is_empty()).unwrap_or(group);
    let version = Some(text(kind, "version")).filter(|version| !version.is_empty()).unwrap_or(version);
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    resources.add(Resource {
        api: ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version,
            kind: text(kind, "kind").to_owned(),
            plural: text(resource, "resource").to_owned(),
        },
        namespaced: text(resource, "scope") == "Namespaced",
        listable: items(resource, "verbs").any(|verb| verb == "list"),
    });
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
