//! What is wrong with a plan, or worth a warning.

use serde::{Deserialize, Serialize};

use crate::object::{Address, ObjectRef, Source};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The plan cannot be applied.
    Error,
    /// It can, but look here first.
    Warning,
}

/// One diagnostic of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
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
}

impl Problem {
    /// A Secret that pods of the plan cannot start without, and that is neither there nor made by the plan.
    #[must_use]
    pub fn missing_secret(secret: &ObjectRef, severity: Severity) -> Self {
        Self {
            severity,
            code: "missing-secret".to_owned(),
            object: Some(secret.clone()),
            address: None,
            source: None,
            message: "a model refers to it and it does not exist; the gateway cannot start without it".to_owned(),
            hint: Some(format!("make it, or describe it: `[secrets.{}]`", secret.name)),
        }
    }
}
