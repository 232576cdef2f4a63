//! Reads a field of an object that may not be there, or be of another type than it should. The one reader of
//! JSON fields: every layer uses it. A pointer is a JSON Pointer (RFC 6901): `/spec/replicas`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The field at a pointer. As [`Value::pointer`], which makes two strings of each key on the way.
pub(crate) fn at<'a>(object: &'a Value, pointer: &str) -> Option<&'a Value> {
    if pointer.is_empty() {
        return Some(object);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(object, |at, key| match at {
        Value::Object(fields) if key.contains('~') => fields.get(&unescape(key)),
        Value::Object(fields) => fields.get(key),
        Value::Array(_) => at.pointer(&format!("/{key}")),
        _ => None,
    })
}

/// A string.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    at(object, pointer)?.as_str()
}

/// A string of one's own.
pub(crate) fn owned(object: &Value, pointer: &str) -> Option<String> {
    text(object, pointer).map(str::to_owned)
}

/// A string of one's own, empty when absent.
pub(crate) fn owned_or_empty(object: &Value, pointer: &str) -> String {
    owned(object, pointer).unwrap_or_default()
}

/// A string or a number, as text.
pub(crate) fn scalar(object: &Value, pointer: &str) -> Option<String> {
    match at(object, pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An integer, also when somebody wrote it as a string.
pub(crate) fn number(object: &Value, pointer: &str) -> Option<i64> {
    let value = at(object, pointer)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A count: absent is nought, as the API server writes it.
pub(crate) fn count(object: &Value, pointer: &str) -> i64 {
    number(object, pointer).unwrap_or(0)
}

/// A switch.
pub(crate) fn flag(object: &Value, pointer: &str) -> Option<bool> {
    at(object, pointer)?.as_bool()
}

/// A list, empty when absent.
pub(crate) fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    at(object, pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A list of strings.
pub(crate) fn names<'a>(object: &'a Value, pointer: &str) -> Vec<&'a str> {
    items(object, pointer).iter().filter_map(Value::as_str).collect()
}

/// A map, none when absent.
pub(crate) fn map<'a>(object: &'a Value, pointer: &str) -> Option<&'a Map<String, Value>> {
    at(object, pointer)?.as_object()
}

/// A map of strings, such as labels; empty when absent.
pub(crate) fn text_map(object: &Value, pointer: &str) -> BTreeMap<String, String> {
    let pairs = map(object, pointer).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// One key as a token of a JSON Pointer: `langop.io/hash` is `langop.io~1hash`.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The keys of a JSON Pointer.
pub(crate) fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(unescape)
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_of_another_type_is_as_if_it_were_not_there() {
        let object =
            json!({"a": {"text": "t", "number": "3", "flag": true, "list": ["x", 1], "map": {"k": "v", "n": 1}}});
        assert_eq!((text(&object, "/a/text"), text(&object, "/a/flag")), (Some("t"), None));
        assert_eq!((number(&object, "/a/number"), count(&object, "/a/text")), (Some(3), 0));
        assert_eq!((flag(&object, "/a/flag"), flag(&object, "/a/text")), (Some(true), None));
        assert_eq!((items(&object, "/a/list").len(), items(&object, "/b").len()), (2, 0));
        assert_eq!(names(&object, "/a/list"), ["x"]);
        assert_eq!(text_map(&object, "/a/map"), BTreeMap::from([("k".to_owned(), "v".to_owned())]));
    }

    #[test]
    fn a_field_is_found_where_json_pointers_find_it() {
        let object = json!({"a": {"b": [{"c": 1}, 2], "": 3, "x/y": {"~": 4}}, "": 5});
        for pointer in [
            "",
            "/",
            "a",
            "/a",
            "/a/b/0/c",
            "/a/b/00/c",
            "/a/b/1",
            "/a/b/2",
            "/a/b/x",
            "/a/",
            "/a/x~1y/~0",
            "/a/b/0/c/d",
        ] {
            assert_eq!(at(&object, pointer), object.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn keys_with_slashes_and_tildes_are_tokens_and_back() {
        let key = "langop.io/a~b";
        assert_eq!(tokens(&format!("/x/{}", escape(key))).collect::<Vec<_>>(), ["x", key]);
    }
}
