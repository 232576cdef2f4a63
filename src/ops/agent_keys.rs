//! What only a server knows of the keys of agents: until when the last ones are good, and which of the gateway's secrets the
//! present ones are made with. A description says for how long, from the apply that makes a new key on;
//! that moment is on the Secret of the key, and stays as it is there. So a plan that follows has nothing to change.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::observe::{AT_ONCE, Listed, Look};
use crate::cluster::{ClusterError, Reader};
use crate::object::names::{AGENT_SECRET_SUFFIX, GATEWAY_AGENTS, HMAC_SECRET, NEXT_HMAC_SECRET, previous_key_file};
use crate::object::role::gateway_auth;
use crate::object::{DeferredField, DeferredValue, Lifecycle, Manifest, Meta, ObjectRef, SecretSource, field, labels};

/// What becomes of the last key of one agent.
enum Last {
    /// There is none, or nobody knows of one.
    None,
    /// This epoch's goes on from the apply that makes the new one.
    GoesOn { epoch: u64 },
    /// It goes on as the Secret says.
    Known(String),
}

/// Fills in what the Secrets that are there say of last keys, in them and in what their gateway is told. One GET of
/// metadata for each agent with such a key whose Secret was not listed.
pub(super) async fn keep_ends(
    reader: &Reader,
    listed: &Listed,
    manifests: &mut [Manifest],
) -> Result<(), ClusterError> {
    let asked = manifests.iter().filter(|manifest| has_last_key(manifest)).map(async |secret| {
        let live = live(reader, listed, &secret.reference).await?;
        Ok::<_, ClusterError>((secret.reference.clone(), last(secret, live.as_ref())))
    });
    let found: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    for (secret, last) in found {
        let agent = secret.name.strip_suffix(AGENT_SECRET_SUFFIX).unwrap_or_default();
        let places = [
            (secret.clone(), format!("/metadata/annotations/{}", field::escape(labels::PREVIOUS_KEY))),
            (
                ObjectRef { name: GATEWAY_AGENTS.into(), kind: "ConfigMap".into(), ..secret.clone() },
                format!("/data/{}", previous_key_file(agent)),
            ),
        ];
        for (object, pointer) in places {
            if let Some(manifest) = manifests.iter_mut().find(|manifest| manifest.reference == object) {
                fill_in(manifest, &pointer, &last);
            }
        }
    }
    Ok(())
}

/// Says of each key with which of the gateway's secrets it is made: with the present one, or with that which comes when a
/// rotation is on its way and the key has it already. One GET of metadata for each gateway whose Secret was not listed,
/// and during a rotation for each such key.
pub(super) async fn keep_generations(
    reader: &Reader,
    listed: &Listed,
    manifests: &mut [Manifest],
) -> Result<(), ClusterError> {
    let undecided = manifests.iter().filter(|manifest| is_undecided(manifest));
    let clusters: BTreeSet<_> = undecided.filter_map(|manifest| manifest.reference.namespace.clone()).collect();
    let asked = clusters.into_iter().map(async |cluster| {
        let gateway = live(reader, listed, &gateway_auth(&cluster)).await?;
        Ok::<_, ClusterError>((cluster, gateway))
    });
    let gateways: BTreeMap<_, _> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    for manifest in manifests.iter_mut().filter(|manifest| is_undecided(manifest)) {
        let gateway = manifest.reference.namespace.as_ref().and_then(|cluster| gateways.get(cluster)?.as_ref());
        let Some(gateway) = gateway else { continue };
        let next = generation(gateway, labels::NEXT_GENERATION);
        let has_next = match next {
            Some(next) => {
                let live = live(reader, listed, &manifest.reference).await?;
                live.is_some_and(|live| generation(&live, labels::GENERATION) == Some(next))
            }
            None => false,
        };
        let made_with = if has_next { next } else { generation(gateway, labels::GENERATION) };
        make_with(manifest, made_with.unwrap_or(1), if has_next { Secret::Next } else { Secret::Present });
    }
    Ok(())
}

/// One of the secrets that a gateway has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    /// The one that agents' keys are made with.
    Present,
    /// The one that comes in its place.
    Next,
}

/// The Secret of an agent's key.
pub(super) fn is_key(manifest: &Manifest) -> bool {
    manifest.lifecycle == Lifecycle::Derived && manifest.annotation(labels::KEY_EPOCH).is_some()
}

/// A saved plan, and a rotation, have decided it already.
fn is_undecided(manifest: &Manifest) -> bool {
    is_key(manifest) && manifest.annotation(labels::GENERATION).is_none()
}

/// Has a key made with one of the gateway's secrets.
pub(super) fn make_with(manifest: &mut Manifest, generation: u64, which: Secret) {
    let from = if which == Secret::Next { NEXT_HMAC_SECRET } else { HMAC_SECRET };
    for source in manifest.secret.values_mut() {
        if let SecretSource::AgentKey { key, .. } = source {
            from.clone_into(key);
        }
    }
    if generation > 1 {
        let pointer = format!("/metadata/annotations/{}", field::escape(labels::GENERATION));
        set(&mut manifest.object, &pointer, &generation.to_string());
    }
}

