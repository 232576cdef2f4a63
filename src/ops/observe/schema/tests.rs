//! What the API server would refuse by a CRD's schema, and what it would take.

use serde_json::{Value, json};

use super::Schema;

/// What is wrong with `{spec: …}` by a schema of `spec`.
#[track_caller]
fn wrong(spec_schema: &Value, spec: &Value) -> Vec<String> {
    let schema = json!({"type": "object", "properties": {"spec": spec_schema}});
    let object = json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "one", "labels": {"a": "b"}}, "spec": spec});
    let schema = Schema(&schema);
    schema.violations(&object, &schema.filled_in(&object), None).unwrap()
}

fn object(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties})
}

#[test]
fn a_field_that_the_schema_lacks_is_named() {
    let nested = object(&json!({"a": object(&json!({"b": {"type": "string"}}))}));
    assert_eq!(wrong(&nested, &json!({"a": {"b": "x", "c": 1}})), ["unknown field `spec.a.c`"]);
    assert_eq!(wrong(&json!({"type": "object"}), &json!({"a": 1})), ["unknown field `spec.a`"]);
    let list = object(&json!({"l": {"type": "array", "items": object(&json!({}))}}));
    assert_eq!(wrong(&list, &json!({"l": [{}, {"x": 1}]})), ["unknown field `spec.l[1].x`"]);
}

#[test]
fn what_is_left_open_takes_anything() {
    let any = json!({"a": [1], "b": {"c": null}});
    for schema in [
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
        json!({"x-kubernetes-preserve-unknown-fields": true}),
        json!({"type": "object", "additionalProperties": true}),
    ] {
        assert!(wrong(&schema, &any).is_empty(), "{schema}");
    }
    let embedded =
        json!({"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"spec": {"type": "object"}}});
    assert!(wrong(&embedded, &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}})).is_empty());
    assert_eq!(wrong(&embedded, &json!({"data": {}})), ["unknown field `spec.data`"]);
}

#[test]
fn values_are_held_against_types_bounds_and_choices() {
    for (schema, value) in [
        (json!({"type": "string"}), json!(1)),
        (json!({"type": "integer", "minimum": 1}), json!(0)),
        (json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}), json!(1)),
        (json!({"type": "string", "enum": ["a", "b"]}), json!("c")),
        (json!({"type": "string", "pattern": "^[a-z]+$"}), json!("A")),
        (json!({"type": "string", "format": "ipv4"}), json!("here")),
        (json!({"x-kubernetes-int-or-string": true}), json!(true)),
        (json!({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}), json!(["a", "a"])),
        (object(&json!({"format": {"type": "string"}, "type": {"type": "string"}})), json!({"format": 1})),
    ] {
        let found = wrong(&object(&json!({"a": schema})), &json!({"a": value}));
        assert_eq!(found.len(), 1, "{schema} {value}: {found:?}");
        assert!(found[0].starts_with("spec.a"), "{found:?}");
    }
    for (schema, value) in [
        (json!({"type": "string", "nullable": true}), json!(null)),
        (json!({"type": "string", "nullable": true, "enum": ["a"]}), json!(null)),
        (json!({"type": "integer", "minimum": 1, "exclusiveMinimum": false}), json!(1)),
        (json!({"type": "string", "format": "duration"}), json!("5m")),
        (json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}), json!("80%")),
        (json!({"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "string"}}), json!(["a", "a"])),
    ] {
        let found = wrong(&object(&json!({"a": schema})), &json!({"a": value}));
        assert!(found.is_empty(), "{schema} {value}: {found:?}");
    }
}

#[test]
fn a_required_field_may_come_from_a_default_and_null_is_no_value() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
    assert_eq!(wrong(&schema, &json!({})).len(), 1);
    assert_eq!(wrong(&schema, &json!({"a": null})).len(), 1);
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": "x"}}});
    assert!(wrong(&schema, &json!({})).is_empty());
    assert!(wrong(&schema, &json!({"a": null})).is_empty());
}

#[test]
fn defaults_are_filled_in_below_defaults() {
    let inner = json!({"type": "object", "default": {}, "properties": {"b": {"type": "integer", "default": 3}}});
    let schema = object(&json!({"spec": object(&json!({"a": inner}))}));
    assert_eq!(Schema(&schema).filled_in(&json!({"spec": {}})), json!({"spec": {"a": {"b": 3}}}));
}

#[test]
fn keyed_lists_have_each_key_once() {
    let item = object(&json!({"name": {"type": "string"}, "port": {"type": "integer", "default": 80}}));
    let schema = json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port"], "items": item});
    let wrong = |list: Value| wrong(&object(&json!({"l": schema})), &json!({"l": list}));
    assert_eq!(wrong(json!([{"name": "a"}, {"name": "a", "port": 80}])), ["spec.l[1]: it is there twice"]);
    assert_eq!(wrong(json!([{"port": 1}])), ["spec.l[0]: the key `name` is missing"]);
    assert!(wrong(json!([{"name": "a"}, {"name": "a", "port": 81}])).is_empty());
}

#[test]
fn rules_are_kept_those_that_compare_with_the_live_object_too() {
    let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.a < 5", "message": "a is small"}, {"rule": "self.a >= oldSelf.a", "message": "a grows"}]}}});
    let of = |a: i64| json!({"spec": {"a": a}});
    let check = |new: i64, old: Option<i64>| {
        let live = old.map(of);
        Schema(&schema).violations(&of(new), &of(new), live.as_ref()).unwrap()
    };
    assert_eq!(check(9, None), ["spec: a is small"]);
    assert_eq!(check(1, Some(2)), ["spec: a grows"]);
    assert!(check(2, Some(2)).is_empty());
}

#[test]
fn no_value_is_quoted() {
    let schema = object(&json!({"key": {"type": "string", "maxLength": 3}}));
    let found = wrong(&schema, &json!({"key": "hunter22"})).join(" ");
    assert!(found.starts_with("spec.key: ") && !found.contains("hunter22"), "{found}");
}

#[test]
fn a_schema_that_cannot_be_used_is_no_fault_of_the_object() {
    let schema = object(&json!({"a": {"type": "string", "pattern": "("}}));
    let schema = Schema(&schema);
    assert!(schema.violations(&json!({"a": "x"}), &json!({"a": "x"}), None).is_err());
}
