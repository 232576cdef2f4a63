//! A guess at what a server-side apply would make of an object, for when the server may not be asked.

use serde_json::Value;

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
    fn lists_without_names_are_replaced() {
        assert_eq!(overlay(&json!([1, 2]), &json!([3])), json!([3]));
    }
}
