//! Taking over what other tools wrote: whose fields are taken, and what of an object goes because the description leaves
//! it out. Works on the sets of `metadata.managedFields` (`FieldsV1`, structured-merge-diff), as client-go's `csaupgrade`
//! does. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::meta::ManagedFields;
use super::names::FIELD_MANAGER;

/// Whether a manager is a tool with which people write objects. Controllers go on owning what they keep.
#[must_use]
pub fn is_tool(manager: &str) -> bool {
    manager == "kubectl" || manager.starts_with("kubectl-") || matches!(manager, "helm" | "Helm" | "before-first-apply")
}

/// Whether fields of a manager are taken over: a tool's, or that of one that is named.
#[must_use]
pub fn is_taken_from(manager: &str, named: &BTreeSet<String>) -> bool {
    is_tool(manager) || named.contains(manager)
}

/// Whether an entry is taken over: of such a manager, about the object itself.
#[must_use]
pub fn is_taken(entry: &ManagedFields, named: &BTreeSet<String>) -> bool {
    entry.subresource.is_empty() && is_taken_from(&entry.manager, named)
}

/// The object without what only the taken managers own and `desired` does not have: what the first apply after the
/// takeover makes of it. `named` are managers that are taken over beside tools.
#[must_use]
pub fn without_left_out(object: &Value, desired: &Value, entries: &[ManagedFields], named: &BTreeSet<String>) -> Value {
    let (mut taken, mut others) = (json!({}), json!({}));
    for entry in entries {
        let set = if is_taken(entry, named) || is_own(entry) { &mut taken } else { &mut others };
        unite(set, &entry.fields);
    }
    pruned(object, Some(desired), &Sets { taken: &taken, others: &others })
}

/// The object without what only langop applied and `desired` does not have: what an apply takes away where nothing is taken
/// over.
#[must_use]
pub fn without_own_left_out(object: &Value, desired: &Value, entries: &[ManagedFields]) -> Value {
    let (mut own, mut others) = (json!({}), json!({}));
    for entry in entries {
        unite(if is_own(entry) { &mut own } else { &mut others }, &entry.fields);
    }
    pruned(object, Some(desired), &Sets { taken: &own, others: &others })
}

fn is_own(entry: &ManagedFields) -> bool {
    entry.subresource.is_empty() && entry.manager == FIELD_MANAGER && entry.operation == "Apply"
}

/// Adds the fields of one set to another.
pub fn unite(into: &mut Value, from: &Value) {
    let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) else { return };
    for (key, below) in from {
        unite(into.entry(key.clone()).or_insert_with(|| json!({})), below);
    }
}

/// Who owns what below one place.
#[derive(Clone, Copy)]
struct Sets<'a> {
    taken: &'a Value,
    others: &'a Value,
}

impl Sets<'_> {
    fn below(self, step: &str) -> Option<Self> {
        let taken = self.taken.get(step)?;
        Some(Self { taken, others: self.others.get(step).unwrap_or(&Value::Null) })
    }

    /// Whether nobody else owns anything here.
    fn alone(self) -> bool {
        self.others.is_null()
    }
}

fn pruned(object: &Value, desired: Option<&Value>, sets: &Sets<'_>) -> Value {
    match object {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(key, value)| {
                let wanted = desired.and_then(|desired| desired.get(key));
                Some((key.clone(), child(value, wanted, sets.below(&format!("f:{key}")))?))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let kept = items.iter().filter_map(|item| {
                let Some(step) = step(sets.taken, item) else { return Some(item.clone()) };
                let wanted = desired.and_then(Value::as_array).into_iter().flatten();
                let wanted = wanted.into_iter().find(|wanted| is_at(&step, wanted));
                child(item, wanted, sets.below(&step))
            });
            Value::Array(kept.collect())
        }
        other => other.clone(),
    }
}

/// What stays of a field or an item; none when it goes.
fn child(value: &Value, desired: Option<&Value>, sets: Option<Sets<'_>>) -> Option<Value> {
    match sets {
        // Nobody whose fields are taken has it.
        None => Some(value.clone()),
        Some(sets) if desired.is_none() && sets.alone() => None,
        Some(sets) => Some(pruned(value, desired, &sets)),
    }
}

/// The step of a set that leads to this item: `k:{"name":"web"}` or `v:"web"`.
#[must_use]
pub fn step(set: &Value, item: &Value) -> Option<String> {
    let steps = set.as_object()?.keys();
    steps.into_iter().find(|step| is_at(step, item)).cloned()
}

