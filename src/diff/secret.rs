//! Values of Secrets that were not made opaque earlier are made so here, before a plan is shown or saved.

use serde_json::{Map, Value};

use crate::object::field::text;
use crate::object::{KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED};

/// Both objects, with the values of Secrets replaced. A value that differs reads [`SENSITIVE_CHANGED`] in
/// the second object.
pub(super) fn opaque(mut before: Value, mut after: Value) -> (Value, Value) {
    for part in ["data", "stringData"] {
        let old = values(&before, part).cloned().unwrap_or_default();
        if let Some(values) = values_mut(&mut after, part) {
            for (key, value) in values {
                let changed = old.get(key).is_some_and(|old| old != value);
                hide(value, if changed { SENSITIVE_CHANGED } else { SENSITIVE });
            }
        }
        for value in values_mut(&mut before, part).into_iter().flat_map(Map::values_mut) {
            hide(value, SENSITIVE);
        }
    }
    (before, after)
}

fn is_secret(object: &Value) -> bool {
    text(object, "/kind") == Some("Secret") && matches!(text(object, "/apiVersion"), None | Some("v1"))
}

fn values<'a>(object: &'a Value, part: &str) -> Option<&'a Map<String, Value>> {
    if is_secret(object) { object.get(part)?.as_object() } else { None }
}

fn values_mut<'a>(object: &'a mut Value, part: &str) -> Option<&'a mut Map<String, Value>> {
    if is_secret(object) { object.get_mut(part)?.as_object_mut() } else { None }
}

fn hide(value: &mut Value, mark: &str) {
    let opaque = [SENSITIVE, SENSITIVE_CHANGED, KNOWN_AFTER_APPLY];
    if !value.as_str().is_some_and(|text| opaque.contains(&text)) {
        *value = Value::String(mark.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diff::Diff;

    #[test]
    fn no_value_of_a_secret_gets_into_a_diff() {
        let secret = |a: &str, b: &str| json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": a, "b": b}, "stringData": {"c": a}});
        let diff = Diff::between(&secret("aHVzaA==", "c2FtZQ=="), &secret("cXVpZXQ=", "c2FtZQ=="));
        let text = serde_json::to_string(&diff).unwrap();
        for value in ["aHVzaA==", "cXVpZXQ=", "c2FtZQ=="] {
            assert!(!text.contains(value), "{text}");
        }
        let shown: Vec<String> = diff.to_string().lines().map(str::to_owned).collect();
        assert_eq!(shown, ["~ data.a: (sensitive) → (changed)", "~ stringData.c: (sensitive) → (changed)",]);
    }

    #[test]
    fn what_is_opaque_already_stays_as_it_is() {
        let secret = |text: &str| json!({"kind": "Secret", "data": {"a": text}});
        let diff = Diff::between(&secret("(sensitive)"), &secret("(sensitive)"));
        assert!(diff.is_empty());
        let diff = Diff::between(&secret("(sensitive)"), &secret("(changed)"));
        assert_eq!(diff.entries().len(), 1);
    }
}
