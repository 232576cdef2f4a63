//! One path at which two objects differ, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::Path;

/// One path at which two objects differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Entry {
    /// Where they differ. The position of a list item is that in the new list, or in the old one if it was removed.
    #[schemars(with = "String")]
    pub path: Path,
    /// What happened there.
    pub delta: Delta,
}

/// How two objects differ at one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "op")]
#[non_exhaustive]
pub(crate) enum Delta {
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