/// Whether an item is the one that a step names. Keys that the server fills in may be missing.
pub(super) fn is_at(step: &str, item: &Value) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    if let Some(value) = step.strip_prefix("v:") {
        return parsed(value) == *item;
    }
    let Some(keys) = step.strip_prefix("k:").map(parsed) else { return false };
    let mut keys = keys.as_object().into_iter().flatten();
    keys.all(|(key, value)| match item.get(key) {
        Some(found) => found == value,
        None => key == "protocol" && value == "TCP",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, fields: Value) -> ManagedFields {
        ManagedFields {
            manager: manager.to_owned(),
            operation: operation.to_owned(),
            subresource: String::new(),
            time: String::new(),
            fields: fields.into(),
        }
    }

    #[test]
    fn what_a_tool_wrote_and_the_description_leaves_out_goes() {
        let live = json!({"data": {"key": "value", "legacy": "unused", "kept": "by a controller"}});
        let set = json!({"f:data": {".": {}, "f:key": {}, "f:legacy": {}}});
        let theirs = json!({"f:data": {"f:kept": {}}});
        let entries = [entry("kubectl-client-side-apply", "Update", set), entry("controller", "Update", theirs)];
        let next = without_left_out(&live, &json!({"data": {"key": "value"}}), &entries, &BTreeSet::new());
        assert_eq!(next, json!({"data": {"key": "value", "kept": "by a controller"}}));
        let named = BTreeSet::from(["controller".to_owned()]);
        let next = without_left_out(&live, &json!({"data": {"key": "value"}}), &entries, &named);
        assert_eq!(next, json!({"data": {"key": "value"}}), "a manager that is named");
    }

    #[test]
    fn what_langop_applied_and_the_description_leaves_out_goes_and_no_tool_loses_anything() {
        let live = json!({"data": {"key": "value", "old": "ours", "shared": "both", "theirs": "a tool's"}});
        let ours = json!({"f:data": {"f:key": {}, "f:old": {}, "f:shared": {}}});
        let theirs = json!({"f:data": {".": {}, "f:shared": {}, "f:theirs": {}}});
        let entries = [entry("langop", "Apply", ours), entry("kubectl-edit", "Update", theirs)];
        let next = without_own_left_out(&live, &json!({"data": {"key": "value"}}), &entries);
        assert_eq!(next, json!({"data": {"key": "value", "shared": "both", "theirs": "a tool's"}}));
    }

    #[test]
    fn items_of_lists_go_by_their_keys() {
        let live = json!({"containers": [
            {"name": "a", "env": [{"name": "OLD", "value": "1"}, {"name": "KEEP", "value": "1"}], "ports": [{"containerPort": 80, "protocol": "TCP"}]},
            {"name": "side", "image": "busybox", "imagePullPolicy": "Always"},
        ], "finalizers": ["ours", "theirs"]});
        let env = json!({"k:{\"name\":\"OLD\"}": {".": {}, "f:name": {}, "f:value": {}}, "k:{\"name\":\"KEEP\"}": {".": {}, "f:name": {}, "f:value": {}}});
        let ports = json!({"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}});
        let set = json!({
            "f:containers": {
                "k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:env": env, "f:ports": ports},
                "k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}},
            },
            "f:finalizers": {"v:\"theirs\"": {}},
        });
        let desired = json!({"containers": [{"name": "a", "env": [{"name": "KEEP", "value": "1"}], "ports": [{"containerPort": 80}]}], "finalizers": []});
        let next = without_left_out(&live, &desired, &[entry("helm", "Update", set)], &BTreeSet::new());
        let expected = json!({"containers": [
            {"name": "a", "env": [{"name": "KEEP", "value": "1"}], "ports": [{"containerPort": 80, "protocol": "TCP"}]},
        ], "finalizers": ["ours"]});
        assert_eq!(next, expected);
    }

    #[test]
    fn controllers_and_subresources_are_left_alone() {
        assert!(["kubectl-edit", "kubectl", "helm", "before-first-apply"].into_iter().all(is_tool));
        assert!(!["kube-controller-manager", "argocd", "langop", "kubectlx"].into_iter().any(is_tool));
        let scale = ManagedFields { subresource: "scale".to_owned(), ..entry("kubectl-scale", "Update", json!({})) };
        assert!(!is_taken(&scale, &BTreeSet::new()));
    }
}
