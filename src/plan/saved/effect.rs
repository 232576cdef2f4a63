//! What a change does, as far as an approval is about it: the action, and each field with its value before and after.

use serde_json::{Value, json};

use crate::object::{agrees, digest};
use crate::plan::{Change, Reason};

/// The digest of what a change does.
#[must_use]
pub(super) fn digest_of(change: &Change) -> String {
    digest::of_document(&effect(change))
}

/// Whether two changes do the same. What the first showed as known after apply may be known to the second.
#[must_use]
pub(super) fn is_same(approved: &Change, now: &Change) -> bool {
    agrees(&effect(approved), &effect(now))
}

/// Without credentials: a saved plan has none, and what is compared with it must not have any.
fn effect(change: &Change) -> Value {
    json!({
        "action": change.action,
        "adopts": change.reason == Reason::Adopt,
        "takes": change.takes,
        "diff": change.diff.without_credentials(),
    })
}
