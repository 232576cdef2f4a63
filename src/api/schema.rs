//! Pieces of schema that several kinds share, and the last step from JSON Schema to the structural
//! schema of a CRD (Kubernetes, *Specifying a structural schema*).

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// CEL rules of a schema, each with the message a user reads when it does not hold.
pub(super) fn rules(rules: &[(&str, &str)]) -> Value {
    rules.iter().map(|(rule, message)| json!({ "rule": rule, "message": message })).collect()
}

/// A mapping that belongs to someone else's configuration: any keys, any values.
pub(super) fn free_mapping(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

/// More parameters of `LiteLLM`: free, but for those that stand in for a field of their own.
pub(super) fn litellm_params(_: &mut SchemaGenerator) -> Schema {
    let text = json!({ "type": "string", "minLength": 1 });
    json_schema!({
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {
            "api_version": text,
            "aws_region_name": text,
            "vertex_location": text,
            "vertex_project": text,
        },
    })
}

/// A Kubernetes quantity: a number, or digits with a suffix.
pub(super) fn quantity(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [{ "type": "integer" }, { "type": "string" }],
        "pattern": QUANTITY,
        "x-kubernetes-int-or-string": true,
    })
}

/// Quantities keyed by resource name.
pub(super) fn quantities(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": quantity(generator) })
}

/// Non-negative quantities in the three suffix families (Kubernetes, `resource.Quantity`).
const QUANTITY: &str = r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][-+]?[0-9]+))?$";

/// A label of a DNS name, which names of namespaces and Services are (RFC 1123).
pub(super) const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// A DNS name of one or more labels (RFC 1123).
pub(super) const DNS_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// A DNS name, or all names under one.
pub(super) const DNS_PATTERN: &str = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// The value of a Kubernetes label, not empty.
pub(super) const LABEL_VALUE: &str = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

/// A key of a Secret or `ConfigMap`.
pub(super) const DATA_KEY: &str = "^[-._a-zA-Z0-9]+$";

/// Keywords of JSON Schema that the generator writes and a structural schema has no use for.
const FOREIGN: [&str; 4] = ["nullable", "title", "$schema", "examples"];

/// Formats that an API server knows; it warns about all others.
const FORMATS: [&str; 6] = ["int32", "int64", "float", "double", "date-time", "byte"];

/// Drops the descriptions inside the fields of every `deployment`: they are Kubernetes' own, can be
/// read there, and are nine tenths of the bytes of a CRD.
pub(super) fn brief(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(brief),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                if key == "deployment" {
                    fields_of(value).for_each(|field| children(field).for_each(silent));
                } else {
                    brief(value);
                }
            }
        }
        _ => {}
    }
}

fn silent(schema: &mut Value) {
    if let Some(fields) = schema.as_object_mut() {
        fields.retain(|key, value| key != "description" || !value.is_string());
    }
    children(schema).for_each(silent);
}

fn fields_of(schema: &mut Value) -> impl Iterator<Item = &mut Value> {
    schema.pointer_mut("/properties").into_iter().flat_map(children)
}

fn children(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(fields) => Box::new(fields.values_mut()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Turns a generated schema into the form that an API server stores without warnings.
///
/// `nullable` goes because a field that may be null is a second way of saying "left out", and CEL's
/// `has()` cannot tell them apart.
pub(super) fn structural(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(structural),
        Value::Object(fields) => {
            fields.retain(|key, value| !is_foreign(key, value));
            fields.values_mut().for_each(structural);
        }
        _ => {}
    }
}

fn is_foreign(key: &str, value: &Value) -> bool {
    match key {
        // A property may bear these names; a keyword is never an object.
        _ if value.is_object() => false,
        "format" => value.as_str().is_some_and(|format| !FORMATS.contains(&format)),
        _ => FOREIGN.contains(&key),
    }
}
