//! The rotation of a gateway's secrets, in three steps that are each a plan: the gateway learns the next secrets beside
//! the present ones; the keys of its agents are made with the next; the next are the present ones. After each step every
//! key that any pod has is one that every pod of the gateway takes. What step it is at stands on the Secret, so that a
//! rotation that was interrupted goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::agent_keys::{self, Secret, generation, is_key, make_with};
use super::{OpsError, PlanRequest};
use crate::cluster::{ClusterError, Reader};
use crate::object::field::{escape, text};
use crate::object::names::{
    AGENT_KIND, GATEWAY, HMAC_SECRET, MASTER_KEY, NEXT_HMAC_SECRET, NEXT_MASTER_KEY, agent_secret,
};
use crate::object::role::{gateway_auth, gateway_deployment};
use crate::object::{
    FIELD_MANAGER, GroupKind, Lifecycle, Manifest, Meta, ObjectRef, SecretSource, labels, listed_version, version_in,
};

/// A step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RotationStep {
    /// The gateway takes keys of the next secrets, too.
    Announce,
    /// Agents get keys of the next secrets.
    Renew,
    /// The next secrets are the present ones, and those are gone.
    Retire,
    /// The gateway restarts with what the last step wrote before it was cut off.
    Finish,
}

impl RotationStep {
    /// Those of a whole rotation, in their order.
    const ALL: &'static [Self] = &[Self::Announce, Self::Renew, Self::Retire];
    /// What is left of one that was cut off in its last step.
    const LEFT: &'static [Self] = &[Self::Finish];
}

/// The steps that a rotation has to take now: what is left of one that was cut off, else all. A step that was taken changes
/// nothing when it is taken again; the last one alone leaves no mark on the Secret, and is known by pods of the gateway
/// that still run with what was there before. One GET of metadata, and for a gateway that was rotated before one LIST of
/// its pods.
///
/// # Errors
/// The server does not answer, or does not let this identity look: nobody knows then.
pub(crate) async fn steps(reader: &Reader, cluster: &str) -> Result<&'static [RotationStep], OpsError> {
    let auth = gateway_auth(cluster);
    let resource = reader.resource(&auth.group_kind(), None)?;
    let live = reader.metadata(&resource, &auth).await?;
    let Some(live) = live.filter(is_retired) else { return Ok(RotationStep::ALL) };
    let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
    let selector = format!("{}={GATEWAY}", labels::KIND);
    let pods = reader.list(&resource, Some(cluster), Some(&selector)).await?;
    let is_behind = pods.iter().any(|pod| !has_ended(pod) && !is_ending(pod) && has_older(pod, &live));
    Ok(if is_behind { RotationStep::LEFT } else { RotationStep::ALL })
}

/// Whether the last that was done to the gateway's Secret is the last step of a rotation.
fn is_retired(auth: &Meta) -> bool {
    let is_rotated = generation(auth, labels::GENERATION).is_some_and(|present| present > 1);
    let last = auth.managed_fields.iter().map(|entry| entry.time.as_str()).max();
    let is_own = written(auth).is_some_and(|own| last == Some(own.as_str()));
    is_rotated && generation(auth, labels::NEXT_GENERATION).is_none() && is_own
}

