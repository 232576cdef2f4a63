//! Who moved a live object away from its description, by `metadata.managedFields`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::{FIELD_MANAGER, ManagedFields, Meta};

/// Managers other than langop that own a field which the apply would change back; empty when nobody owns
/// it, as after a removal.
#[must_use]
pub(super) fn movers(meta: &Meta, live: &Value, next: &Value) -> Vec<String> {
    let paths = changed(live, next);
    let moved = |entry: &&ManagedFields| {
        entry.manager != FIELD_MANAGER
            && entry.subresource != "status"
            && paths.iter().any(|path| owns(&entry.fields, path))
    };
    let movers: BTreeSet<_> = meta.managed_fields.iter().filter(moved).map(|entry| entry.manager.clone()).collect();
    movers.into_iter().collect()
}

/// Paths of maps at whose ends two objects differ. Lists are not entered: `fieldsV1` keys their items by
/// merge keys, which only the schema knows.
fn changed(live: &Value, next: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    walk(live, next, &mut Vec::new(), &mut paths);
    paths
}

fn walk(live: &Value, next: &Value, at: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let (Value::Object(a), Value::Object(b)) = (live, next) else {
        if live != next {
            paths.push(at.clone());
        }
        return;
    };
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for key in keys {
        if at.is_empty() && (key == "status") || at == &["metadata"] && key != "labels" && key != "annotations" {
            continue;
        }
        at.push(key.clone());
        walk(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), at, paths);
        at.pop();
    }
}

/// Whether a `FieldsV1` set has the path or something below it.
fn owns(fields: &Value, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    fields.get(format!("f:{first}")).is_some_and(|below| owns(below, rest))
}
