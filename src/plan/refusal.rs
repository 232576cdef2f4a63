//! Why no action can be decided for an object.

use super::observed::Claim;

/// Why no action can be decided: code, message, hint.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The next command or edit.
    pub hint: Option<String>,
    /// Fields that others own.
    pub conflicts: Vec<Claim>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: &str) -> Self {
        Self::with(code, message, None)
    }

    /// What was found already, with its next step.
    pub(super) fn with(code: &'static str, message: &str, hint: Option<&str>) -> Self {
        Self { code, message: message.to_owned(), hint: hint.map(str::to_owned), conflicts: Vec::new() }
    }

    pub(super) fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }
}
