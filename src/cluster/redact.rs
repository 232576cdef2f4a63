//! Secret values leave an object before anything else sees it.

use serde_json::{Map, Value};

use crate::object::SENSITIVE;
use crate::object::field::text;

/// What stands for a value that differs between two versions of a Secret.
const CHANGED: &str = "(changed)";

/// Whether the object is a Secret.
fn is_secret(object: &Value) -> bool {
    text(object, "/kind") == Some("Secret") && text(object, "/apiVersion") == Some("v1")
}

/// Replaces every value of a Secret; leaves other objects alone. Also drops the annotation in which
/// `kubectl apply` keeps a copy of everything.
pub(super) fn one(object: &mut Value) {
    if !is_secret(object) {
        return;
    }
    for_each_value(object, |_, value| *value = SENSITIVE.into());
    drop_last_applied(object);
}

/// Replaces the values of the live Secret and of the one that would be, so that a difference still shows.
pub(super) fn pair(live: &mut Value, next: &mut Value) {
    if is_secret(next) {
        let before = data(live).cloned().unwrap_or_default();
        for_each_value(next, |key, value| {
            let same = before.get(key).is_none_or(|old| old == value);
            *value = if same { SENSITIVE.into() } else { CHANGED.into() };
        });
        drop_last_applied(next);
    }
    one(live);
}

fn data(object: &Value) -> Option<&Map<String, Value>> {
    object.get("data")?.as_object()
}

fn for_each_value(object: &mut Value, mut replace: impl FnMut(&str, &mut Value)) {
    for field in ["data", "stringData"] {
        let entries = object.get_mut(field).and_then(Value::as_object_mut).into_iter().flatten();
        for (key, value) in entries {
            replace(key, value);
        }
    }
}

fn drop_last_applied(object: &mut Value) {
    let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let Some(annotations) = annotations {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret(value: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "annotations":
            {"kubectl.kubernetes.io/last-applied-configuration": value}}, "data": {"key": value}})
    }

    #[test]
    fn no_value_of_a_secret_survives() {
        let mut object = secret("aHVudGVyMg==");
        one(&mut object);
        assert!(!object.to_string().contains("aHVudGVyMg=="), "{object}");
        assert_eq!(object["data"]["key"], SENSITIVE);
    }

    #[test]
    fn a_changed_value_shows_as_changed_and_as_nothing_else() {
        let (mut live, mut next) = (secret("b2xk"), secret("bmV3"));
        pair(&mut live, &mut next);
        assert_eq!((&live["data"]["key"], &next["data"]["key"]), (&json!(SENSITIVE), &json!(CHANGED)));
        assert!(!format!("{live}{next}").contains("bmV3"));
    }

    #[test]
    fn other_objects_are_left_alone() {
        let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "value"}});
        one(&mut object);
        assert_eq!(object["data"]["key"], "value");
    }
}
