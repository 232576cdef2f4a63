//! Checks a custom resource against a CRD that is not on the server yet: structural schema and CEL rules.

use kube_cel::Validator;
use serde_json::{Value, json};

use crate::object::field::{items, text};
use crate::object::{GroupKind, Manifest};

/// The schema that `crd` declares for the version in which `manifest` is written.
pub(super) fn schema_for<'a>(crd: &'a Value, manifest: &Manifest) -> Option<&'a Value> {
    if GroupKind::defined_by(crd) != manifest.reference.group_kind() {
        return None;
    }
    let wanted = manifest.api_version.rsplit('/').next();
    let version = items(crd, "/spec/versions").iter().find(|version| text(version, "/name") == wanted)?;
    version.pointer("/schema/openAPIV3Schema")
}

/// Everything about the object that the schema forbids.
pub(super) fn violations(schema: &Value, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match jsonschema::options().build(&whole(as_json_schema(schema))) {
        Ok(validator) => found.extend(
            validator
                .iter_errors(object)
                .map(|error| format!("{}: {error}", error.instance_path().as_str().replace('/', "."))),
        ),
        Err(error) => found.push(format!("the CRD's schema cannot be used: {error}")),
    }
    if let Err(errors) = Validator::new().validate(schema, object, None) {
        found.extend(errors.as_slice().iter().map(ToString::to_string));
    }
    found
}

/// What every object has need not stand in a CRD's schema.
fn whole(mut schema: Value) -> Value {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (field, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            properties.entry(field).or_insert_with(|| json!({"type": kind}));
        }
    }
    schema
}

/// `OpenAPI` v3 has a few words that JSON Schema spells otherwise (Kubernetes, *Extend the API with CRDs*,
/// "Specifying a structural schema").
fn as_json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let flag = |name: &str| fields.get(name) == Some(&Value::Bool(true));
            let mut converted: serde_json::Map<String, Value> = fields
                .iter()
                .filter(|(key, value)| *key != "format" || !value.is_string())
                .map(|(k, v)| (k.clone(), as_json_schema(v)))
                .collect();
            if flag("x-kubernetes-int-or-string") {
                converted.insert("type".to_owned(), json!(["integer", "string"]));
            } else if let (true, Some(Value::String(kind))) = (flag("nullable"), fields.get("type")) {
                converted.insert("type".to_owned(), json!([kind, "null"]));
            }
            let closed = fields.get("properties").is_some_and(Value::is_object)
                && !flag("x-kubernetes-preserve-unknown-fields")
                && !flag("x-kubernetes-embedded-resource")
                && !fields.contains_key("additionalProperties");
            if closed && fields.get("type") == Some(&json!("object")) {
                converted.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            Value::Object(converted)
        }
        Value::Array(items) => Value::Array(items.iter().map(as_json_schema).collect()),
        other => other.clone(),
    }
}
