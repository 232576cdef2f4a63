//! Random objects for property tests: small, and made of the fields that rules are about.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

const FIELDS: [&str; 18] = [
    "name",
    "spec",
    "labels",
    "containers",
    "ports",
    "port",
    "protocol",
    "cpu",
    "limits",
    "resources",
    "env",
    "args",
    "verbs",
    "a.b/c",
    "text",
    "emptyDir",
    "type",
    "data",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0..3_i64).prop_map(|number| json!(number)),
        prop_oneof![
            Just("a"),
            Just("b"),
            Just("1"),
            Just("1000m"),
            Just("1Gi"),
            Just("1024Mi"),
            Just("TCP"),
            Just(""),
            Just("one\ntwo\n"),
            Just("one\ntwo\nthree"),
            Just("\u{1b}[31m"),
        ]
        .prop_map(|text| json!(text)),
    ]
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(&FIELDS[..]), value), 0..4).prop_map(|fields| {
        let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value));
        Value::Object(fields.collect::<Map<_, _>>())
    })
}

/// An object up to four levels deep.
pub(crate) fn object() -> impl Strategy<Value = Value> {
    let value = scalar().prop_recursive(4, 32, 4, |inner| {
        prop_oneof![fields(inner.clone()), prop::collection::vec(inner, 0..4).prop_map(Value::Array),]
    });
    fields(value)
}
