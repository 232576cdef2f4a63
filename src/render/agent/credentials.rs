//! Secret values of an agent's own, as variables: from a Secret that the description names, or generated once, on the way
//! to the API server, and never read back. Each generated one is a Secret of its own: an object that is made once could
//! not get another key later.

use k8s_openapi::api::core::v1::{EnvVar, Secret};

use crate::api::{AgentCredential, LanguageAgentSpec};
use crate::object::{Lifecycle, Manifest, SecretSource};
use crate::render::workload::{Workload, secret_variable};

use super::Agent;

/// The key of a generated value.
const KEY: &str = "value";
/// Bytes of a generated value: as many as SHA-256 has.
const BYTES: usize = 32;

/// The Secrets of generated values.
pub(super) fn secrets(agent: &Agent<'_>, workload: &Workload<'_>) -> Vec<Manifest> {
    let generated = agent.spec().credentials.iter().filter(|credential| credential.value_from.is_none());
    generated.map(|credential| secret(workload, &generated_name(agent.name, credential))).collect()
}

fn secret(workload: &Workload<'_>, name: &str) -> Manifest {
    let secret = Secret { metadata: workload.meta(name), type_: Some("Opaque".to_owned()), ..Secret::default() };
    let mut manifest = workload.manifest(&secret);
    manifest.lifecycle = Lifecycle::CreateOnce;
    let value = SecretSource::Generate { prefix: "".into(), bytes: BYTES };
    manifest.secret = [(KEY.to_owned(), value)].into();
    manifest
}

/// Names of the Secrets that the values are in.
pub(super) fn names<'a>(agent: &'a str, spec: &'a LanguageAgentSpec) -> impl Iterator<Item = String> + 'a {
    spec.credentials.iter().map(move |credential| place(agent, credential).0)
}

pub(super) fn variables(agent: &Agent<'_>) -> impl Iterator<Item = EnvVar> {
    agent.spec().credentials.iter().map(|credential| {
        let (secret, key) = place(agent.name, credential);
        secret_variable(&credential.name, &secret, &key)
    })
}

/// Secret and key of a value.
fn place(agent: &str, credential: &AgentCredential) -> (String, String) {
    match &credential.value_from {
        Some(reference) => (reference.name.clone(), reference.key().to_owned()),
        None => (generated_name(agent, credential), KEY.to_owned()),
    }
}

/// The Secret of a generated value, named after its variable as the names of objects allow.
fn generated_name(agent: &str, credential: &AgentCredential) -> String {
    let name = credential.name.to_ascii_lowercase().replace('_', "-");
    // A variable may begin or end with an underscore.
    format!("{agent}-credential-{}", name.trim_matches('-'))
}
