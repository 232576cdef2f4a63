//! The user's configuration over the generated one: maps deeply, scalars replace, lists follow, and so does a text where
//! a list was generated. What replaced a generated list would switch off what is described: models, limits, fallbacks.

use serde_json::{Map, Value};

/// Lays `over` over `base`.
pub(super) fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(over)) => over.iter().for_each(|value| follow(base, value)),
        (Value::Array(base), over @ Value::String(_)) => follow(base, over),
        (base, over) => *base = over.clone(),
    }
}

/// Adds to a list what is not in it. Of two lists under one name, as fallbacks are written, `LiteLLM` would read the
/// first only: they become one.
fn follow(base: &mut Vec<Value>, value: &Value) {
    if let Some((name, more)) = named(value)
        && let Some(one) = base.iter_mut().find(|one| named(one).is_some_and(|(other, _)| other == name))
    {
        merge(&mut one[name], &Value::Array(more.clone()));
    } else if !base.contains(value) {
        base.push(value.clone());
    }
}

/// The one name in a map, and its list.
fn named(value: &Value) -> Option<(&String, &Vec<Value>)> {
    let single = value.as_object().filter(|map: &&Map<String, Value>| map.len() == 1)?;
    single.iter().next().and_then(|(name, list)| Some((name, list.as_array()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_lists_follow_and_all_else_replaces() {
        let mut base = json!({ "a": { "x": 1, "list": [1, 2] }, "b": true });
        merge(&mut base, &json!({ "a": { "list": [3, 2], "y": null }, "b": { "c": 1 } }));
        assert_eq!(base, json!({ "a": { "x": 1, "list": [1, 2, 3], "y": null }, "b": { "c": 1 } }));
        merge(&mut base, &json!({ "a": { "list": "one" } }));
        assert_eq!(base["a"]["list"], json!([1, 2, 3, "one"]));
    }

    #[test]
    fn lists_under_one_name_become_one() {
        let mut base = json!([{ "a": ["x"] }, { "b": ["y"] }]);
        merge(&mut base, &json!([{ "a": ["x", "z"] }, { "c": ["x"] }]));
        assert_eq!(base, json!([{ "a": ["x", "z"] }, { "b": ["y"] }, { "c": ["x"] }]));
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once(key in "[a-c]", other in "[a-c]", number in 0..9) {
            let over = json!({ key: { other: number } });
            let mut once = json!({ "a": { "b": [1] }, "b": 2, "c": [{ "a": [1] }] });
            merge(&mut once, &over);
            let mut twice = once.clone();
            merge(&mut twice, &over);
            prop_assert_eq!(once, twice);
        }
    }
}
