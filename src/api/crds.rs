//! The five `CustomResourceDefinition`s, ready for an API server.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps,
};
use kube::CustomResourceExt;
use serde_json::{Value, json};

use super::schema::{brief, rules, structural};
use super::{LanguageAgent, LanguageCluster, LanguageModel, LanguagePersona, LanguageTool};

/// The `CustomResourceDefinition`s of all kinds, ordered by name.
#[must_use]
pub fn crds() -> Vec<CustomResourceDefinition> {
    // Names that become labels of pods and names of Services must be labels of a DNS name.
    let label = "a name is a DNS label of at most 63 characters";
    let named = [(
        "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
        label,
    )];
    [
        LanguageAgent::crd(),
        LanguageCluster::crd(),
        LanguageModel::crd(),
        LanguagePersona::crd(),
        LanguageTool::crd(),
    ]
    .into_iter()
    .map(|crd| finished(crd, &rules(&named)))
    .collect()
}

fn finished(mut crd: CustomResourceDefinition, named: &Value) -> CustomResourceDefinition {
    for version in &mut crd.spec.versions {
        let Some(validation) = version.schema.as_mut() else {
            continue;
        };
        validation.open_api_v3_schema = validation
            .open_api_v3_schema
            .take()
            .map(|schema| with_rules(schema, named));
    }
    crd
}

fn with_rules(schema: JSONSchemaProps, named: &Value) -> JSONSchemaProps {
    let Ok(mut value) = serde_json::to_value(&schema) else {
        return schema;
    };
    structural(&mut value);
    brief(&mut value);
    if let Some(root) = value.as_object_mut() {
        root.insert("x-kubernetes-validations".to_owned(), json!(named));
    }
    serde_json::from_value(value).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dump() {
        for crd in crds() {
            let text = serde_saphyr::to_string(&crd).unwrap();
            std::fs::write(format!("/tmp/crd-{}.yaml", crd.spec.names.plural), text).unwrap();
        }
    }
}
