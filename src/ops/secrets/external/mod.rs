//! External Secrets: those that gateways, agents and tools of a stack name and the stack does not hold. Says whether they are there, with the
//! keys that are wanted, and in which version. Names of keys are kept; the reader drops values on arrival.

mod needs;

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use crate::api::CREDENTIAL_KEYS;
use crate::cluster::{ClusterError, Reader};
use crate::object::field::text;
use crate::object::{DeferredField, Manifest, Meta, ObjectRef, ObjectVersion, version_in};
use crate::ops::observe::AT_ONCE;
use crate::plan::{Problem, Severity};
use needs::Needs;

/// The version of a Secret that could not be read when what depends on it was made.
const UNREAD: &str = "unread";

/// What is known of one external Secret.
#[derive(Debug)]
enum Secret {
    There {
        meta: Box<Meta>,
        keys: BTreeSet<String>,
    },
    Absent,
    /// The identity may not look.
    Hidden,
}

/// The external Secrets of a stack.
#[derive(Debug, Default)]
pub(in crate::ops) struct ExternalSecrets {
    secrets: BTreeMap<ObjectRef, Secret>,
    needs: BTreeMap<ObjectRef, Needs>,
}

/// Secrets that the manifests name and do not hold. Each is read by a plan.
pub(in crate::ops) fn external_secrets(manifests: &[Manifest]) -> BTreeSet<ObjectRef> {
    external_needs(manifests).into_keys().collect()
}

fn external_needs(manifests: &[Manifest]) -> BTreeMap<ObjectRef, Needs> {
    let mut needs = needs::read_needs(manifests);
    for own in manifests {
        needs.remove(&own.reference);
    }
    needs
}

impl ExternalSecrets {
    /// Reads each once: one GET a Secret.
    pub(in crate::ops) async fn read(reader: &Reader, manifests: &[Manifest]) -> Result<Self, ClusterError> {
        let needs = external_needs(manifests);
        let asked = needs.keys().map(async |secret| (secret.clone(), read_secret(reader, secret).await));
        let mut answers = stream::iter(asked).buffered(AT_ONCE);
        let mut secrets = BTreeMap::new();
        while let Some((secret, answer)) = answers.next().await {
            secrets.insert(secret, answer?);
        }
        drop(answers);
        Ok(Self { secrets, needs })
    }

    /// Leaves the versions of Secrets that may not be read as the live objects have them, which change with these
    /// versions: nobody can tell whether they moved. One GET for each such object.
    pub(in crate::ops) async fn keep_hidden(&self, reader: &Reader, manifests: &mut [Manifest]) {
        for manifest in manifests {
            let hidden: Vec<_> = manifest.deferred.iter().flat_map(|deferred| self.hidden_in(deferred)).collect();
            if hidden.is_empty() {
                continue;
            }
            // What may not be read either is not compared.
            let live = reader.find(&manifest.reference).await.ok().flatten().unwrap_or_default();
            for (pointer, secret) in hidden {
                let version = text(&live, &pointer).and_then(|list| version_in(list, &secret)).unwrap_or(UNREAD);
                manifest.kept_versions.insert(secret, version.to_owned());
            }
        }
    }

    fn hidden_in(&self, deferred: &DeferredField) -> Vec<(String, ObjectRef)> {
        let secrets = deferred.value.objects();
        let hidden = |secret: &&ObjectRef| matches!(self.secrets.get(*secret), Some(Secret::Hidden));
        secrets.iter().filter(hidden).map(|secret| (deferred.pointer.clone(), secret.clone())).collect()
    }

    /// The version of one of them; nothing of a Secret that was not, or could not be, looked at.
    pub(in crate::ops) fn version(&self, secret: &ObjectRef) -> Option<ObjectVersion> {
        match self.secrets.get(secret)? {
            Secret::There { meta, .. } => Some(ObjectVersion::from(&**meta)),
            Secret::Absent => Some(ObjectVersion::Absent),
            Secret::Hidden => None,
        }
    }

    /// What is wrong with them. `to_come` says of a namespace that this plan makes it: nobody can have put a
    /// Secret there yet, so that its absence is a warning.
    pub(in crate::ops) fn problems(&self, to_come: impl Fn(&str) -> bool) -> Vec<Problem> {
        let all = self.secrets.iter().filter_map(|(secret, found)| Some((secret, found, self.needs.get(secret)?)));
        all.filter_map(|(secret, found, needs)| {
            let namespace = secret.namespace.as_deref().unwrap_or_default();
            match found {
                Secret::Absent if to_come(namespace) => Some(absent(secret, needs, Severity::Warning)),
                Secret::Absent => Some(absent(secret, needs, Severity::Error)),
                Secret::There { keys, .. } => lacking(secret, needs, keys),
                Secret::Hidden => Some(hidden(secret, needs)),
            }
        })
        .collect()
    }
}

async fn read_secret(reader: &Reader, secret: &ObjectRef) -> Result<Secret, ClusterError> {
    match reader.find(secret).await {
        Ok(None) => Ok(Secret::Absent),
        Ok(Some(found)) => {
            let malformed = || ClusterError::Malformed(format!("{secret} has no metadata"));
            let meta = Meta::from_object(&secret.group, &secret.kind, &found).ok_or_else(malformed)?;
            let data = found.get("data").and_then(Value::as_object);
            let keys = data.into_iter().flat_map(|data| data.keys().cloned()).collect();
            Ok(Secret::There { meta: Box::new(meta), keys })
        }
        Err(ClusterError::Forbidden(_)) => Ok(Secret::Hidden),
        Err(error) => Err(error),
    }
}

fn absent(secret: &ObjectRef, needs: &Needs, severity: Severity) -> Problem {
    let message = format!("it is referred to and does not exist; {} cannot start without it", needs.who());
    let hint = format!("make it, or describe it: `[secrets.{}]`", secret.name);
    needs.problem(severity, "missing-secret", secret, message).with_hint(hint)
}

/// A Secret that is there without a key that is needed.
fn lacking(secret: &ObjectRef, needs: &Needs, keys: &BTreeSet<String>) -> Option<Problem> {
    let missing: Vec<&str> = needs.keys.difference(keys).map(String::as_str).collect();
    let is_credential = |key: &String| CREDENTIAL_KEYS.iter().any(|(name, _)| name == key);
    let message = match missing.as_slice() {
        [] if needs.whole && !keys.iter().any(is_credential) => {
            "none of its keys has the name of a credential".to_owned()
        }
        [] => return None,
        [key] => format!("it has no key `{key}`; {} cannot start without it", needs.who()),
        missing => format!("it has no keys `{}`; {} cannot start without them", missing.join("`, `"), needs.who()),
    };
    let there: Vec<&str> = keys.iter().map(String::as_str).collect();
    let hint = if there.is_empty() { "it is empty".to_owned() } else { format!("it has `{}`", there.join("`, `")) };
    Some(needs.problem(Severity::Error, "missing-secret-key", secret, message).with_hint(hint))
}

fn hidden(secret: &ObjectRef, needs: &Needs) -> Problem {
    let message = if needs.version {
        "its version cannot be read, so that nobody knows whether the gateway runs with its present values"
    } else {
        "it cannot be read, so that nobody knows whether it has the keys that the gateway needs"
    };
    let namespace = secret.namespace.as_deref().unwrap_or_default();
    let hint = format!(
        "grant `get` on Secrets of namespace `{namespace}`, or set `gateway.rotateOnSecretChange = false` and restart \
         the gateway by hand when credentials change"
    );
    needs.problem(Severity::Warning, "unreadable-secret", secret, message.to_owned()).with_hint(hint)
}
