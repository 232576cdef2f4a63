//! Which holding of the lock wrote a record: its count, and the run. A writer whose count is lower than the record's has
//! lost the lock, whatever it believes (fencing).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::object::field::{number, text_map};

/// The count of the lock's holders when the record was written: `leaseTransitions` of its Lease.
const COUNT: &str = "langop.io/lock-transitions";
/// The run that held it, as in the Lease.
const RUN: &str = "langop.io/lock-run";

/// One holding of the lock of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    /// Grows with each holder.
    pub(super) count: i64,
    /// No other run has it.
    pub(super) run: Uuid,
}

impl Epoch {
    /// What a record says of who wrote it, for its annotations.
    pub(super) fn annotations(&self) -> Value {
        json!({COUNT: self.count.to_string(), RUN: self.run.to_string()})
    }
}

/// The count in a record; nought in one that was written without, as by older versions.
pub(super) fn count(record: &Value) -> i64 {
    in_annotations(&text_map(record, "/metadata/annotations")).unwrap_or(0)
}

/// The same, where only the annotations are at hand.
pub(super) fn in_annotations(annotations: &BTreeMap<String, String>) -> Option<i64> {
    annotations.get(COUNT)?.parse().ok()
}

/// The run that wrote a record, where it says so.
pub(super) fn run(record: &Value) -> Option<Uuid> {
    text_map(record, "/metadata/annotations").get(RUN)?.parse().ok()
}

/// The count of a Lease.
pub(super) fn of_lease(lease: &Value) -> i64 {
    number(lease, "/spec/leaseTransitions").unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_a_record_without_it_is_the_oldest() {
        let epoch = Epoch { count: 7, run: Uuid::nil() };
        let record = json!({"metadata": {"annotations": epoch.annotations()}});
        assert_eq!((count(&record), run(&record)), (7, Some(Uuid::nil())));
        for record in [json!({}), json!({"metadata": {"annotations": {COUNT: "x"}}})] {
            assert_eq!((count(&record), run(&record)), (0, None));
        }
    }
}
