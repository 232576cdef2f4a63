//! Examples in the published schema, from one file beside it: the schemas of CRDs have none, so an example changes no
//! cluster.

use serde_json::{Map, Value, json};

/// Values by definition and field.
const EXAMPLES: &str = include_str!("examples.toml");

/// What the file calls the description itself.
const ROOT: &str = "description";

/// Puts the examples into the schema of a description, and words where its own say nothing.
pub(super) fn add(root: &mut Map<String, Value>) {
    // The file is a part of the program, and a test reads it.
    let examples: Map<String, Value> = toml::from_str(EXAMPLES).unwrap_or_default();
    for (definition, fields) in &examples {
        let schema = match definition.as_str() {
            ROOT => root.get_mut("properties"),
            name => root.get_mut("$defs").and_then(|all| all.get_mut(name)?.get_mut("properties")),
        };
        let Some(properties) = schema.and_then(Value::as_object_mut) else { continue };
        for (field, example) in fields.as_object().into_iter().flatten() {
            if let Some(schema) = properties.get_mut(field).and_then(Value::as_object_mut) {
                schema.insert("examples".to_owned(), json!([example]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::schema::publish;

    /// The one schema of several that is neither nothing nor a reference to a variable.
    fn plain(schema: &Value) -> &Value {
        let all = schema["anyOf"].as_array().into_iter().flatten();
        let mut meant = all.filter(|one| one["$ref"] != "#/$defs/reference" && one["type"] != "null");
        match (meant.next(), meant.next()) {
            (Some(one), None) => plain(one),
            _ => schema,
        }
    }

    /// Whether type and description leave open what one writes.
    fn wants_example(schema: &Value) -> bool {
        let schema = plain(schema);
        let is = |kind: &str| {
            schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&kind.into()))
        };
        let free =
            is("object") && schema.get("properties").is_none_or(|all| all.as_object().is_some_and(Map::is_empty));
        schema.get("pattern").is_some() || is("integer") || is("array") || free
    }

    /// Definitions of langop's own; those of Kubernetes are Kubernetes' to explain.
    fn own(schema: &Value) -> impl Iterator<Item = (String, &Map<String, Value>)> {
        let definitions = schema["$defs"].as_object().unwrap().iter();
        let definitions = definitions.filter(|(name, _)| !name.starts_with("io.k8s"));
        let root = std::iter::once((ROOT.to_owned(), schema));
        let all = root.chain(definitions.map(|(name, schema)| (name.clone(), schema)));
        all.filter_map(|(name, schema)| Some((name, schema["properties"].as_object()?)))
    }

    /// Sections of a description are shown by what is in them.
    const SECTIONS: [&str; 15] = [
        "adopt",
        "agents",
        "clusters",
        "environments",
        "forget",
        "lifecycle",
        "models",
        "moved",
        "ownership",
        "personas",
        "secrets",
        "target",
        "teams",
        "tools",
        "variables",
    ];

    #[test]
    fn every_field_that_types_do_not_explain_has_an_example_which_fits() {
        let schema = publish();
        for (definition, properties) in own(&schema) {
            for (name, property) in properties {
                if definition == ROOT && SECTIONS.contains(&name.as_str()) {
                    continue;
                }
                let examples = property["examples"].as_array();
                assert!(!wants_example(property) || examples.is_some(), "`{definition}.{name}` has no example");
                let Some(examples) = examples else { continue };
                let mut whole = property.clone();
                whole["$defs"] = schema["$defs"].clone();
                let validator = jsonschema::draft202012::new(&whole).unwrap();
                for example in examples {
                    let mistakes: Vec<_> = validator.iter_errors(example).map(|error| error.to_string()).collect();
                    assert!(mistakes.is_empty(), "`{definition}.{name}`: {mistakes:?}");
                }
            }
        }
    }

    #[test]
    fn every_example_is_of_a_field_that_there_is() {
        let examples: Map<String, Value> = toml::from_str(EXAMPLES).unwrap();
        let schema = publish();
        let known: Map<String, Value> = own(&schema).map(|(name, fields)| (name, fields.clone().into())).collect();
        for (definition, fields) in &examples {
            for name in fields.as_object().unwrap().keys() {
                assert!(known[definition].get(name).is_some(), "there is no `{definition}.{name}`");
            }
        }
    }

    #[test]
    fn what_may_be_left_out_says_what_holds_then() {
        let schema = publish();
        let words = ["left out", "default", "without", "none", "unless", "no limit", "never", "only", "empty"];
        for (definition, properties) in own(&schema) {
            let required = |name: &String| {
                schema["$defs"][&definition]["required"]
                    .as_array()
                    .is_some_and(|all| all.contains(&name.as_str().into()))
            };
            for (name, property) in properties.iter().filter(|(name, _)| !required(name)) {
                let inner = plain(property);
                let is_switch = inner["type"] == "boolean"
                    || inner["type"].as_array().is_some_and(|all| all.contains(&"boolean".into()));
                let about = property["description"].as_str().unwrap_or_default().to_lowercase();
                let is_said = property.get("default").is_some()
                    || inner.get("default").is_some()
                    || words.iter().any(|word| about.contains(word));
                assert!(
                    !is_switch || is_said,
                    "`{definition}.{name}` does not say what holds when it is left out: {about}"
                );
            }
        }
    }
}
