//! The user's configuration over the generated one: maps deeply, scalars and lists replace.

use serde_json::Value;

/// Lays `over` over `base`.
pub(super) fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_and_all_else_replaces() {
        let mut base = json!({ "a": { "x": 1, "list": [1, 2] }, "b": true });
        merge(&mut base, &json!({ "a": { "list": [3], "y": null }, "b": { "c": 1 } }));
        assert_eq!(base, json!({ "a": { "x": 1, "list": [3], "y": null }, "b": { "c": 1 } }));
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once(key in "[a-c]", other in "[a-c]", number in 0..9) {
            let over = json!({ key: { other: number } });
            let mut once = json!({ "a": { "b": [1] }, "b": 2 });
            merge(&mut once, &over);
            let mut twice = once.clone();
            merge(&mut twice, &over);
            prop_assert_eq!(once, twice);
        }
    }
}
