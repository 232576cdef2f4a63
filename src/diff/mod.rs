//! What changes between two objects, path by path. Knows nothing of Kubernetes servers; secrets are
//! opaque before they get here, and made so again if they are not.

mod compare;
mod noise;
mod print;
mod secret;
mod text;
mod yaml;

pub use noise::without_noise;
pub use print::{Line, Sign, lines};
pub use yaml::{block, inline};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::Path;

/// Every path at which two objects differ, in order of path. An added or removed subtree is one entry.
///
/// Law: [`Diff::is_empty`] exactly when the objects, without noise, are equal by
/// [`crate::object::equality::equal`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Diff {
    entries: Vec<Entry>,
}

/// One path at which two objects differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Where. The position of a list item is that in the new list, or in the old one if it was removed.
    pub path: Path,
    /// How.
    pub delta: Delta,
}

/// How two objects differ at one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "op")]
#[non_exhaustive]
pub enum Delta {
    /// Only the new object has it.
    Added {
        /// What it has.
        after: Value,
    },
    /// Only the old object has it.
    Removed {
        /// What it had.
        before: Value,
    },
    /// Both have it, with other values.
    Modified {
        /// The old value.
        before: Value,
        /// The new value.
        after: Value,
    },
    /// Both have it, and it is a text of several lines.
    Text {
        /// A unified diff with three lines of context, without file names.
        unified: String,
    },
    /// The items of a list that keeps its order stand in another one.
    Reordered {
        /// Keys of the items that both lists have, in the old order.
        before: Vec<String>,
        /// The same keys in the new order.
        after: Vec<String>,
    },
}

impl Diff {
    /// The difference between what is and what would be, without [noise](without_noise). Null is
    /// "nothing there": from it to an object is one addition at the root.
    #[must_use]
    pub fn between(before: &Value, after: &Value) -> Self {
        let (before, after) = secret::opaque(without_noise(before), without_noise(after));
        Self { entries: compare::entries(&before, &after) }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What differs, in order of path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether anything at or below `path`, or the whole of something above it, differs.
    #[must_use]
    pub fn touches(&self, path: &Path) -> bool {
        self.entries.iter().any(|entry| entry.path.starts_with(path) || path.starts_with(&entry.path))
    }
}
