//! Words for the parameters of `LiteLLM` that may stand in for a field of a model: the schema of the CRD has none.

use serde_json::{Map, Value};

/// Each with the field in whose place it may stand.
const WORDS: [(&str, &str); 4] = [
    ("api_version", "In the place of `apiVersion`."),
    ("aws_region_name", "In the place of `region`."),
    ("vertex_location", "In the place of `location`."),
    ("vertex_project", "In the place of `project`."),
];

/// Describes them in the schema of a description.
pub(super) fn describe(root: &mut Map<String, Value>) {
    let model = root.get_mut("$defs").and_then(|all| all.get_mut("model"));
    let Some(params) = model.and_then(|model| model.pointer_mut("/properties/params/properties")) else { return };
    for (name, words) in WORDS {
        if let Some(schema) = params.get_mut(name).and_then(Value::as_object_mut) {
            schema.insert("description".to_owned(), words.into());
        }
    }
}
