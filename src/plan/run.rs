//! Runs of a Job that cannot change: one that is over makes room for the next by itself, one that goes on does not.

use serde_json::Value;

use crate::object::field::text_map;
use crate::object::labels;
use crate::readiness::{self, State};

/// How far the live run of a Job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// It ended, or has not been let begin.
    Over,
    /// It goes on.
    GoesOn,
}

/// How far the live run is, when the description lets the object be replaced once it is over.
#[must_use]
pub(super) fn run(desired: &Value, live: &Value) -> Option<Run> {
    let annotations = text_map(desired, "/metadata/annotations");
    if annotations.get(labels::REPLACE).map(String::as_str) != Some(labels::REPLACE_FINISHED) {
        return None;
    }
    let state = readiness::assess_before_deletion(live).state;
    Some(if matches!(state, State::Current | State::Failed) { Run::Over } else { Run::GoesOn })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_over_when_it_completed_failed_or_was_never_let_begin() {
        let live = |kind: &str| {
            let conditions = json!([{"type": kind, "status": "True"}]);
            json!({"apiVersion": "batch/v1", "kind": "Job", "status": {"conditions": conditions}})
        };
        let desired = json!({"metadata": {"annotations": {"langop.io/replace": "finished"}}});
        for (kind, expected) in [
            ("Complete", Run::Over),
            ("Failed", Run::Over),
            ("Suspended", Run::Over),
            ("SuccessCriteriaMet", Run::GoesOn),
        ] {
            assert_eq!(run(&desired, &live(kind)), Some(expected), "{kind}");
        }
        assert_eq!(run(&json!({}), &live("Complete")), None, "nobody said so");
    }
}
