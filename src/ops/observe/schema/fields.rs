//! Which fields of an object a structural schema has, and which of them may be null.

use serde_json::{Map, Value};

/// What every object has, and an embedded one, whatever its schema says.
const OWN: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// A message for each field that the schema does not have.
pub(super) fn unknown(schema: &Value, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    unknown_below(At { schema, path: "", own: true }, object, &mut found);
    found
}

/// A place of the walk.
#[derive(Clone, Copy)]
struct At<'a> {
    schema: &'a Value,
    path: &'a str,
    /// Whether [`OWN`] fields belong here.
    own: bool,
}

fn unknown_below(at: At<'_>, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let own = at.own || is_set(at.schema, "x-kubernetes-embedded-resource");
            for (key, below) in fields.iter().filter(|(key, _)| !own || !OWN.contains(&key.as_str())) {
                let path = if at.path.is_empty() { key.clone() } else { format!("{}.{key}", at.path) };
                match field(at.schema, key) {
                    Field::Described(schema) => {
                        unknown_below(At { schema, path: &path, own: false }, below, found);
                    }
                    Field::Open => {}
                    Field::Unknown => found.push(format!("unknown field `{path}`")),
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = at.schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                let path = format!("{}[{index}]", at.path);
                unknown_below(At { schema, path: &path, own: false }, item, found);
            }
        }
        _ => {}
    }
}

/// What a schema says of one field.
enum Field<'a> {
    /// It has a schema of its own.
    Described(&'a Value),
    /// Anything may stand there.
    Open,
    /// It is not there.
    Unknown,
}

fn field<'a>(schema: &'a Value, key: &str) -> Field<'a> {
    let properties = schema.get("properties").and_then(|properties| properties.get(key));
    match (properties, schema.get("additionalProperties")) {
        (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => Field::Described(schema),
        (None, Some(Value::Bool(true))) => Field::Open,
        _ if is_set(schema, "x-kubernetes-preserve-unknown-fields") => Field::Open,
        _ => Field::Unknown,
    }
}

fn is_set(schema: &Value, word: &str) -> bool {
    schema.get(word) == Some(&Value::Bool(true))
}

/// The object without nulls of fields that may not be null.
pub(super) fn without_nulls(schema: &Value, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(key, below)| match field(schema, key) {
                Field::Described(schema) if below.is_null() && !is_set(schema, "nullable") => None,
                Field::Described(schema) => Some((key.clone(), without_nulls(schema, below))),
                Field::Open | Field::Unknown => Some((key.clone(), below.clone())),
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => match schema.get("items") {
            Some(schema) => Value::Array(items.iter().map(|item| without_nulls(schema, item)).collect()),
            None => value.clone(),
        },
        other => other.clone(),
    }
}
