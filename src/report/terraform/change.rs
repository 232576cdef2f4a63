//! One object of a plan as a resource of Terraform.

use serde::Serialize;
use serde_json::{Value, json};

use super::marks::{Marks, marks};
use super::sides::{after, before};
use crate::object::{Address, Path, Segment};
use crate::plan::{Action, Change as Planned, Reason};

/// An entry of `resource_changes`.
#[derive(Debug, Serialize)]
pub(super) struct ResourceChange {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<String>,
    mode: &'static str,
    /// Kind and group, as `kubectl` writes them: `Deployment.apps`.
    r#type: String,
    name: String,
    provider_name: &'static str,
    change: Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
}

/// What is done. `after_unknown`, `before_sensitive` and `after_sensitive` are trees of the places that are.
#[derive(Debug, Serialize)]
struct Change {
    actions: &'static [&'static str],
    before: Value,
    after: Value,
    after_unknown: Value,
    before_sensitive: Value,
    after_sensitive: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Value>,
}

impl ResourceChange {
    /// The entry of an object.
    pub(super) fn of(planned: &Planned) -> Self {
        let Planned { object, .. } = planned;
        let after = after(planned);
        let before = marks(before(planned, &after));
        let after = marks(after);
        Self {
            address: Address::object(object).to_string(),
            previous_address: planned.moved_from.as_ref().map(Address::to_string),
            mode: "managed",
            r#type: object.group_kind().to_string(),
            name: object.name.to_string(),
            provider_name: "kubernetes",
            change: change(planned, before, after),
            action_reason: action_reason(planned),
        }
    }
}

fn change(planned: &Planned, before: Marks, after: Marks) -> Change {
    Change {
        actions: actions(planned.action),
        before: before.value,
        after: after.value,
        after_unknown: after.unknown,
        before_sensitive: before.sensitive,
        after_sensitive: after.sensitive,
        replace_paths: replace_paths(planned),
    }
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace => &["delete", "create"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

fn action_reason(planned: &Planned) -> Option<&'static str> {
    match (planned.action, &planned.reason) {
        (Action::Replace, Reason::Immutable { .. }) => Some("replace_because_cannot_update"),
        (Action::Replace, _) => Some("replace_by_request"),
        (Action::Delete, Reason::Removed) => Some("delete_because_no_resource_config"),
        _ => None,
    }
}

/// The fields that cannot change in place, each as the steps that lead to it.
fn replace_paths(planned: &Planned) -> Vec<Value> {
    let Reason::Immutable { fields } = &planned.reason else { return Vec::new() };
    let steps = |field: &String| match field.parse::<Path>() {
        Ok(path) => path.segments().iter().map(step).collect(),
        Err(_) => json!([field]),
    };
    fields.iter().map(steps).collect()
}

fn step(segment: &Segment) -> Value {
    match segment {
        Segment::Key(key) | Segment::Item(key) => json!(key),
        Segment::Index(index) => json!(index),
    }
}
