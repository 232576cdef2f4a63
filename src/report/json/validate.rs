//! `validate --json`: one document with every error and warning of a description.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::FORMAT_VERSION;
use crate::plan::Problem;
use crate::stack::diagnostic::Finding;
use crate::stack::{Invalid, Loaded};

/// What is wrong with a description.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ValidationDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Whether the description can be used: no finding and no problem is an error.
    pub valid: bool,
    /// The stack, of a valid description.
    pub stack: Option<&'a str>,
    /// Errors and warnings, in the order of the files.
    pub findings: Vec<Finding>,
    /// What is wrong beyond the files: policies that the stack carries along and that open what its clusters close, rules
    /// that are about nothing or ask for what cannot be.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub problems: &'a [Problem],
}

/// The document of a description that was read.
#[must_use]
pub(crate) fn validation<'a>(read: Result<&'a Loaded, &'a Invalid>, problems: &'a [Problem]) -> ValidationDocument<'a> {
    let (diagnostics, files) = match read {
        Ok(loaded) => (&loaded.warnings, &loaded.files),
        Err(invalid) => (&invalid.diagnostics, &invalid.files),
    };
    ValidationDocument {
        format_version: FORMAT_VERSION,
        valid: read.is_ok() && !problems.iter().any(Problem::is_error),
        stack: read.ok().map(|loaded| loaded.stack.name.as_str()),
        findings: diagnostics.iter().map(|diagnostic| diagnostic.finding(files)).collect(),
        problems,
    }
}

/// The documents of several environments.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct ValidationsDocument {
    /// Version of this document.
    pub format_version: &'static str,
    /// How the command ends: the worst of all.
    pub exit_code: u8,
    /// The document of each, by name.
    pub environments: BTreeMap<String, Value>,
}

/// The document of several environments, each with its own.
#[must_use]
pub(crate) fn validations(exit_code: u8, environments: BTreeMap<String, Value>) -> ValidationsDocument {
    ValidationsDocument { format_version: FORMAT_VERSION, exit_code, environments }
}
