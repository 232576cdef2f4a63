//! Kubernetes equality: whether the API server would take two objects for the same. Knows the meaning of
//! fields by [`FieldPosition`], no schema and no defaults; in doubt, two things differ.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::field_position::FieldPosition;
use super::matching::{Matching, matching, scalar};
use super::quantity::Quantity;

/// Whether two whole objects are equal: `1Gi` is `1024Mi` where a quantity stands, `"80"` is `80` where a
/// number or a name stands, absent is null is an empty list, and an empty map where it means nothing;
/// lists with merge keys and sets have no order where Kubernetes gives it no meaning.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    equal_at(FieldPosition::root(), a, b)
}

/// The same for two values at a place of an object.
#[must_use]
pub fn equal_at(position: FieldPosition<'_>, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => maps(position, a, b),
        (Value::Array(a), Value::Array(b)) => lists(position, a, b),
        _ if is_absent(position, a) && is_absent(position, b) => true,
        _ => scalars(position, a, b),
    }
}

/// Whether a value says no more than its absence would.
#[must_use]
pub fn is_absent(position: FieldPosition<'_>, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => {
            position.is_meaningless_when_empty()
                && fields.iter().all(|(key, value)| is_absent(position.field(key), value))
        }
        _ => false,
    }
}

fn maps(position: FieldPosition<'_>, a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let of_b = |key: &str| b.get(key).unwrap_or(&Value::Null);
    a.iter().all(|(key, value)| equal_at(position.field(key), value, of_b(key)))
        && b.iter().filter(|(key, _)| !a.contains_key(*key)).all(|(key, value)| is_absent(position.field(key), value))
}

fn lists(position: FieldPosition<'_>, a: &[Value], b: &[Value]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match matching(position, a, b) {
        Matching::Keyed { before, after, ordered: false } => before.iter().zip(a).all(|(key, item)| {
            let other = after.iter().position(|other| other == key);
            other.is_some_and(|index| equal_at(position, item, &b[index]))
        }),
        Matching::Set => {
            let set = |items: &[Value]| items.iter().filter_map(scalar).collect::<BTreeSet<_>>();
            set(a) == set(b)
        }
        Matching::Keyed { .. } | Matching::Sequence => a.iter().zip(b).all(|(a, b)| equal_at(position, a, b)),
    }
}

fn scalars(position: FieldPosition<'_>, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    if let (Value::Number(a), Value::Number(b)) = (a, b) {
        return numbers(a, b);
    }
    if position.is_int_or_string() && scalar(a).is_some() && scalar(a) == scalar(b) {
        return true;
    }
    position.is_quantity() && Quantity::from_json(a).is_some() && Quantity::from_json(a) == Quantity::from_json(b)
}

/// `1` and `1.0` are one number in JSON.
fn numbers(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a == b,
        _ => a.as_f64() == b.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::object::arbitrary;

    #[test]
    fn equal_things_written_differently() {
        for (a, b) in [
            (
                json!({"spec": {"resources": {"limits": {"cpu": "1"}}}}),
                json!({"spec": {"resources": {"limits": {"cpu": "1000m"}}}}),
            ),
            (json!({"spec": {"hard": {"pods": 4}}}), json!({"spec": {"hard": {"pods": "4"}}})),
            (json!({"targetPort": 80}), json!({"targetPort": "80"})),
            (json!({"a": null, "args": []}), json!({})),
            (json!({"metadata": {"labels": {}}}), json!({})),
            (json!({"replicas": 1}), json!({"replicas": 1.0})),
            (
                json!({"containers": [{"name": "a"}, {"name": "b"}]}),
                json!({"containers": [{"name": "b"}, {"name": "a"}]}),
            ),
            (json!({"verbs": ["get", "list"]}), json!({"verbs": ["list", "get"]})),
            (
                json!({"ports": [{"port": 80, "protocol": "TCP"}]}),
                json!({"ports": [{"port": "80", "protocol": "TCP"}]}),
            ),
        ] {
            assert!(equal(&a, &b), "{a} {b}");
        }
    }

    #[test]
    fn different_things_that_look_alike() {
        for (a, b) in [
            (json!({"metadata": {"labels": {"cpu": "1"}}}), json!({"metadata": {"labels": {"cpu": "1000m"}}})),
            (json!({"data": {"port": "80"}}), json!({"data": {"port": 80}})),
            (json!({"env": [{"name": "A", "value": "1"}]}), json!({"env": [{"name": "A", "value": "1000m"}]})),
            (json!({"from": [{"namespaceSelector": {}}]}), json!({"from": [{}]})),
            (json!({"ingress": [{}]}), json!({"ingress": []})),
            (json!({"env": [{"name": "a"}, {"name": "b"}]}), json!({"env": [{"name": "b"}, {"name": "a"}]})),
            (json!({"args": ["a", "b"]}), json!({"args": ["b", "a"]})),
            (json!({"hostNetwork": false}), json!({})),
            (json!({"replicas": 0}), json!({})),
        ] {
            assert!(!equal(&a, &b), "{a} {b}");
            assert!(!equal(&b, &a), "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn a_thing_equals_itself(a in arbitrary::object()) {
            prop_assert!(equal(&a, &a));
        }

        #[test]
        fn equality_goes_both_ways(a in arbitrary::object(), b in arbitrary::object()) {
            prop_assert_eq!(equal(&a, &b), equal(&b, &a));
        }
    }
}
