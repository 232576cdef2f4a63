//! A mistake in a description: what, where, and what to do next. Decides nothing about what is a
//! mistake; [`render`] shows it to people, [`Diagnostic::finding`] to programs.

mod code;
mod excerpt;
mod files;
mod finding;
mod shown;

use std::borrow::Cow;

pub use code::Code;
pub use excerpt::render;
pub use files::{FileId, Files, Span};
pub use finding::{Finding, Related};

use crate::object::credential::masked;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The stack cannot be used.
    Error,
    /// The stack can be used, and something in it is probably not meant.
    Warning,
}

/// A place, and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment with backticks around literals.
    pub message: String,
    /// Where, when it is in a file.
    pub primary: Option<Label>,
    /// A second place that explains the first.
    pub secondary: Option<Label>,
    /// The next step.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), primary: None, secondary: None, hint: None }
    }

    /// A warning without a place yet.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.primary = Some(Label { span, text });
        self
    }

    /// Names a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.secondary = Some(Label { span, text });
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with a hint where there is one to give.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Takes out of its words what looks like a credential: keys and names are repeated in messages, and a slip of
    /// the finger makes one of a secret.
    pub(super) fn mask(&mut self) {
        let labels = self.primary.iter_mut().chain(&mut self.secondary).map(|label| &mut label.text);
        for text in labels.chain(&mut self.hint).chain([&mut self.message]) {
            if let Cow::Owned(masked) = masked(text) {
                *text = masked;
            }
        }
    }

    /// Whether it stops the stack.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The order in which diagnostics are shown: as in the files, those without a place first. Two of the
/// same code at the same place are one.
pub(super) fn arrange(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let place = |d: &Diagnostic| d.primary.as_ref().map(|label| label.span);
        (place(a), a.code, &a.message).cmp(&(place(b), b.code, &b.message))
    });
    diagnostics.dedup();
}
