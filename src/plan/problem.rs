//! What is wrong with a plan, or worth a warning.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::observed::Claim;
use crate::object::{Address, ObjectRef, Source};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// The plan cannot be applied.
    Error,
    /// It can, but look here first.
    Warning,
}

/// One diagnostic of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub(crate) struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Stable code: `conflict`, `owned-by-other-stack`, …
    pub code: String,
    /// The object it is about.
    pub object: Option<ObjectRef>,
    /// What the user calls it.
    pub address: Option<Address>,
    /// Where the user wrote it.
    pub source: Option<Source>,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// The next command or edit.
    pub hint: Option<String>,
    /// Fields that others own with other values, for `conflict`: all of the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Claim>,
}

impl Problem {
    /// Whether the plan cannot be applied because of it.
    #[must_use]
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A problem of the whole plan.
    #[must_use]
    pub(crate) fn new(severity: Severity, code: &str, message: String) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            object: None,
            address: None,
            source: None,
            message,
            hint: None,
            conflicts: Vec::new(),
        }
    }

    /// Says which object it is about, what the user calls what refers to it, and where that is written.
    #[must_use]
    pub(crate) fn about(mut self, object: &ObjectRef, address: Option<Address>, source: Option<Source>) -> Self {
        self.object = Some(object.clone());
        self.address = address;
        self.source = source;
        self
    }

    /// Says which fields others own.
    #[must_use]
    pub(crate) fn with_conflicts(mut self, conflicts: Vec<Claim>) -> Self {
        self.conflicts = conflicts;
        self
    }

    /// Says what to do next.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }
}