/// Adds one step of a rotation to a request. One GET of metadata.
///
/// # Errors
/// There is nothing that could be rotated, or the server does not answer.
pub(crate) async fn rotate(
    reader: &Reader,
    request: &mut PlanRequest,
    cluster: &str,
    step: RotationStep,
) -> Result<(), OpsError> {
    let auth = gateway_auth(cluster);
    let resource = reader.resource(&auth.group_kind(), None)?;
    let live = reader.metadata(&resource, &auth).await?;
    let live = live.ok_or_else(|| nothing_to_rotate(cluster, "it has no Secret/gateway-auth yet"))?;
    if !restarts_by_itself(&request.manifests, cluster) {
        let why = "`gateway.rotateOnSecretChange = false` keeps it from restarting";
        return Err(nothing_to_rotate(cluster, why));
    }
    if step == RotationStep::Finish {
        request.notes.effects.push(FINISHES.to_owned());
        return Ok(());
    }
    let generations = Generations::of(&live);
    for manifest in &mut request.manifests {
        if manifest.reference == auth {
            become_step(manifest, &auth, generations, step);
        } else if manifest.reference.namespace.as_deref() == Some(cluster)
            && is_key(manifest)
            && step != RotationStep::Announce
        {
            let which = if step == RotationStep::Renew { Secret::Next } else { Secret::Present };
            make_with(manifest, generations.next, which);
        }
    }
    request.notes.effects.extend(words(&request.manifests, cluster, step));
    Ok(())
}

/// What is left of a rotation whose last step was cut off.
const FINISHES: &str = "rotation, step 3 of 3, goes on where it was cut off: the gateway restarts, and takes keys of the old \
                        secret no more";

fn nothing_to_rotate(cluster: &str, why: &str) -> OpsError {
    OpsError::NothingToRotate { cluster: cluster.to_owned(), why: why.to_owned() }
}

/// Whether the gateway's pods change when the Secret does.
fn restarts_by_itself(manifests: &[Manifest], cluster: &str) -> bool {
    let gateway = manifests.iter().find(|manifest| manifest.reference == gateway_deployment(cluster));
    gateway.is_some_and(|gateway| !gateway.deferred.is_empty())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Generations {
    present: u64,
    next: u64,
}

impl Generations {
    /// Those of a rotation that is on its way, else of one that begins.
    fn of(live: &Meta) -> Self {
        let present = generation(live, labels::GENERATION).unwrap_or(1);
        Self { present, next: generation(live, labels::NEXT_GENERATION).unwrap_or(present + 1) }
    }
}

/// The gateway's Secret in a step: values are copied from where they are, or generated.
fn become_step(manifest: &mut Manifest, auth: &ObjectRef, generations: Generations, step: RotationStep) {
    let copy = |key: &str| SecretSource::Copy { secret: auth.clone(), key: key.to_owned() };
    let generated = std::mem::take(&mut manifest.secret);
    manifest.lifecycle = Lifecycle::Derived;
    let mut annotate = |key: &str, number: u64| {
        let pointer = format!("/metadata/annotations/{}", escape(key));
        agent_keys::set(&mut manifest.object, &pointer, &number.to_string());
    };
    if step == RotationStep::Retire {
        annotate(labels::GENERATION, generations.next);
        manifest.secret = BTreeMap::from([
            (HMAC_SECRET.to_owned(), copy(NEXT_HMAC_SECRET)),
            (MASTER_KEY.to_owned(), copy(NEXT_MASTER_KEY)),
        ]);
        return;
    }
    if generations.present > 1 {
        annotate(labels::GENERATION, generations.present);
    }
    annotate(labels::NEXT_GENERATION, generations.next);
    for (present, next) in [(HMAC_SECRET, NEXT_HMAC_SECRET), (MASTER_KEY, NEXT_MASTER_KEY)] {
        manifest.secret.insert(present.to_owned(), copy(present));
        manifest.secret.extend(generated.get(present).map(|source| (next.to_owned(), source.clone())));
    }
}

/// What a step does, and what comes after it.
fn words(manifests: &[Manifest], cluster: &str, step: RotationStep) -> Vec<String> {
    let here = |manifest: &&Manifest| manifest.reference.namespace.as_deref() == Some(cluster) && is_key(manifest);
    let agents =
        manifests.iter().filter(here).filter_map(|key| text(&key.object, "/metadata/labels/app.kubernetes.io~1name"));
    let agents: Vec<_> = agents.map(|agent| format!("`{agent}`")).collect();
    let agents = if agents.is_empty() { "agents".to_owned() } else { agents.join(", ") };
    let all = [
        format!(
            "rotation, step 1 of 3: gateway of cluster `{cluster}` takes keys of a new secret beside those of the present one"
        ),
        format!("rotation, step 2 of 3: keys of {agents} are made anew; those that they have stay good meanwhile"),
        "rotation, step 3 of 3: keys of the old secret end, also those that were made by hand, and the administrator's key \
         is another; no pod has one of them any more"
            .to_owned(),
    ];
    let first = RotationStep::ALL.iter().position(|one| *one == step).unwrap_or_default();
    let last = if step == RotationStep::Announce { all.len() } else { first + 1 };
    all[first..last].to_vec()
}

/// Pods of agents that still have a key of the old secret, by name. One LIST of pods and one GET of metadata for each of
/// their agents.
///
/// # Errors
/// The server does not answer, or does not let this identity look: nobody knows then.
pub(crate) async fn pods_with_old_keys(reader: &Reader, cluster: &str) -> Result<BTreeSet<String>, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
    let secrets = reader.resource(&GroupKind::new("", "Secret"), None)?;
    let selector = format!("{}={AGENT_KIND}", labels::KIND);
    let pods = reader.list(&resource, Some(cluster), Some(&selector)).await?;
    let (mut keys, mut old) = (BTreeMap::new(), BTreeSet::new());
    for pod in pods.iter().filter(|pod| !has_ended(pod)) {
        let agent = text(pod, "/metadata/labels/app.kubernetes.io~1name").unwrap_or_default();
        if !keys.contains_key(agent) {
            let secret = ObjectRef::namespaced("", "Secret", cluster, &agent_secret(agent));
            keys.insert(agent, reader.metadata(&secrets, &secret).await?);
        }
        if keys[agent].as_ref().is_some_and(|key| has_older(pod, key)) {
            old.extend(text(pod, "/metadata/name").map(str::to_owned));
        }
    }
    Ok(old)
}

