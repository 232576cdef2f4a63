//! What holds of the definitions, and that the program carries those of its types.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::generate::generate;
use super::*;
use crate::object::hex;

/// What `crds.jsonl` is to be.
fn written(crds: &[CustomResourceDefinition]) -> String {
    crds.iter().map(|crd| serde_json::to_string(&serde_json::to_value(crd).unwrap()).unwrap() + "\n").collect()
}

#[test]
fn the_program_carries_what_the_types_say() {
    let made = written(&generate());
    if std::env::var_os("LANGOP_WRITE_CRDS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/crds/crds.jsonl"), &made).unwrap();
    }
    let same = made == CRDS;
    assert!(same, "`LANGOP_WRITE_CRDS=1 cargo test --lib api::crds`, and again without, writes `crds.jsonl` anew");
    assert_eq!(crds().len(), generate().len());
}

fn walk(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| {
            visit(key, field);
            walk(field, visit);
        }),
        _ => {}
    }
}

#[test]
fn a_changed_schema_has_a_new_number() {
    let mut hash = Sha256::new();
    for crd in generate() {
        hash.update(serde_json::to_vec(&crd.spec).unwrap());
    }
    let seen = (SCHEMA, hex(&hash.finalize()[..8]));
    assert_eq!(seen, (13, "44b34438d3a13aab".to_owned()), "raise `SCHEMA` by one and write down the new hash here");
}

#[test]
fn every_kind_is_there_and_belongs_to_no_stack() {
    let crds = generate();
    let names: Vec<_> = crds.iter().filter_map(|crd| crd.metadata.name.as_deref()).collect();
    assert_eq!(
        names,
        [
            "languageagents.langop.io",
            "languageclusters.langop.io",
            "languagemodels.langop.io",
            "languagepersonas.langop.io",
            "languageteams.langop.io",
            "languagetools.langop.io",
        ]
    );
    for crd in &crds {
        let labels = crd.metadata.labels.clone().unwrap_or_default();
        assert_eq!(labels.len(), 1, "{labels:?}");
        assert_eq!(labels["app.kubernetes.io/managed-by"], "langop");
        assert_eq!(crd.spec.scope == "Cluster", crd.spec.names.kind == "LanguageCluster");
    }
}

#[test]
fn no_schema_says_null_or_a_format_that_the_server_warns_of() {
    for crd in generate() {
        walk(&serde_json::to_value(&crd).unwrap(), &mut |key, value| {
            assert_ne!(key, "nullable");
            if let ("format", Some(format)) = (key, value.as_str()) {
                assert!(["int32", "int64", "double", "date-time"].contains(&format), "{format}");
            }
        });
    }
}

#[test]
fn defaults_never_fill_in_empty_lists_or_maps() {
    for crd in generate() {
        walk(&serde_json::to_value(&crd).unwrap(), &mut |key, value| {
            // A spec that is left out is empty; of anything else that would show as drift.
            let of_spec = value.as_object().is_some_and(serde_json::Map::is_empty);
            assert!(key != "default" || value.is_string() || value.is_boolean() || value.is_number() || of_spec);
        });
    }
}

#[test]
fn a_crd_stays_well_below_the_size_of_a_request() {
    for crd in generate() {
        let bytes = serde_json::to_vec(&crd).unwrap().len();
        assert!(bytes < 160 * 1024, "{} has {bytes} bytes", crd.spec.names.kind);
    }
}

fn schema(kind: &str) -> Value {
    let crd = generate().into_iter().find(|crd| crd.spec.names.kind == kind).unwrap();
    serde_json::to_value(&crd.spec.versions[0].schema.as_ref().unwrap().open_api_v3_schema).unwrap()
}

fn refused(kind: &str, spec: &Value) -> bool {
    let object = json!({ "metadata": { "name": "x" }, "spec": spec });
    kube_cel::Validator::new().validate(&schema(kind), &object, None).is_err()
}

#[test]
fn kinds_have_a_status_and_columns_and_schemas_that_stand_alone() {
    for crd in generate() {
        let version = &crd.spec.versions[0];
        assert!(version.subresources.as_ref().unwrap().status.is_some());
        assert!(!version.additional_printer_columns.as_ref().unwrap().is_empty());
        walk(&serde_json::to_value(&crd).unwrap(), &mut |key, _| assert_ne!(key, "$ref"));
    }
}

#[test]
fn a_model_has_one_provider_with_what_it_needs() {
    let kind = "LanguageModel";
    assert!(!refused(kind, &json!({ "provider": "openai", "modelName": "m" })));
    assert!(refused(kind, &json!({ "modelName": "m" })));
    assert!(refused(kind, &json!({ "provider": "openai", "litellmProvider": "groq", "modelName": "m" })));
    assert!(refused(kind, &json!({ "provider": "openai-compatible", "modelName": "m" })));
    assert!(refused(kind, &json!({ "provider": "bedrock", "modelName": "m" })));
}

#[test]
fn a_cluster_is_exposed_under_a_domain_only() {
    assert!(refused("LanguageCluster", &json!({ "ingress": { "enabled": true } })));
    assert!(!refused("LanguageCluster", &json!({ "domain": "a.example", "ingress": { "enabled": true } })));
}
