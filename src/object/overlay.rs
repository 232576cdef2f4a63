//! A guess at what a server-side apply would make of an object, for when the server may not be asked.

use serde_json::Value;

use super::field_position::FieldPosition;
use super::matching::{Matching, matching};

/// `desired` laid over `live`: maps merge, lists of named items merge by name, all else is replaced. What
/// desired does not mention stays.
#[must_use]
pub fn overlay(live: &Value, desired: &Value) -> Value {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => {
            let mut merged = live.clone();
            for (key, value) in desired {
                let next = overlay(live.get(key).unwrap_or(&Value::Null), value);
                merged.insert(key.clone(), next);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(desired)) if named(live) && named(desired) => {
            let old = |item: &Value| live.iter().find(|old| old.get("name") == item.get("name"));
            Value::Array(desired.iter().map(|item| overlay(old(item).unwrap_or(&Value::Null), item)).collect())
        }
        _ => desired.clone(),
    }
}

/// The same as server-side apply merges: items of `live` that `desired` lacks stay in lists with keys.
#[must_use]
pub fn united(live: &Value, desired: &Value) -> Value {
    united_at(FieldPosition::root(), live, desired)
}

fn united_at(position: FieldPosition<'_>, live: &Value, desired: &Value) -> Value {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => {
            let mut merged = live.clone();
            for (key, value) in desired {
                let next = united_at(position.field(key), live.get(key).unwrap_or(&Value::Null), value);
                merged.insert(key.clone(), next);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(desired)) => match matching(position, live, desired) {
            Matching::Keyed { before, after, .. } => {
                let wanted = |key: &String| after.iter().position(|other| other == key).map(|index| &desired[index]);
                let kept = before.iter().zip(live).map(|(key, item)| {
                    wanted(key).map_or_else(|| item.clone(), |wanted| united_at(position, item, wanted))
                });
                let new = after.iter().zip(desired).filter(|(key, _)| !before.contains(key));
                Value::Array(kept.chain(new.map(|(_, item)| item.clone())).collect())
            }
            Matching::Set | Matching::Sequence => Value::Array(desired.clone()),
        },
        _ => desired.clone(),
    }
}

fn named(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get("name").is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_desired_does_not_mention_stays() {
        let live = json!({"spec": {"replicas": 3, "containers": [{"name": "a", "image": "x", "port": 1}]}});
        let desired = json!({"spec": {"containers": [{"name": "a", "image": "y"}]}});
        let expected = json!({"spec": {"replicas": 3, "containers": [{"name": "a", "image": "y", "port": 1}]}});
        assert_eq!(overlay(&live, &desired), expected);
    }

    #[test]
    fn items_with_keys_are_united() {
        let live = json!({"ports": [{"port": 80, "nodePort": 30001}, {"port": 81}], "args": ["a"]});
        let desired = json!({"ports": [{"port": 82, "name": "new"}, {"port": 80, "name": "http"}], "args": ["b"]});
        let expected = json!({"ports": [{"port": 80, "nodePort": 30001, "name": "http"}, {"port": 81}, {"port": 82, "name": "new"}], "args": ["b"]});
        assert_eq!(united(&live, &desired), expected);
    }

    #[test]
    fn lists_without_names_are_replaced() {
        assert_eq!(overlay(&json!([1, 2]), &json!([3])), json!([3]));
    }
}
