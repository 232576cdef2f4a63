//! What was written is read, what was touched is refused, what is older stays readable, and there is no secret in it.

use serde_json::json;

use super::*;
use crate::diff::Diff;
use crate::object::{Manifest, ObjectRef, SecretSource, SecretValue, Source};
use crate::plan::saved::{Salt, SaveRequest, proof};
use crate::plan::{Action, Confidence, Reason};

const GOLDEN: &str = include_str!("../../../../docs/plan.example.json");

fn secret() -> ObjectRef {
    ObjectRef::namespaced("", "Secret", "prod", "key")
}

fn change(object: &ObjectRef, desired: &Value) -> Change {
    Change {
        source: Some(Source { file: "langop.toml".into(), line: 3, column: 1 }),
        diff: Diff::between(&Value::Null, desired),
        confidence: Confidence::Shadow,
        digest: "not in the file".to_owned(),
        desired: desired.clone().into(),
        ..Change::bare(object.clone(), Action::Create, Reason::Absent)
    }
}

fn object(of: &ObjectRef, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": of.kind, "metadata": {"name": of.name, "namespace": "prod"}, "data": data})
}

fn saved(object: &ObjectRef, desired: &Value, source: SecretSource) -> Result<SavedPlan, SavedPlanError> {
    let change = change(object, desired);
    let mut manifest = Manifest::bare(object.clone(), "v1", desired.clone(), change.address.clone());
    if object.kind == "Secret" {
        manifest.secret.insert("api-key".to_owned(), source);
    }
    let salt = Salt::of("00112233445566778899aabbccddeeff");
    let values = BTreeMap::from([("api-key".to_owned(), SecretValue::new(b"canary".to_vec()))]);
    let values = proof(&values, &salt).map(|proof| BTreeMap::from([(object.clone(), proof)]));
    let request = SaveRequest {
        plan: &Plan { stack: "production".to_owned(), changes: vec![change], ..Plan::default() },
        manifests: &[manifest],
        values: values.unwrap_or_default(),
        salt,
        asked: Asked::default(),
        target: TargetId {
            server: "ab".repeat(32),
            context: Some("production".to_owned()),
            cluster_id: Some("5b1f2a52-7c1d-4d55-9f5e-2f9a4f8f4a10".to_owned()),
            identity: Some("ci".to_owned()),
        },
        record: Some(RecordVersion { lineage: Uuid::from_u128(0x3f0c_5d0e), serial: 7 }),
        made_at: Timestamp::UNIX_EPOCH,
    };
    request.saved()
}

fn env() -> SecretSource {
    SecretSource::Env("ANTHROPIC_API_KEY".to_owned())
}

fn plain() -> SavedPlan {
    let bare = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "prod"}});
    SavedPlan { langop: "0.1.0".to_owned(), ..saved(&secret(), &bare, env()).unwrap() }
}

#[test]
fn format_2_is_written_as_it_was_published_and_read() {
    assert_eq!(plain().sealed().unwrap(), GOLDEN);
    let read = SavedPlan::open(GOLDEN).unwrap();
    assert_eq!(read.sealed().unwrap(), GOLDEN);
    let validator = jsonschema::validator_for(&crate::plan::saved::schema()).unwrap();
    let document = serde_json::from_str(GOLDEN).unwrap();
    let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!GOLDEN.contains("canary"));
}

#[test]
fn a_file_that_was_touched_is_refused_and_one_that_was_only_laid_out_anew_is_not() {
    let code = |text: &str| SavedPlan::open(text).err().map(|error| error.code());
    let (document, laid_out): (Value, String) = {
        let document: Value = serde_json::from_str(GOLDEN).unwrap();
        (document.clone(), document.to_string())
    };
    assert_eq!(code(&laid_out), None);
    for (place, value) in [
        ("/stack", json!("other")),
        ("/objects/0/change/desired/metadata/name", json!("x")),
        ("/objects/0/manifest/secret/api-key/name", json!("OTHER")),
        ("/target/clusterId", json!("x")),
        ("/digest", json!("")),
    ] {
        let mut other = document.clone();
        *other.pointer_mut(place).unwrap() = value;
        assert_eq!(code(&other.to_string()), Some("damaged-plan"), "{place}");
    }
    let cut = &GOLDEN[..GOLDEN.len() / 2];
    assert_eq!((code(cut), is_saved_plan(cut)), (Some("damaged-plan"), true));
    for format in ["0", "1", "999"] {
        let other = GOLDEN.replacen("\"langopPlan\": 2", &format!("\"langopPlan\": {format}, \"new\": 1"), 1);
        assert_eq!((code(&other), is_saved_plan(&other)), (Some("other-plan-format"), true));
    }
}

#[test]
fn a_plan_is_told_by_its_content() {
    for text in [GOLDEN, "{\"langopPlan\"", "\u{feff} {\n \"langopPlan\": 7", "{\"a\": 1, \"langopPlan\": 1}"] {
        assert!(is_saved_plan(text), "{text}");
    }
    for text in ["", "stack = \"langopPlan\"", "{\"stack\": \"langopPlan\"}", "langopPlan: 1", "{\"langopPlanner\": 1}"]
    {
        assert!(!is_saved_plan(text), "{text}");
    }
}

#[test]
fn numbers_are_read_as_they_were_written() {
    let map = ObjectRef::namespaced("", "ConfigMap", "prod", "map");
    for number in [0.1 + 0.2, 1e-7, 5e-324, 1.797_693_134_862_315_7e308, 123_456_789.123_456_79] {
        let plan = saved(&map, &object(&map, &json!({"number": number})), env()).unwrap();
        assert!(SavedPlan::open(&plan.sealed().unwrap()).is_ok(), "{number}");
    }
}

#[test]
fn a_credential_or_a_value_that_nobody_can_read_again_is_not_saved() {
    let map = ObjectRef::namespaced("", "ConfigMap", "prod", "map");
    let error = saved(&map, &object(&map, &json!({"url": "postgres://u:hunter2@db/x"})), env()).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().contains("`data.url` of ConfigMap/map in prod")),
        ("credential-in-plan", true)
    );
    assert!(!error.to_string().contains("hunter2"));
    let bare = object(&secret(), &Value::Null);
    let argv = vec!["vault".to_owned(), "--token=s.hunter2hunter2".to_owned()];
    let command = SecretSource::Command { argv, directory: "".into(), timeout: std::time::Duration::from_secs(1) };
    assert_eq!(saved(&secret(), &bare, command).unwrap_err().code(), "credential-in-plan");
    let literal = SecretSource::Literal(SecretValue::new(b"canary".to_vec()));
    assert_eq!(saved(&secret(), &bare, literal).unwrap_err().code(), "unrepeatable-value");
}
