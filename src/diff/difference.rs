//! All that differs between two objects: noise is left out before, secrets are made opaque.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::Entry;
use super::noise::without_noise;
use super::{compare, secret};

/// Every path at which two objects differ, in order of path. An added or removed subtree is one entry.
///
/// Law: [`Diff::is_empty`] exactly when the objects, without noise, are equal by
/// [`crate::object::equality::equal`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Diff {
    entries: Vec<Entry>,
}

impl Diff {
    /// The difference between what is and what would be, without [noise](without_noise). Null is
    /// "nothing there": from it to an object is one addition at the root.
    #[must_use]
    pub(crate) fn between(before: &Value, after: &Value) -> Self {
        let (before, after) = secret::opaque(without_noise(before), without_noise(after));
        Self { entries: compare::entries(&before, &after) }
    }

    /// A difference of these entries.
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// One path alone.
    #[must_use]
    pub(crate) fn of_one(entry: Entry) -> Self {
        Self::of(vec![entry])
    }

    /// What differs here and does not differ so there.
    #[must_use]
    pub(crate) fn except(&self, other: &Self) -> Self {
        Self::of(self.entries.iter().filter(|entry| !other.entries.contains(entry)).cloned().collect())
    }

    /// Whether nothing differs.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What differs, in order of path.
    #[must_use]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
