//! Whether an object is the one that was shown before some of its values could be known. Pure.

use serde_json::Value;

use super::path::{Path, Segment};
use super::placeholder::KNOWN_AFTER_APPLY;

/// The first place at which `found` is not what was `shown`; none when it is. Where [`KNOWN_AFTER_APPLY`] was shown
/// anything may stand; what was known stays. Owner references do not count: an owner that is not made yet has none.
#[must_use]
pub fn disagreement(shown: &Value, found: &Value) -> Option<Path> {
    first(&without_owners(shown), &without_owners(found), &Path::root())
}

/// Whether two values are the same but for what could not be known.
#[must_use]
pub fn agrees(shown: &Value, found: &Value) -> bool {
    first(shown, found, &Path::root()).is_none()
}

fn without_owners(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("ownerReferences");
    }
    object
}

fn first(shown: &Value, found: &Value, at: &Path) -> Option<Path> {
    match (shown, found) {
        (Value::Object(shown), Value::Object(found)) => {
            let surplus = found.keys().find(|key| !shown.contains_key(*key)).map(|key| at.field(key));
            let none = Value::Null;
            let mut each = shown.iter().map(|(key, value)| (key, value, found.get(key).unwrap_or(&none)));
            each.find_map(|(key, shown, found)| first(shown, found, &at.field(key))).or(surplus)
        }
        (Value::Array(shown), Value::Array(found)) if shown.len() == found.len() => {
            let mut each = shown.iter().zip(found).enumerate();
            each.find_map(|(index, (shown, found))| first(shown, found, &at.join(Segment::Index(index))))
        }
        (Value::String(shown), Value::String(found)) if is_filled(shown, found) => None,
        (shown, found) if shown == found => None,
        _ => Some(at.clone()),
    }
}

/// Whether a text is another one with something in the place of each placeholder.
fn is_filled(shown: &str, found: &str) -> bool {
    let mut parts = shown.split(KNOWN_AFTER_APPLY);
    let Some(mut rest) = parts.next().and_then(|start| found.strip_prefix(start)) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(end) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(annotation: &str) -> Value {
        json!({"metadata": {"name": "x"}, "spec": {"containers": [{"args": ["a"], "note": annotation}]}})
    }

    #[test]
    fn what_was_not_known_may_be_anything_and_the_rest_stays() {
        let shown = pod("anthropic=(known after apply), openai=97c1, other=(known after apply)");
        assert_eq!(disagreement(&shown, &pod("anthropic=0f3a, openai=97c1, other=1")), None);
        for other in ["anthropic=0f3a, openai=0000, other=1", "anthropic=0f3a", "openai=97c1, other=1", ""] {
            let place = disagreement(&shown, &pod(other)).unwrap();
            assert_eq!(place.to_string(), "spec.containers[0].note", "{other}");
        }
        assert!(!agrees(&json!("known"), &json!("known too")));
    }

    #[test]
    fn a_field_more_or_less_is_another_object_and_an_owner_is_not() {
        let shown = json!({"metadata": {"name": "x"}, "a": [1, 2]});
        assert_eq!(
            disagreement(&shown, &json!({"metadata": {"name": "x", "ownerReferences": [1]}, "a": [1, 2]})),
            None
        );
        for (found, place) in [
            (json!({"metadata": {"name": "x"}, "a": [1, 2], "b": 1}), "b"),
            (json!({"metadata": {"name": "x"}}), "a"),
            (json!({"metadata": {"name": "x"}, "a": [1]}), "a"),
            (json!({"metadata": {"name": "x"}, "a": [1, 3]}), "a[1]"),
        ] {
            assert_eq!(disagreement(&shown, &found).unwrap().to_string(), place);
        }
    }
}
