//! What moved away from what was applied, as problems for reports.

use std::collections::BTreeSet;

use super::human::drift::how;
use crate::ops::{DriftReport, DriftedObject};
use crate::plan::{Problem, Severity};

/// A problem for each object that moved, and for each of which that is not known.
#[must_use]
pub(crate) fn problems(report: &DriftReport) -> Vec<Problem> {
    let unknown = report.unknown.iter().map(|(object, because)| {
        Problem::new(Severity::Error, "drift-unknown", format!("whether it moved is not known: {because}"))
            .about(object, None, None)
    });
    report.drifted.iter().map(moved).chain(unknown).collect()
}

/// What is there in the place of what was applied, and who wrote it.
fn moved(drifted: &DriftedObject) -> Problem {
    let names: BTreeSet<&str> = drifted.writers.iter().flatten().map(|writer| writer.manager.as_str()).collect();
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let by = if names.is_empty() { String::new() } else { format!(", by {}", names.join(", ")) };
    let message = format!("{}{by}\n{}", how(drifted.kind), drifted.diff);
    Problem::new(Severity::Error, "drift", message.trim_end().to_owned()).about(
        &drifted.object,
        drifted.address.clone(),
        drifted.source.clone(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::Diff;
    use crate::object::{FieldWriter, ObjectRef};
    use crate::plan::DriftKind;

    #[test]
    fn what_moved_is_told_with_both_values_and_who_wrote_it() {
        let object = ObjectRef::namespaced("apps", "Deployment", "prod", "web");
        let replicas = |count: u8| json!({"spec": {"replicas": count}});
        let writer = FieldWriter { manager: "kubectl".into(), operation: "Update".into(), since: String::new() };
        let drifted = DriftedObject {
            object: object.clone(),
            address: None,
            source: None,
            kind: DriftKind::Changed,
            diff: Diff::between(&replicas(2), &replicas(5)),
            writers: vec![BTreeSet::from([writer])],
        };
        let report = DriftReport {
            stack: "s".to_owned(),
            recorded: 2,
            drifted: vec![drifted],
            described: Vec::new(),
            unknown: vec![(object, "no right".to_owned())],
            lacks_rights: true,
        };
        let messages: Vec<_> = problems(&report).into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            messages,
            [
                "from what was applied to what is there, by `kubectl`\n~ spec.replicas: 2 → 5",
                "whether it moved is not known: no right"
            ]
        );
    }
}
