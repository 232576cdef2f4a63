//! How the credentials of models get into the pod. One variable for each Secret and key, never named like a
//! vendor's: `LiteLLM` sends `OPENAI_API_KEY` to any endpoint whose own key is missing. Key files are mounted: a
//! file is read again when it changed, and no child process inherits it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, KeyToPath, ProjectedVolumeSource, SecretKeySelector, SecretProjection, VolumeProjection,
};
use sha2::{Digest, Sha256};

use crate::render::endpoint::{Assignment, Presence, SecretKey, assignments};
use crate::render::scope::Scope;

/// The parameter whose value is the path of a key file.
const FILE: &str = "vertex_credentials";
/// Where key files are mounted, each at `<secret>/<key>`.
pub(super) const DIRECTORY: &str = "/var/run/langop/credentials";

/// How all credentials of a cluster get into the pod.
pub(super) struct Credentials {
    variables: BTreeMap<SecretKey, Variable>,
    /// Key files, each with the variable that holds its path: the configuration is the same wherever they are.
    files: BTreeMap<SecretKey, Variable>,
}

struct Variable {
    name: String,
    presence: Presence,
}

impl Credentials {
    /// The credentials of all models of the cluster.
    pub(super) fn of_cluster(scope: &Scope<'_>) -> Self {
        let mut keys: BTreeMap<SecretKey, Presence> = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (_, model) in scope.models() {
            for Assignment { source, presence, parameter } in assignments(scope, model) {
                let travelling = if parameter == FILE { &mut files } else { &mut keys };
                // What one model needs is needed.
                let all = travelling.entry(source).or_insert(presence);
                *all = presence.max(*all);
            }
        }
        Self { variables: named("LANGOP_KEY", keys), files: named("LANGOP_FILE", files) }
    }

    /// What the configuration says instead of a credential: the variable that holds it, or its path.
    pub(super) fn reference(&self, given: &Assignment) -> Option<String> {
        let travelling = if given.parameter == FILE { &self.files } else { &self.variables };
        travelling.get(&given.source).map(|variable| format!("os.environ/{}", variable.name))
    }

    /// The Secrets that hold the credentials, ordered by name.
    pub(super) fn secrets(&self) -> BTreeSet<&str> {
        self.variables.keys().chain(self.files.keys()).map(|key| key.secret.as_str()).collect()
    }

    /// The variable of each key of a Secret.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &SecretKey)> {
        self.variables.iter().map(|(key, variable)| (variable.name.as_str(), key))
    }

    /// The variables, ordered by Secret and key.
    pub(super) fn environment(&self) -> Vec<EnvVar> {
        let variables = self.variables.iter();
        let variables = variables.map(|(key, variable)| from_secret(&variable.name, key, variable.presence));
        let paths = self.files.iter().map(|(SecretKey { secret, key }, variable)| EnvVar {
            name: variable.name.clone(),
            value: Some(format!("{DIRECTORY}/{secret}/{key}")),
            value_from: None,
        });
        variables.chain(paths).collect()
    }

    /// The key files, ordered by Secret and key, to be mounted at [`DIRECTORY`]; none when there are none.
    pub(super) fn files(&self) -> Option<ProjectedVolumeSource> {
        let source = |(SecretKey { secret, key }, file): (&SecretKey, &Variable)| VolumeProjection {
            secret: Some(SecretProjection {
                name: secret.clone(),
                items: Some(vec![KeyToPath { key: key.clone(), path: format!("{secret}/{key}"), mode: None }]),
                optional: file.presence.optional(),
            }),
            ..VolumeProjection::default()
        };
        let sources: Vec<_> = self.files.iter().map(source).collect();
        let sources = (!sources.is_empty()).then_some(sources)?;
        Some(ProjectedVolumeSource { sources: Some(sources), default_mode: None })
    }
}

/// The variable of each key.
fn named(prefix: &str, keys: BTreeMap<SecretKey, Presence>) -> BTreeMap<SecretKey, Variable> {
    let mut plain: BTreeMap<String, usize> = BTreeMap::new();
    for key in keys.keys() {
        *plain.entry(plain_name(prefix, key)).or_default() += 1;
    }
    let variables = keys.into_iter().map(|(key, presence)| {
        let name = plain_name(prefix, &key);
        let alone = plain.get(&name) == Some(&1);
        let name = if alone { name } else { distinct_name(&name, &key) };
        (key, Variable { name, presence })
    });
    variables.collect()
}

/// A variable whose value comes from a Secret.
pub(super) fn from_secret(name: &str, source: &SecretKey, presence: Presence) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: source.secret.clone(),
                key: source.key.clone(),
                optional: presence.optional(),
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

fn plain_name(prefix: &str, key: &SecretKey) -> String {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }
    };
    let word = |text: &str| text.chars().map(legal).collect::<String>();
    format!("{prefix}_{}_{}", word(&key.secret), word(&key.key))
}

/// For keys whose plain names are alike: the digest of what they really are, so that the name of one
/// does not depend on the others.
fn distinct_name(plain: &str, key: &SecretKey) -> String {
    let digest = Sha256::digest(format!("{}/{}", key.secret, key.key));
    let number = digest.iter().take(4).fold(0, |number: u32, &byte| number << 8 | u32::from(byte));
    format!("{plain}_{number:08X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str, key: &str) -> SecretKey {
        SecretKey { secret: secret.into(), key: key.into() }
    }

    #[test]
    fn names_are_legal_and_never_a_vendors() {
        assert_eq!(plain_name("LANGOP_KEY", &key("openai", "api-key")), "LANGOP_KEY_OPENAI_API_KEY");
        let file = plain_name("LANGOP_FILE", &key("a.b-c", "service-account.json"));
        assert_eq!(file, "LANGOP_FILE_A_B_C_SERVICE_ACCOUNT_JSON");
    }

    #[test]
    fn keys_with_one_plain_name_get_names_of_their_own() {
        let (one, two) = (key("a-b", "c"), key("a", "b-c"));
        assert_eq!(plain_name("X", &one), plain_name("X", &two));
        assert_ne!(distinct_name("X", &one), distinct_name("X", &two));
    }
}
