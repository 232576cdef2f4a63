//! What a user calls a thing: `cluster.prod`, `model.claude`, `Deployment/prod/gateway`. A model that goes to
//! several clusters has one address: its objects are told apart by their references.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object_ref::ObjectRef;
use super::word::Word;

/// The name of a thing in a description, or of an object that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Address(Word);

impl Address {
    /// The cluster `name` of the description.
    #[must_use]
    pub fn cluster(name: &str) -> Self {
        Self(format!("cluster.{name}").into())
    }

    /// The model, agent, tool, persona, team or secret (`what`) `name` of the description.
    #[must_use]
    pub fn member(what: &str, name: &str) -> Self {
        Self(format!("{what}.{name}").into())
    }

    /// An object that the description names as itself.
    #[must_use]
    pub fn object(object: &ObjectRef) -> Self {
        let text = match &object.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", object.kind, object.name),
            None => format!("{}/{}", object.kind, object.name),
        };
        Self(text.into())
    }

    /// What a user wrote and was found to be an address.
    pub(super) fn written(text: &str) -> Self {
        Self(text.into())
    }

    /// The address as a user writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
