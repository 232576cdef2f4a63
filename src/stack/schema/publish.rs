//! The schema that `langop schema` prints, for editors: JSON Schema draft 2020-12. Differs from the one
//! the reader uses in that a reference to a variable may stand where its value will.

use serde_json::{Map, Value, json};

use super::build::shapes;
use super::{examples, params};

/// The schema of description files.
#[must_use]
pub fn publish() -> Value {
    let shapes = shapes();
    let mut definitions = Map::new();
    for (name, schema) in &shapes.definitions {
        let schema = match name.as_str() {
            // Variables are declared, not referred to, in their own section.
            "variable" => schema.clone(),
            _ => open(schema),
        };
        definitions.insert(name.clone(), schema);
    }
    definitions.insert("reference".to_owned(), reference());
    let mut root = open(&shapes.root);
    if let Some(root) = root.as_object_mut() {
        root.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        root.insert("title".into(), "langop description".into());
        let about = "Language clusters, and the models, agents, tools, personas, teams and secrets in them.";
        root.insert("description".into(), about.into());
        root.insert("$defs".into(), definitions.into());
        examples::add(root);
        params::describe(root);
    }
    prune(&mut root);
    root
}

/// Drops definitions that nothing refers to: the bare specs, which only manifests have.
fn prune(root: &mut Value) {
    let mut used = std::collections::BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    references(&without_definitions(root), &mut open);
    while let Some(name) = open.pop() {
        if let Some(definition) = root["$defs"].get(&name)
            && used.insert(name)
        {
            references(definition, &mut open);
        }
    }
    if let Some(definitions) = root["$defs"].as_object_mut() {
        definitions.retain(|name, _| used.contains(name));
    }
}

fn without_definitions(root: &Value) -> Value {
    let mut bare = root.clone();
    if let Some(bare) = bare.as_object_mut() {
        bare.remove("$defs");
    }
    bare
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                names.extend(name.rsplit('/').next().map(str::to_owned));
            }
            fields.values().for_each(|value| references(value, names));
        }
        _ => {}
    }
}

/// The schema of a value, or of a reference to a variable that holds it.
fn open(schema: &Value) -> Value {
    let Value::Object(fields) = schema else {
        return schema.clone();
    };
    let mut opened = Map::new();
    let int_or_string = fields.contains_key("x-kubernetes-int-or-string");
    if int_or_string {
        opened.insert("type".to_owned(), json!(["number", "string"]));
    }
    for (keyword, value) in fields {
        match (keyword.as_str(), value) {
            ("anyOf", _) if int_or_string => {}
            // Keywords that Kubernetes alone knows; rules between fields are checked by langop.
            (keyword, _) if keyword.starts_with("x-kubernetes") => {}
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                let opened_properties: Map<String, Value> =
                    properties.map(|(name, property)| (name.clone(), or_reference(property))).collect();
                opened.insert(keyword.clone(), opened_properties.into());
            }
            ("items" | "additionalProperties", Value::Object(_)) => {
                opened.insert(keyword.clone(), or_reference(value));
            }
            _ => {
                opened.insert(keyword.clone(), value.clone());
            }
        }
    }
    opened.into()
}

/// Tables are written out; a value of any other kind may be a reference.
fn or_reference(schema: &Value) -> Value {
    let mut schema = open(schema);
    let plain_text = schema["type"] == "string"
        && ["pattern", "enum", "format", "maxLength"].iter().all(|key| schema.get(key).is_none());
    let table = schema["type"] == "object";
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    // Without a type or a reference, anything goes already.
    let constrained = ["type", "$ref", "anyOf", "oneOf", "enum"].iter().any(|key| fields.contains_key(*key));
    if plain_text || table || !constrained {
        return schema;
    }
    let mut outer = Map::new();
    for annotation in ["description", "default"] {
        if let Some(value) = fields.remove(annotation) {
            outer.insert(annotation.to_owned(), value);
        }
    }
    let inner = Value::Object(std::mem::take(fields));
    outer.insert("anyOf".to_owned(), json!([inner, { "$ref": "#/$defs/reference" }]));
    outer.into()
}

/// Without a description: an editor would say it of every field.
fn reference() -> Value {
    json!({
        "$comment": "A reference to a variable of the description.",
        "type": "string",
        "pattern": r"\$\{ *var\.[A-Za-z0-9_-]+ *\}",
    })
}
