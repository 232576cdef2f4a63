//! What an edge of the graph is: who is waited for, until when, and because of which field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::ObjectRef;

/// What a dependency waits for. Each one implies those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The object is on the server.
    Exists,
    /// A CRD is established and its kind is served.
    Established,
    /// The object is ready.
    Ready,
}

/// An edge of the graph: this object waits for that one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// What is waited for.
    pub on: ObjectRef,
    /// Until when.
    pub wait: Wait,
    /// The reference behind the edge, for `langop graph --why`: "`spec.template.spec.serviceAccountName`",
    /// or "`spec.podSelector of NetworkPolicy/agents`" when the field is on the other side.
    pub why: String,
}
