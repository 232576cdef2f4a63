//! Asks a server which cluster it is, and as whom it is asked. Beside discovery, so that it costs requests and no time.

use std::time::Duration;

use http::Request;
use kube::api::GetParams;
use kube::core::ApiResource;
use serde_json::{Value, json};

use super::reader::{absent_is_none, built};
use super::wire::{Wire, about};
use super::{ClusterError, Resource, Session, shape};
use crate::object::ObjectRef;
use crate::object::field::owned;

/// How long it may take to learn a name that is only shown.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks: two requests at once.
///
/// # Errors
/// The server does not answer. Who may not be told is no error.
pub(super) async fn session(wire: &Wire, context: Option<&str>) -> Result<Session, ClusterError> {
    let (cluster_id, identity) = tokio::join!(cluster_id(wire), identity(wire));
    Ok(Session {
        server: wire.server().to_owned(),
        context: context.map(str::to_owned),
        cluster_id: cluster_id?,
        identity,
    })
}

async fn cluster_id(wire: &Wire) -> Result<Option<String>, ClusterError> {
    let namespace = ObjectRef::of_namespace("kube-system");
    let request = namespaces().at(None).get_metadata(&namespace.name, &GetParams::default());
    let answer = wire.send(about(&namespace, built(request)?)).await.map(|answer| answer.body);
    match absent_is_none(answer) {
        Ok(Some(body)) => Ok(owned(&shape::named(&namespace.name, body)?, "/metadata/uid")),
        Ok(None) | Err(ClusterError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Known before discovery has answered.
fn namespaces() -> Resource {
    let api = ApiResource {
        group: String::new(),
        version: "v1".to_owned(),
        api_version: "v1".to_owned(),
        kind: "Namespace".to_owned(),
        plural: "namespaces".to_owned(),
    };
    Resource { api, namespaced: false, listable: true }
}

/// For people: whatever keeps the server from saying it, the plan is none the worse.
async fn identity(wire: &Wire) -> Option<String> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    // A review is a POST, and a plan writes nothing.
    let request = Request::post("/apis/authentication.k8s.io/v1/selfsubjectreviews?dryRun=All")
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(review.to_string().into_bytes());
    let answer = tokio::time::timeout(PATIENCE, wire.send(request.ok()?)).await.ok()?;
    let answer: Value = answer.ok()?.body;
    owned(&answer, "/status/userInfo/username").filter(|name| !name.is_empty())
}
