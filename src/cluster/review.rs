//! Asks whether this identity may apply objects. What is denied is remembered, to be said once.

use std::collections::BTreeSet;

use http::Request;
use serde_json::{Value, json};

use super::permission::Right;
use super::{ClusterError, Reader, Resource, shape};
use crate::object::ObjectRef;

/// One thing that an identity may be allowed to do.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// `get`.
    pub verb: &'a str,
    /// The API group; empty for the core.
    pub group: &'a str,
    /// The resource, with its subresource if it is about one: `pods/portforward`.
    pub resource: &'a str,
    /// In which namespace; none for all of them, and for what has none.
    pub namespace: Option<&'a str>,
    /// Of which object; none for all.
    pub name: Option<&'a str>,
}

/// What an apply of an object asks for.
const VERBS: [&str; 2] = ["patch", "create"];

impl Reader {
    /// Whether this identity may apply this object: patch it, and create it where it is not. Asked as a dry-run: a review
    /// is a POST, and this type writes nothing. Two requests for a kind and namespace, and one for each object where not
    /// all of them may be patched.
    pub async fn may_apply(&self, resource: &Resource, object: &ObjectRef) -> Result<bool, ClusterError> {
        let mut allowed = true;
        for verb in VERBS {
            let right = Right {
                verb,
                resource: resource.qualified(),
                namespace: object.namespace.as_deref().map(str::to_owned),
            };
            // A right to create cannot be bound to a name.
            let may = self.may_all(resource, &right).await?
                || verb == "patch" && self.reviewed(resource, &right, &object.name).await?;
            if !may {
                self.permissions.deny(right);
            }
            allowed &= may;
        }
        Ok(allowed)
    }

    /// Whether this identity may do one thing. One request, a dry-run as above.
    ///
    /// # Errors
    /// The server does not say.
    pub async fn may(&self, question: &Question<'_>) -> Result<bool, ClusterError> {
        let (resource, subresource) = question.resource.split_once('/').unwrap_or((question.resource, ""));
        let attributes = json!({"group": question.group, "resource": resource, "subresource": subresource,
            "verb": question.verb, "namespace": question.namespace.unwrap_or_default(),
            "name": question.name.unwrap_or_default()});
        self.review(&attributes).await
    }

    /// What was asked for and denied.
    #[must_use]
    pub fn denied(&self) -> BTreeSet<Right> {
        self.permissions.denied()
    }

    async fn may_all(&self, resource: &Resource, right: &Right) -> Result<bool, ClusterError> {
        if let Some(known) = self.permissions.general(right) {
            return Ok(known);
        }
        let may = self.reviewed(resource, right, "").await?;
        self.permissions.learn(right, may);
        Ok(may)
    }

    /// With no name, for all objects.
    async fn reviewed(&self, resource: &Resource, right: &Right, name: &str) -> Result<bool, ClusterError> {
        let attributes = json!({"group": resource.api.group, "resource": resource.api.plural, "verb": right.verb,
            "namespace": right.namespace.as_deref().unwrap_or_default(), "name": name});
        self.review(&attributes).await
    }

    async fn review(&self, attributes: &Value) -> Result<bool, ClusterError> {
        let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes}});
        let request = Request::post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?dryRun=All")
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(review.to_string().into_bytes());
        let request = request.map_err(|error| ClusterError::Malformed(error.to_string()))?;
        let answer = shape::of_kind("SelfSubjectAccessReview", self.wire().send(request).await?.body)?;
        Ok(answer.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
    }
}
