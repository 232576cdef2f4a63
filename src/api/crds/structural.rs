//! The last step from JSON Schema to the structural schema of a CRD (Kubernetes, *Specifying a structural schema*).

use serde_json::Value;

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
