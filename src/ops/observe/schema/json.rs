//! A structural schema as JSON Schema: `OpenAPI` v3 has a few words that JSON Schema spells otherwise (Kubernetes,
//! *Extend the API with CRDs*, "Specifying a structural schema").

use serde_json::{Map, Value, json};

/// Words that hold one schema, that hold schemas by name, and that hold a list of them.
const ONE: [&str; 3] = ["additionalProperties", "items", "not"];
const NAMED: [&str; 1] = ["properties"];
const LISTED: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Words that say the same in both.
const SAME: [&str; 14] = [
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
];

/// Formats that the API server checks as JSON Schema does; others mean something else there, or nothing.
const FORMATS: [&str; 4] = ["date", "ipv4", "ipv6", "uuid"];

/// The schema of whole objects: what every object has need not stand in a CRD's schema.
pub(super) fn as_json_schema(schema: &Value) -> Value {
    let mut converted = converted(schema);
    if let Some(fields) = converted.as_object_mut() {
        let properties = fields.entry("properties").or_insert_with(|| json!({}));
        for (field, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            if let Some(properties) = properties.as_object_mut() {
                properties.entry(field).or_insert_with(|| json!({"type": kind}));
            }
        }
    }
    converted
}

fn converted(schema: &Value) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    let mut converted = Map::new();
    for (word, value) in fields {
        let value = match word.as_str() {
            word if SAME.contains(&word) => value.clone(),
            word if ONE.contains(&word) => self::converted(value),
            word if NAMED.contains(&word) => by_name(value),
            word if LISTED.contains(&word) => each(value),
            "format" if value.as_str().is_some_and(|format| FORMATS.contains(&format)) => value.clone(),
            _ => continue,
        };
        converted.insert(word.clone(), value);
    }
    exclusive(fields, &mut converted);
    let is_set = |word: &str| fields.get(word) == Some(&Value::Bool(true));
    if is_set("x-kubernetes-int-or-string") {
        converted.insert("type".to_owned(), json!(["integer", "string"]));
    }
    if is_set("nullable") {
        return json!({"anyOf": [{"type": "null"}, converted]});
    }
    Value::Object(converted)
}

/// `OpenAPI` says with a switch whether a bound is exclusive; JSON Schema has a word for the bound itself.
fn exclusive(fields: &Map<String, Value>, converted: &mut Map<String, Value>) {
    for (bound, switch) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if fields.get(switch) == Some(&Value::Bool(true))
            && let Some(limit) = converted.remove(bound)
        {
            converted.insert(switch.to_owned(), limit);
        }
    }
}

fn by_name(schemas: &Value) -> Value {
    let schemas = schemas.as_object().into_iter().flatten();
    Value::Object(schemas.map(|(name, schema)| (name.clone(), converted(schema))).collect())
}

fn each(schemas: &Value) -> Value {
    Value::Array(schemas.as_array().into_iter().flatten().map(converted).collect())
}
