//! One aggregated discovery: two requests, whatever the number of groups
//! (Kubernetes, *API discovery*, "Aggregated discovery").

use http::Request;
use kube::core::ApiResource;
use serde_json::Value;

use super::resource::Freshness;
use super::wire::Wire;
use super::{ClusterError, Resource, Resources};
use crate::object::field::{items, text};

const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// Maps the kinds that the server serves to resources.
pub(super) async fn discover(wire: &Wire) -> Result<Resources, ClusterError> {
    let (core, groups) = tokio::try_join!(fetch(wire, "/api"), fetch(wire, "/apis"))?;
    let mut resources = Resources::default();
    for item in items(&core, "/items").iter().chain(items(&groups, "/items")) {
        let group = text(item, "/metadata/name").unwrap_or_default();
        for version in items(item, "/versions") {
            add_version(&mut resources, group, version);
        }
    }
    Ok(resources)
}

/// A group-version whose own server does not answer is listed as `Stale`, with the resources that were known
/// before or with none (`APIVersionDiscovery` of `apidiscovery.k8s.io/v2`).
fn add_version(resources: &mut Resources, group: &str, version: &Value) {
    let name = text(version, "/version").unwrap_or_default();
    let freshness = if text(version, "/freshness") == Some("Stale") { Freshness::Stale } else { Freshness::Current };
    resources.announce(group, name, freshness);
    for resource in items(version, "/resources") {
        add(resources, group, name, resource);
    }
}

async fn fetch(wire: &Wire, path: &str) -> Result<Value, ClusterError> {
    let request = Request::get(path).header(http::header::ACCEPT, ACCEPT).body(Vec::new());
    let request = request.map_err(|error| ClusterError::Malformed(error.to_string()))?;
    let answer = wire.send(request).await?.body;
    if text(&answer, "/kind") == Some("APIGroupDiscoveryList") {
        Ok(answer)
    } else {
        Err(ClusterError::Malformed("it has no aggregated discovery; Kubernetes 1.30 or newer is needed".to_owned()))
    }
}

fn add(resources: &mut Resources, group: &str, version: &str, resource: &Value) {
    let named = |pointer: &str| text(resource, pointer).filter(|name| !name.is_empty());
    let Some(kind) = named("/responseKind/kind") else { return };
    let group = named("/responseKind/group").unwrap_or(group);
    let version = named("/responseKind/version").unwrap_or(version);
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    resources.add(Resource {
        api: ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version,
            kind: kind.to_owned(),
            plural: named("/resource").unwrap_or_default().to_owned(),
        },
        namespaced: named("/scope") == Some("Namespaced"),
        listable: items(resource, "/verbs").iter().any(|verb| verb == "list"),
    });
}
