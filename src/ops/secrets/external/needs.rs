//! What gateways need of Secrets, read off their manifests: keys, versions, and the models they are for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::api::SecretKeyRef;
use crate::object::field::{items, text, text_map};
use crate::object::names::MODEL_KIND;
use crate::object::pod_template::{PodTemplate, pod_template};
use crate::object::role::{Part, is_gateway_deployment, part};
use crate::object::{Address, Manifest, ObjectRef, Source};
use crate::plan::{Problem, Severity};

/// What is needed of one Secret.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Keys without which a pod does not start.
    pub keys: BTreeSet<String>,
    /// Whether any key with the name of a credential will do.
    pub whole: bool,
    /// Whether a change of it restarts pods.
    pub version: bool,
    /// Whether the gateway refers to it; else agents and tools do.
    is_for_gateway: bool,
    /// The first model that refers to it, and where that is written.
    model: Option<(Address, Option<Source>)>,
}

impl Needs {
    /// What cannot start without it.
    pub(super) fn who(&self) -> &'static str {
        if self.is_for_gateway { "the gateway" } else { "what refers to it" }
    }

    /// A problem of the Secret, at the model that refers to it.
    pub(super) fn problem(&self, severity: Severity, code: &str, secret: &ObjectRef, message: String) -> Problem {
        let (address, source) = self.model.clone().map_or((None, None), |(address, source)| (Some(address), source));
        Problem::new(severity, code, message).about(secret, address, source)
    }
}

/// What the manifests need, by Secret.
pub(super) fn read_needs(manifests: &[Manifest]) -> BTreeMap<ObjectRef, Needs> {
    let mut all: BTreeMap<ObjectRef, Needs> = BTreeMap::new();
    for manifest in manifests {
        let is_gateway = is_gateway_deployment(&manifest.reference, &manifest.object);
        for deferred in &manifest.deferred {
            for secret in deferred.value.objects() {
                let needs = all.entry(secret.clone()).or_default();
                needs.version = true;
                needs.is_for_gateway |= is_gateway;
            }
        }
        if is_gateway || is_member(manifest) {
            for (name, key) in keys(&manifest.object) {
                let needs = all.entry(beside(manifest, name)).or_default();
                needs.keys.insert(key.to_owned());
                needs.is_for_gateway |= is_gateway;
            }
        }
    }
    for manifest in manifests.iter().filter(|manifest| manifest.reference.kind == MODEL_KIND) {
        model(manifest, &mut all);
    }
    all
}

/// Whether it runs the pods of an agent or a tool.
fn is_member(manifest: &Manifest) -> bool {
    let labels = text_map(&manifest.object, "/metadata/labels");
    pod_template(&manifest.object).is_some() && matches!(part(&labels), Some(Part::Agent(_) | Part::Tool(_)))
}

fn model(manifest: &Manifest, all: &mut BTreeMap<ObjectRef, Needs>) {
    let name = |field: &str| text(&manifest.object, &format!("/spec/{field}/name"));
    let mine = (manifest.address.clone(), manifest.source.clone());
    if let Some(secret) = name("apiKeySecretRef") {
        let key = text(&manifest.object, "/spec/apiKeySecretRef/key");
        let needs = all.entry(beside(manifest, secret)).or_default();
        needs.keys.insert(key.unwrap_or(SecretKeyRef::DEFAULT_KEY).to_owned());
        needs.is_for_gateway = true;
        needs.model.get_or_insert_with(|| mine.clone());
    }
    if let Some(secret) = name("credentialsSecretRef") {
        let needs = all.entry(beside(manifest, secret)).or_default();
        needs.whole = true;
        needs.is_for_gateway = true;
        needs.model.get_or_insert(mine);
    }
}

fn beside(manifest: &Manifest, secret: &str) -> ObjectRef {
    ObjectRef::namespaced("", "Secret", manifest.reference.namespace.as_deref().unwrap_or_default(), secret)
}

/// Secret and key of every variable and every mounted file that must be there.
fn keys(workload: &Value) -> Vec<(&str, &str)> {
    let mut keys = Vec::new();
    let Some(PodTemplate { spec, .. }) = pod_template(workload) else { return keys };
    for container in items(spec, "/containers") {
        for variable in items(container, "/env") {
            if let Some(source) = variable.pointer("/valueFrom/secretKeyRef").filter(|source| is_needed(source)) {
                keys.extend(text(source, "/name").zip(text(source, "/key")));
            }
        }
    }
    for volume in items(spec, "/volumes") {
        for projection in items(volume, "/projected/sources") {
            let Some(secret) = projection.get("secret").filter(|secret| is_needed(secret)) else { continue };
            for item in items(secret, "/items") {
                keys.extend(text(secret, "/name").zip(text(item, "/key")));
            }
        }
    }
    keys
}

fn is_needed(source: &Value) -> bool {
    source.get("optional").and_then(Value::as_bool) != Some(true)
}
