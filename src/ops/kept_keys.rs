//! Keys that left a Secret of the description while pods still name them. Such a pod runs on, and cannot start again
//! without the key; one that serves must be able to until another does. So the key stays as it is, as long as a pod that
//! is to stay names it, and goes with the first apply that finds none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::observe::Listed;
use crate::cluster::{ClusterError, Reader};
use crate::object::field::text;
use crate::object::pod_secrets::secret_keys;
use crate::object::{FIELD_MANAGER, GroupKind, Lifecycle, Manifest, Meta, ObjectRef, SecretSource, Word};
use crate::plan::{Problem, Severity};

/// What was kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// In words.
    pub effects: Vec<String>,
    /// What could not be found out.
    pub problems: Vec<Problem>,
}

/// Adds to each Secret of the description the keys that pods still name. Asks nothing as long as no key left; else one
/// LIST of the pods of its namespace, and one GET of the Secret for each key that stays.
///
/// # Errors
/// The server does not answer, or fails at the LIST with anything but 403.
pub(super) async fn keep_named(
    reader: &Reader,
    listed: &Listed,
    manifests: &mut [Manifest],
) -> Result<Kept, ClusterError> {
    let mut kept = Kept::default();
    let mut pods: BTreeMap<Word, Option<Vec<Value>>> = BTreeMap::new();
    for manifest in manifests.iter_mut().filter(|manifest| holds_values(manifest)) {
        let (secret, gone) = (manifest.reference.clone(), gone(manifest, listed.meta(&manifest.reference)));
        let Some(namespace) = secret.namespace.clone().filter(|_| !gone.is_empty()) else { continue };
        if !pods.contains_key(&namespace) {
            pods.insert(namespace.clone(), list_pods(reader, &namespace).await?);
        }
        let Some(pods) = &pods[&namespace] else {
            kept.problems.push(unknown(manifest, &gone));
            continue;
        };
        for key in gone {
            let Some(pod) = pods.iter().find(|pod| names(pod, &secret.name, &key)) else { continue };
            let Some(value) = reader.secret_value(&secret, &key).await? else { continue };
            kept.effects.push(stays(&secret, &key, pod));
            manifest.secret.insert(key, SecretSource::Kept(value));
        }
    }
    Ok(kept)
}

fn holds_values(manifest: &Manifest) -> bool {
    manifest.reference.is("", "Secret") && manifest.lifecycle == Lifecycle::Managed
}

/// Keys that langop wrote and would take away.
fn gone(manifest: &Manifest, live: Option<&Meta>) -> BTreeSet<String> {
    let own = live.into_iter().flat_map(|live| &live.managed_fields).filter(|entry| entry.manager == FIELD_MANAGER);
    let data = own.filter_map(|entry| entry.fields.get("f:data")?.as_object());
    let keys = data.flat_map(|data| data.keys()).filter_map(|key| key.strip_prefix("f:"));
    keys.filter(|key| !manifest.secret.contains_key(*key)).map(str::to_owned).collect()
}

async fn list_pods(reader: &Reader, namespace: &str) -> Result<Option<Vec<Value>>, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
    match reader.list(&resource, Some(namespace), None).await {
        Ok(pods) => Ok(Some(pods)),
        Err(ClusterError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a pod that may have to start again needs the key.
fn names(pod: &Value, secret: &str, key: &str) -> bool {
    let ends = pod.pointer("/metadata/deletionTimestamp").is_some_and(|time| !time.is_null())
        || matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"));
    !ends && pod.get("spec").is_some_and(|spec| secret_keys(spec).contains(&(secret, key)))
}

fn stays(secret: &ObjectRef, key: &str, pod: &Value) -> String {
    let pod = text(pod, "/metadata/name").unwrap_or_default();
    format!("key `{key}` of {secret} stays until no pod names it any more: Pod/{pod} does")
}

fn unknown(manifest: &Manifest, gone: &BTreeSet<String>) -> Problem {
    let keys: Vec<_> = gone.iter().map(String::as_str).collect();
    let message = format!(
        "`{}` goes, and which pods name it is not known: this identity may not `list` pods there; one that does cannot \
         start again",
        keys.join("`, `")
    );
    let problem = Problem::new(Severity::Warning, "key-may-be-in-use", message);
    problem.about(&manifest.reference, Some(manifest.address.clone()), manifest.source.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(keys: &[&str]) -> Manifest {
        let data: BTreeMap<_, _> = keys.iter().map(|key| (*key, "dmFsdWU=")).collect();
        let metadata = json!({ "name": "s", "namespace": "n" });
        Manifest::new(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data }), None, None)
            .unwrap()
    }

    fn live(manager: &str) -> Meta {
        let fields = json!({ "f:data": { ".": {}, "f:old": {}, "f:new": {} } });
        let entries = json!([{ "manager": manager, "operation": "Apply", "fieldsV1": fields }]);
        let metadata = json!({ "name": "s", "namespace": "n", "managedFields": entries });
        Meta::from_object("", "Secret", &json!({ "metadata": metadata })).unwrap()
    }

    #[test]
    fn what_langop_wrote_and_the_description_lacks_is_gone() {
        assert_eq!(gone(&manifest(&["new"]), Some(&live("langop"))), BTreeSet::from(["old".to_owned()]));
        assert_eq!(gone(&manifest(&["new", "old"]), Some(&live("langop"))), BTreeSet::new());
        assert_eq!(gone(&manifest(&["new"]), Some(&live("someone"))), BTreeSet::new(), "what others added is theirs");
        assert_eq!(gone(&manifest(&["new"]), None), BTreeSet::new());
    }

    #[test]
    fn a_pod_that_goes_or_is_done_does_not_start_again() {
        let source = json!({ "secretKeyRef": { "name": "s", "key": "old" } });
        let pod = json!({ "spec": { "containers": [{ "env": [{ "name": "V", "valueFrom": source }] }] } });
        assert!(names(&pod, "s", "old") && !names(&pod, "s", "new") && !names(&pod, "t", "old"));
        for (pointer, ended) in
            [("metadata", json!({ "deletionTimestamp": "t" })), ("status", json!({ "phase": "Failed" }))]
        {
            let mut pod = pod.clone();
            pod[pointer] = ended;
            assert!(!names(&pod, "s", "old"));
        }
    }
}