/// The number in an annotation, where there is one.
pub(super) fn generation(meta: &Meta, annotation: &str) -> Option<u64> {
    meta.annotations.get(annotation)?.parse().ok()
}

fn has_last_key(manifest: &Manifest) -> bool {
    let is_last = |deferred: &DeferredField| matches!(deferred.value, DeferredValue::PreviousKey { .. });
    manifest.lifecycle == Lifecycle::Derived && manifest.deferred.iter().any(is_last)
}

async fn live(reader: &Reader, listed: &Listed, secret: &ObjectRef) -> Result<Option<Meta>, ClusterError> {
    match listed.look(secret) {
        Look::There(meta) => return Ok(Some(meta.clone())),
        Look::Absent => return Ok(None),
        Look::Unseen | Look::Unknown => {}
    }
    let resource = reader.resource(&secret.group_kind(), None)?;
    match reader.metadata(&resource, secret).await {
        // Whoever may not read it will hear so from the dry-run.
        Err(ClusterError::Forbidden(_)) => Ok(None),
        answer => answer,
    }
}

fn last(secret: &Manifest, live: Option<&Meta>) -> Last {
    let Some(live) = live else { return Last::None };
    let epoch = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
    let there = epoch(live.annotations.get(labels::KEY_EPOCH).map(String::as_str));
    let wanted = epoch(secret.annotation(labels::KEY_EPOCH));
    match (there, live.annotations.get(labels::PREVIOUS_KEY)) {
        (Some(there), _) if wanted.is_some_and(|wanted| there < wanted) => Last::GoesOn { epoch: there },
        (Some(_), Some(known)) if there == wanted => Last::Known(known.clone()),
        _ => Last::None,
    }
}

fn fill_in(manifest: &mut Manifest, pointer: &str, last: &Last) {
    match last {
        Last::GoesOn { epoch: there } => {
            let here = manifest.deferred.iter_mut().filter(|deferred| deferred.pointer == pointer);
            for deferred in here {
                if let DeferredValue::PreviousKey { epoch, .. } = &mut deferred.value {
                    *epoch = *there;
                }
            }
        }
        Last::Known(_) | Last::None => manifest.deferred.retain(|deferred| deferred.pointer != pointer),
    }
    if let Last::Known(text) = last {
        set(&mut manifest.object, pointer, text);
    }
}

/// Both places are two or three maps deep, and the maps are there.
pub(super) fn set(object: &mut Value, pointer: &str, text: &str) {
    let Some((above, _)) = pointer.rsplit_once('/') else { return };
    let Some(key) = field::tokens(pointer).last() else { return };
    if let Some(fields) = object.pointer_mut(above).and_then(Value::as_object_mut) {
        fields.insert(key, json!(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &str = "1 until 2026-11-27T22:40:00Z";

    fn secret(epoch: u64, previous: Option<&str>) -> Value {
        let mut annotations = json!({ labels::KEY_EPOCH: epoch.to_string() });
        if let Some(previous) = previous {
            annotations[labels::PREVIOUS_KEY] = json!(previous);
        }
        let metadata = json!({ "name": "a-gateway-key", "namespace": "c", "uid": "u", "annotations": annotations });
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata })
    }

    /// What is written on the Secret of epoch 3 when the live one is so: the text, or the epoch of what is deferred.
    fn kept(live: Option<&Value>) -> (Option<String>, Option<u64>) {
        let mut manifest = Manifest::new(secret(3, None), None, None).unwrap();
        let pointer = format!("/metadata/annotations/{}", field::escape(labels::PREVIOUS_KEY));
        let value = DeferredValue::PreviousKey { epoch: 2, overlap: 60 };
        manifest.deferred.push(DeferredField { pointer: pointer.clone(), value });
        let live = live.and_then(|live| Meta::from_object("", "Secret", live));
        let last = last(&manifest, live.as_ref());
        fill_in(&mut manifest, &pointer, &last);
        let epoch = manifest.deferred.iter().find_map(|deferred| match deferred.value {
            DeferredValue::PreviousKey { epoch, .. } => Some(epoch),
            _ => None,
        });
        (manifest.annotation(labels::PREVIOUS_KEY).map(str::to_owned), epoch)
    }

    #[test]
    fn a_new_key_lets_the_one_that_is_there_go_on_whatever_its_epoch() {
        assert_eq!(kept(Some(&secret(1, None))), (None, Some(1)));
        assert_eq!(kept(Some(&secret(2, Some(END)))), (None, Some(2)));
    }

    #[test]
    fn an_end_that_was_fixed_stays() {
        assert_eq!(kept(Some(&secret(3, Some(END)))), (Some(END.to_owned()), None));
    }

    #[test]
    fn there_is_no_last_key_where_none_was() {
        assert_eq!(kept(None), (None, None));
        assert_eq!(kept(Some(&secret(3, None))), (None, None));
        assert_eq!(kept(Some(&secret(4, Some(END)))), (None, None));
    }
}
