//! What of a stack is not made on this target, since it has no kind for it. Asks no server.

use crate::render::{Needs, Target};

/// A line for each such kind.
#[must_use]
pub(crate) fn left_out(needs: &Needs, target: &Target) -> Vec<String> {
    let missing = needs.optional_kinds.keys().filter(|kind| !target.optional_kinds.contains(*kind));
    let line = |kind: &crate::object::GroupKind| {
        format!(
            "`{}` of gateways' metrics is left out: this target has no such kind of `{}`, or this identity may not \
             know; a plan makes it when it is there",
            kind.kind, kind.group
        )
    };
    missing.map(line).collect()
}
