//! What is there of a stack, without what differs from one clean run to the next: uids, versions, times, addresses,
//! generated secrets, the name of the stack and the digests that follow from it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::proxy::Recorder;

/// Where the kinds of a stack are listed.
const KINDS: [&str; 12] = [
    "/api/v1/namespaces",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/api/v1/services",
    "/api/v1/serviceaccounts",
    "/api/v1/resourcequotas",
    "/apis/apps/v1/deployments",
    "/apis/networking.k8s.io/v1/networkpolicies",
    "/apis/networking.k8s.io/v1/ingresses",
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/langop.io/v1alpha1/languageclusters",
    "/apis/langop.io/v1alpha1/languagemodels",
];

/// Where langop keeps what it knows of a stack.
const OWN: [&str; 3] = [
    "/api/v1/namespaces/langop-system/configmaps",
    "/api/v1/namespaces/langop-system/secrets",
    "/apis/coordination.k8s.io/v1/namespaces/langop-system/leases",
];

/// The objects of the stack called `name`, by kind, namespace and name.
pub(super) fn of(recorder: &Recorder, name: &str) -> BTreeMap<String, Value> {
    let mut world = BTreeMap::new();
    for kind in KINDS {
        // A kind that is not served has no objects.
        let list = recorder.look(&format!("{kind}?labelSelector=langop.io/stack={name}")).unwrap_or_default();
        for object in list["items"].as_array().into_iter().flatten() {
            let meta = &object["metadata"];
            let key = normal(&format!("{kind} {} {}", meta["namespace"], meta["name"]), name);
            let same = world.insert(key.clone(), essence(kind, object, name));
            assert!(same.is_none(), "two of {key}");
        }
    }
    world
}

/// What langop still keeps of a stack.
pub(super) fn kept(recorder: &Recorder, name: &str) -> Vec<String> {
    let paths = OWN.iter().map(|kind| format!("{kind}/stack-{name}"));
    paths.filter(|path| recorder.look(path).is_some()).collect()
}

/// Whether anybody holds the lock of a stack.
pub(super) fn is_locked(recorder: &Recorder, name: &str) -> bool {
    recorder.look(&format!("{}/stack-{name}", OWN[2])).is_some()
}

/// What differs between two worlds.
pub(super) fn difference(expected: &BTreeMap<String, Value>, found: &BTreeMap<String, Value>) -> Option<String> {
    let mut said = Vec::new();
    compare("", &json!(expected), &json!(found), &mut said);
    (!said.is_empty()).then(|| said.join("\n"))
}

/// Says where two values differ, leaf by leaf.
fn compare(path: &str, expected: &Value, found: &Value, said: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys().filter(|key| !one.contains_key(*key))) {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{path}.{key}"), &of(one), &of(other), said);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}[{at}]"), one, other, said);
            }
        }
        (one, other) if one != other => {
            let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
            said.push(format!("{path}: {} instead of {}", short(other), short(one)));
        }
        _ => {}
    }
}

/// An object without what differs from run to run.
fn essence(kind: &str, object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    let status = object["status"].take();
    let meta = object["metadata"].as_object_mut().unwrap();
    if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove("deployment.kubernetes.io/revision");
    }
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
        meta.remove(field);
    }
    for entry in meta.get_mut("managedFields").and_then(Value::as_array_mut).into_iter().flatten() {
        entry["time"] = Value::Null;
    }
    // Controllers come when they come.
    if let Some(entries) = meta.get_mut("managedFields").and_then(Value::as_array_mut) {
        entries.retain(|entry| entry["manager"] == "langop");
        entries.sort_by_key(|entry| entry["subresource"].to_string());
    }
    for owner in meta.get_mut("ownerReferences").and_then(Value::as_array_mut).into_iter().flatten() {
        owner["uid"] = Value::Null;
    }
    if kind.ends_with("/secrets")
        && let Some(data) = object["data"].as_object_mut()
    {
        data.values_mut().for_each(|value| *value = json!("a value"));
    }
    if kind.ends_with("/services")
        && let Some(spec) = object["spec"].as_object_mut()
    {
        spec.retain(|field, _| !field.starts_with("clusterIP"));
    }
    if kind.ends_with("/languageclusters") {
        object["status"] = without_times(status);
    }
    serde_json::from_str(&normal(&object.to_string(), name)).unwrap()
}

fn without_times(mut status: Value) -> Value {
    status["observedGeneration"] = Value::Null;
    for condition in status["conditions"].as_array_mut().into_iter().flatten() {
        condition["lastTransitionTime"] = Value::Null;
        condition["observedGeneration"] = Value::Null;
        // Controllers of quotas learn of kinds when they do.
        let message = condition["message"].as_str().unwrap_or_default();
        condition["message"] = json!(message.split(", and lets in no ").next());
    }
    status
}

/// With `NAME` for the name of the stack, and `DIGEST` for uids and for digests, which follow from it.
fn normal(text: &str, name: &str) -> String {
    let digest = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{10,}|=[0-9a-f]{8}\\b").unwrap();
    digest.replace_all(&text.replace(name, "NAME"), "DIGEST").into_owned()
}
