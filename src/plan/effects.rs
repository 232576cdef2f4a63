//! What else happens because of a change: pods that restart.

use serde_json::Value;

use super::decide::Verdict;
use super::inputs::Desired;
use super::observed::{Observed, Preview};
use super::{Action, Reason};
use crate::diff::Diff;
use crate::object::{ObjectRef, labels};

/// "gateway of cluster `prod` restarts", when the change replaces the pods of a workload.
pub fn of(object: &ObjectRef, desired: &Desired, observed: &Observed, verdict: &Verdict) -> Option<String> {
    let restarts = match (verdict.action, observed) {
        (Action::Update, Observed::Live { live, next: Preview::Becomes { object: next, .. }, .. }) => {
            let template = |object: &Value| object.pointer("/spec/template").cloned().unwrap_or_default();
            object.group == "apps" && !Diff::between(&template(live), &template(next)).is_empty()
        }
        _ => false,
    };
    restarts.then(|| format!("{} restarts{}", name(object, desired), because(verdict, observed)))
}

fn name(object: &ObjectRef, desired: &Desired) -> String {
    let label =
        |key: &str| desired.object.pointer("/metadata/labels").and_then(|all| all.get(key)).and_then(Value::as_str);
    match (label(labels::KIND), label(labels::CLUSTER)) {
        (Some("gateway"), Some(cluster)) => format!("gateway of cluster `{cluster}`"),
        _ => object.to_string(),
    }
}

fn because(verdict: &Verdict, observed: &Observed) -> &'static str {
    let Observed::Live { live, next: Preview::Becomes { object: next, .. }, .. } = observed else { return "" };
    let annotation = |object: &Value, key: &str| {
        object.pointer("/spec/template/metadata/annotations").and_then(|all| all.get(key)).cloned()
    };
    let moved = |key: &str| match (annotation(live, key), annotation(next, key)) {
        (Some(before), Some(after)) => before != after,
        _ => false,
    };
    match (moved(labels::CREDENTIALS_HASH), moved(labels::CONFIG_HASH)) {
        (true, _) => ": credentials of its models changed since it started",
        (_, true) => ": its configuration changed",
        _ if matches!(verdict.reason, Reason::Drifted { .. }) => ": its pods were changed by someone else",
        _ => "",
    }
}
