//! Makes the `CustomResourceDefinition`s from the types of the kinds. Takes longer than a whole plan, so that programs
//! carry what comes out: `crds.jsonl`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{CustomResourceDefinition, JSONSchemaProps};
use kube::CustomResourceExt;
use serde_json::{Value, json};

use super::SCHEMA;
use super::structural::{brief, structural};
use crate::api::schema::rules;
use crate::api::{LanguageAgent, LanguageCluster, LanguageModel, LanguagePersona, LanguageTeam, LanguageTool};
use crate::object::labels;

/// The `CustomResourceDefinition`s of all kinds, ordered by name.
pub(super) fn generate() -> Vec<CustomResourceDefinition> {
    // Names that become labels of pods and names of Services must be labels of a DNS name.
    let label = "a name is a DNS label of at most 63 characters";
    let named = [("self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')", label)];
    let all = [
        LanguageAgent::crd(),
        LanguageCluster::crd(),
        LanguageModel::crd(),
        LanguagePersona::crd(),
        LanguageTeam::crd(),
        LanguageTool::crd(),
    ];
    all.into_iter().map(|crd| finished(crd, &rules(&named))).collect()
}

/// Kinds that need no field. Their spec is empty when it is left out, and an empty one is left out: a server-side apply
/// that empties a map leaves null, which no schema allows.
const MAY_BE_EMPTY: [&str; 3] = ["LanguageCluster", "LanguagePersona", "LanguageTeam"];

fn finished(mut crd: CustomResourceDefinition, named: &Value) -> CustomResourceDefinition {
    crd.metadata.annotations.get_or_insert_default().insert(labels::SCHEMA.to_owned(), SCHEMA.to_string());
    let kind = &crd.spec.names.kind;
    for version in &mut crd.spec.versions {
        let Some(validation) = version.schema.as_mut() else {
            continue;
        };
        validation.open_api_v3_schema =
            validation.open_api_v3_schema.take().map(|schema| with_rules(schema, kind, named));
    }
    crd
}

fn with_rules(schema: JSONSchemaProps, kind: &str, named: &Value) -> JSONSchemaProps {
    let Ok(mut value) = serde_json::to_value(&schema) else {
        return schema;
    };
    structural(&mut value);
    brief(&mut value);
    if let Some(root) = value.as_object_mut() {
        root.insert("x-kubernetes-validations".to_owned(), json!(named));
    }
    if MAY_BE_EMPTY.contains(&kind)
        && let Some(spec) = value.pointer_mut("/properties/spec").and_then(Value::as_object_mut)
    {
        spec.insert("default".to_owned(), json!({}));
        if let Some(required) = value.pointer_mut("/required").and_then(Value::as_array_mut) {
            required.retain(|field| field != "spec");
        }
    }
    without_empty_list(&mut value);
    serde_json::from_value(value).unwrap_or(schema)
}

/// The API server stores no empty list: who applies one is told of a conflict with whoever applied the same.
fn without_empty_list(schema: &mut Value) {
    let is_empty = schema.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty);
    if let Some(root) = schema.as_object_mut().filter(|_| is_empty) {
        root.remove("required");
    }
}
