//! One entry of `status.conditions`. One that speaks of an older generation does not count: kstatus takes it
//! at its word.

use serde_json::Value;

use crate::object::field::{items, number, text};

/// A condition of an object.
pub(super) struct Condition<'a> {
    value: &'a Value,
}

impl<'a> Condition<'a> {
    /// The condition of this type, unless it speaks of an older generation.
    pub(super) fn find(object: &'a Value, kind: &str) -> Option<Self> {
        let generation = number(object, "/metadata/generation");
        items(object, "/status/conditions")
            .iter()
            .map(|value| Self { value })
            .filter(|condition| text(condition.value, "/type") == Some(kind))
            .find(|condition| {
                let old = condition.observed_generation().zip(generation);
                old.is_none_or(|(observed, generation)| observed >= generation)
            })
    }

    pub(super) fn observed_generation(&self) -> Option<i64> {
        number(self.value, "/observedGeneration")
    }

    pub(super) fn is_true(&self) -> bool {
        self.status() == "True"
    }

    pub(super) fn is_false(&self) -> bool {
        self.status() == "False"
    }

    fn status(&self) -> &'a str {
        text(self.value, "/status").unwrap_or_default()
    }

    pub(super) fn reason(&self) -> &'a str {
        text(self.value, "/reason").unwrap_or_default()
    }

    pub(super) fn message(&self) -> &'a str {
        text(self.value, "/message").unwrap_or_default().trim()
    }

    /// Message and reason, or the type when it has neither.
    pub(super) fn words(&self) -> String {
        let kind = text(self.value, "/type").unwrap_or_default();
        match (self.reason(), self.message()) {
            ("", "") => format!("condition `{kind}` is {}", self.status()),
            ("", message) => message.to_owned(),
            (reason, "") => reason.to_owned(),
            (reason, message) => format!("{reason}: {message}"),
        }
    }
}