/// Whether a pod has an older version of a key than this one: langop's own pods say which they have, others only when
/// they began.
fn has_older(pod: &Value, key: &Meta) -> bool {
    let versions = text(pod, &format!("/metadata/annotations/{}", escape(labels::CREDENTIALS_HASH)));
    if let Some(version) = versions.and_then(|versions| version_in(versions, &key.reference)) {
        return version != listed_version(key);
    }
    let began = text(pod, "/metadata/creationTimestamp").unwrap_or_default();
    written(key).is_some_and(|written| began < written.as_str())
}

fn has_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"))
}

fn is_ending(pod: &Value) -> bool {
    text(pod, "/metadata/deletionTimestamp").is_some()
}

/// When langop last wrote an object, RFC 3339.
fn written(meta: &Meta) -> Option<String> {
    let own = meta.managed_fields.iter().filter(|entry| entry.manager == FIELD_MANAGER);
    own.map(|entry| entry.time.clone()).max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(annotations: &serde_json::Value) -> Meta {
        let metadata = json!({ "name": "gateway-auth", "namespace": "c", "annotations": annotations });
        Meta::from_object("", "Secret", &json!({ "metadata": metadata })).unwrap()
    }

    fn auth(step: RotationStep, annotations: &serde_json::Value) -> Manifest {
        let object = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": "gateway-auth", "namespace": "c", "annotations": { "langop.io/key-form": "sk" } } });
        let mut manifest = Manifest::new(object, None, None).unwrap();
        for key in [HMAC_SECRET, MASTER_KEY] {
            manifest.secret.insert(key.to_owned(), SecretSource::Generate { prefix: "".into(), bytes: 32 });
        }
        become_step(&mut manifest, &gateway_auth("c"), Generations::of(&live(annotations)), step);
        manifest
    }

    fn sources(manifest: &Manifest) -> Vec<(&str, Option<&str>)> {
        fn from(source: &SecretSource) -> Option<&str> {
            match source {
                SecretSource::Copy { key, .. } => Some(key),
                _ => None,
            }
        }
        manifest.secret.iter().map(|(key, source)| (key.as_str(), from(source))).collect()
    }

    #[test]
    fn the_next_secrets_come_beside_the_present_ones_and_then_in_their_place() {
        let begun = json!({ "langop.io/next-key-generation": "2" });
        for step in [RotationStep::Announce, RotationStep::Renew] {
            let both = auth(step, &begun);
            assert_eq!(
                sources(&both),
                [
                    ("hmac-secret", Some("hmac-secret")),
                    ("hmac-secret-next", None),
                    ("master-key", Some("master-key")),
                    ("master-key-next", None),
                ]
            );
            assert_eq!(both.annotation(labels::NEXT_GENERATION), Some("2"));
        }
        let last = auth(RotationStep::Retire, &begun);
        let copied = [("hmac-secret", Some("hmac-secret-next")), ("master-key", Some("master-key-next"))];
        assert_eq!(sources(&last), copied);
        assert_eq!((last.annotation(labels::GENERATION), last.annotation(labels::NEXT_GENERATION)), (Some("2"), None));
    }

    #[test]
    fn a_pod_has_an_old_key_by_the_version_that_it_says_or_by_its_age() {
        let managed = json!([{ "manager": "langop", "operation": "Apply", "time": "2026-01-02T00:00:00Z" }]);
        let metadata = json!({ "name": "a-gateway-key", "namespace": "c", "uid": "u", "resourceVersion": "7", "managedFields": managed });
        let key = Meta::from_object("", "Secret", &json!({ "metadata": metadata })).unwrap();
        let pod = |versions: Option<String>, day: u8| {
            let mut pod = json!({ "metadata": { "creationTimestamp": format!("2026-01-0{day}T00:00:00Z") } });
            if let Some(versions) = versions {
                pod["metadata"]["annotations"] = json!({ "langop.io/credentials-hash": versions });
            }
            has_older(&pod, &key)
        };
        let present = format!("a-gateway-key={}", listed_version(&key));
        assert!(!pod(Some(present), 2), "made in the same second");
        assert!(pod(Some("a-gateway-key=0f3a".to_owned()), 3));
        assert!(pod(None, 1) && !pod(None, 3));
    }

    #[test]
    fn a_secret_that_langop_rotated_last_may_be_of_a_rotation_that_was_cut_off() {
        let is_retired = |annotations: &serde_json::Value, last: &str| {
            let entry = |manager: &str, time: &str| json!({ "manager": manager, "operation": "Apply", "time": time });
            let managed = json!([entry("langop", "2026-01-02T00:00:00Z"), entry("kubectl", last)]);
            let metadata = json!({ "name": "gateway-auth", "namespace": "c", "uid": "u", "managedFields": managed,
                "annotations": annotations });
            is_retired(&Meta::from_object("", "Secret", &json!({ "metadata": metadata })).unwrap())
        };
        let (before, after) = ("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z");
        let rotated = json!({ "langop.io/key-generation": "2" });
        assert!(is_retired(&rotated, before));
        assert!(!is_retired(&rotated, after), "somebody else changed it: a rotation was not what came last");
        assert!(!is_retired(&json!({}), before), "it was never rotated");
        let on_its_way = json!({ "langop.io/key-generation": "2", "langop.io/next-key-generation": "3" });
        assert!(!is_retired(&on_its_way, before), "its earlier steps are taken again");
    }

    #[test]
    fn a_rotation_that_was_interrupted_makes_no_other_secrets() {
        let annotations = json!({ "langop.io/key-generation": "4", "langop.io/next-key-generation": "5", "langop.io/key-form": "sk" });
        let again = auth(RotationStep::Announce, &annotations);
        assert!(live(&annotations).has_annotations_of(&again.object), "it is as it is");
        assert!(!live(&json!({ "langop.io/key-generation": "4" })).has_annotations_of(&again.object));
    }
}
