//! A diagnostic for programs: places as file, line and column, ready to be serialised.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Diagnostic, Files, Label, Severity};

/// One mistake, as JSON output has it. Lines and columns count from 1, columns in characters; the end
/// is the place after the last character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Finding {
    /// Stable name of the mistake.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// A second place that explains the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Related>,
}

/// A range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// First line.
    pub line: usize,
    /// Column in the first line.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column in the last line.
    pub end_column: usize,
    /// What is to be seen there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// The second place of a finding.
pub type Related = Place;

impl Diagnostic {
    /// The same mistake for programs.
    #[must_use]
    pub fn finding(&self, files: &Files) -> Finding {
        Finding {
            code: self.code.name(),
            severity: self.severity,
            message: self.message.clone(),
            place: self.primary.as_ref().map(|label| place(label, files)),
            hint: self.hint.clone(),
            related: self.secondary.as_ref().map(|label| place(label, files)),
        }
    }
}

fn place(label: &Label, files: &Files) -> Place {
    let span = files.clamp(label.span);
    let (start, end) = (files.source(span), files.source_end(span));
    Place {
        file: start.file.into(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: label.text.clone(),
    }
}
