//! Which values of an object nobody may see, and which nobody knows yet: trees beside it, as Terraform has them.

use serde_json::{Map, Value};

use crate::object::{KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED};

/// An object and the trees beside it: `true` where something is so, nothing where it is not.
pub(super) struct Marks {
    /// Without what is not known; in a list, that is null.
    pub value: Value,
    pub unknown: Value,
    pub sensitive: Value,
}

/// The object with its marks. Secret values are opaque before they get here, and stay so.
#[must_use]
pub(super) fn marks(value: Value) -> Marks {
    match value {
        Value::Object(fields) => of_fields(fields),
        Value::Array(items) => of_items(items),
        Value::String(text) if text == KNOWN_AFTER_APPLY => plain(Value::Null, true, false),
        Value::String(text) if text == SENSITIVE || text == SENSITIVE_CHANGED => plain(text.into(), false, true),
        value => plain(value, false, false),
    }
}

fn plain(value: Value, unknown: bool, sensitive: bool) -> Marks {
    Marks { value, unknown: unknown.into(), sensitive: sensitive.into() }
}

fn of_fields(fields: Map<String, Value>) -> Marks {
    let (mut value, mut unknown, mut sensitive) = (Map::new(), Map::new(), Map::new());
    for (key, field) in fields {
        let marks = marks(field);
        keep(&mut unknown, &key, &marks.unknown);
        keep(&mut sensitive, &key, &marks.sensitive);
        if marks.unknown != Value::Bool(true) {
            value.insert(key, marks.value);
        }
    }
    Marks { value: value.into(), unknown: unknown.into(), sensitive: sensitive.into() }
}

/// Only what is so is in the tree, and what leads there.
fn keep(tree: &mut Map<String, Value>, key: &str, mark: &Value) {
    let says_nothing = match mark {
        Value::Bool(is_so) => !is_so,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => {
            items.iter().all(|item| *item == Value::Bool(false) || item.as_object().is_some_and(Map::is_empty))
        }
        _ => true,
    };
    if !says_nothing {
        tree.insert(key.to_owned(), mark.clone());
    }
}

fn of_items(items: Vec<Value>) -> Marks {
    let marked: Vec<_> = items.into_iter().map(marks).collect();
    Marks {
        unknown: marked.iter().map(|item| item.unknown.clone()).collect(),
        sensitive: marked.iter().map(|item| item.sensitive.clone()).collect(),
        value: marked.into_iter().map(|item| item.value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_has_only_what_is_so() {
        let object = json!({"a": SENSITIVE, "b": {"c": KNOWN_AFTER_APPLY, "d": 1}, "l": [1, {"x": SENSITIVE_CHANGED}], "m": [1]});
        let marks = marks(object);
        assert_eq!(marks.value, json!({"a": SENSITIVE, "b": {"d": 1}, "l": [1, {"x": SENSITIVE_CHANGED}], "m": [1]}));
        assert_eq!(marks.unknown, json!({"b": {"c": true}}));
        assert_eq!(marks.sensitive, json!({"a": true, "l": [false, {"x": true}]}));
    }
}
