//! Which key of which Secret becomes which parameter of which model, and the environment variable it
//! travels in. One variable for each Secret and key, never named like a vendor's: `LiteLLM` sends
//! `OPENAI_API_KEY` to any endpoint whose own key is missing. Key files are mounted: a file is read again
//! when it changed, and no child process inherits it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, KeyToPath, ProjectedVolumeSource, SecretKeySelector, SecretProjection, VolumeProjection,
};
use sha2::{Digest, Sha256};

use crate::api::{CREDENTIAL_KEYS, LanguageModelSpec, Provider, SecretKeyRef};
use crate::render::scope::Scope;

/// One key of one Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretKey {
    pub secret: String,
    pub key: String,
}

/// A parameter of a model that takes its value from a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub parameter: &'static str,
    pub source: SecretKey,
    /// Whether the key may be missing: nobody knows the keys of that Secret yet.
    pub optional: bool,
}

/// The parameters that a model takes from Secrets, ordered by parameter. A key of `apiKeySecretRef`
/// wins over one of `credentialsSecretRef`.
pub(super) fn assignments(scope: &Scope<'_>, model: &LanguageModelSpec) -> Vec<Assignment> {
    let mut all = BTreeMap::new();
    if let Some(secret) = &model.credentials_secret_ref {
        let keys = scope.secret_keys(&secret.name);
        for (key, parameter, optional) in keys.map_or_else(|| expected(model), |keys| known(&keys)) {
            let source = SecretKey { secret: secret.name.clone(), key: key.to_owned() };
            all.entry(parameter).or_insert(Assignment { parameter, source, optional });
        }
    }
    if let Some(SecretKeyRef { name, .. }) = &model.api_key_secret_ref {
        let key = model.api_key_secret_ref.as_ref().map_or("", |reference| reference.key());
        let source = SecretKey { secret: name.clone(), key: key.to_owned() };
        all.insert("api_key", Assignment { parameter: "api_key", source, optional: false });
    }
    all.into_values().collect()
}

type Named = (&'static str, &'static str, bool);

fn known(keys: &BTreeSet<String>) -> Vec<Named> {
    let there = CREDENTIAL_KEYS.iter().filter(|(key, _)| keys.contains(*key));
    there.map(|(key, parameter)| (*key, *parameter, false)).collect()
}

/// What a provider's credentials are called when nobody knows the Secret. An absent variable is to
/// `LiteLLM` as if the parameter were not written.
fn expected(model: &LanguageModelSpec) -> Vec<Named> {
    let wanted: &[&str] = match model.provider {
        Some(Provider::Azure) => {
            &["AZURE_API_KEY", "AZURE_AD_TOKEN", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]
        }
        Some(Provider::Bedrock) => {
            &["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        }
        Some(Provider::Vertex) => &["VERTEX_CREDENTIALS"],
        _ => &["api-key"],
    };
    let named = CREDENTIAL_KEYS.iter().filter(|(key, _)| wanted.contains(key));
    named.map(|(key, parameter)| (*key, *parameter, true)).collect()
}

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
    optional: bool,
}

impl Credentials {
    /// The credentials of all models of the cluster.
    pub fn of(scope: &Scope<'_>) -> Self {
        let mut keys: BTreeMap<SecretKey, bool> = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (_, model) in scope.models() {
            for Assignment { source, optional, parameter } in assignments(scope, model) {
                let travelling = if parameter == FILE { &mut files } else { &mut keys };
                let all = travelling.entry(source).or_insert(true);
                *all = *all && optional;
            }
        }
        Self { variables: named("LANGOP_KEY", keys), files: named("LANGOP_FILE", files) }
    }

    /// What the configuration says instead of a credential: the variable that holds it, or its path.
    pub fn reference(&self, given: &Assignment) -> Option<String> {
        let travelling = if given.parameter == FILE { &self.files } else { &self.variables };
        travelling.get(&given.source).map(|variable| format!("os.environ/{}", variable.name))
    }

    /// The Secrets that hold the credentials, ordered by name.
    pub fn secrets(&self) -> BTreeSet<&str> {
        self.variables.keys().chain(self.files.keys()).map(|key| key.secret.as_str()).collect()
    }

    /// The variables, ordered by Secret and key.
    pub fn environment(&self) -> Vec<EnvVar> {
        let variables = self.variables.iter();
        let variables = variables.map(|(key, variable)| from_secret(&variable.name, key, variable.optional));
        let paths = self.files.iter().map(|(SecretKey { secret, key }, variable)| EnvVar {
            name: variable.name.clone(),
            value: Some(format!("{DIRECTORY}/{secret}/{key}")),
            value_from: None,
        });
        variables.chain(paths).collect()
    }

    /// The key files, ordered by Secret and key, to be mounted at [`DIRECTORY`]; none when there are none.
    pub fn files(&self) -> Option<ProjectedVolumeSource> {
        let source = |(SecretKey { secret, key }, file): (&SecretKey, &Variable)| VolumeProjection {
            secret: Some(SecretProjection {
                name: secret.clone(),
                items: Some(vec![KeyToPath { key: key.clone(), path: format!("{secret}/{key}"), mode: None }]),
                optional: file.optional.then_some(true),
            }),
            ..VolumeProjection::default()
        };
        let sources: Vec<_> = self.files.iter().map(source).collect();
        let sources = (!sources.is_empty()).then_some(sources)?;
        Some(ProjectedVolumeSource { sources: Some(sources), default_mode: None })
    }
}

/// The variable of each key.
fn named(prefix: &str, keys: BTreeMap<SecretKey, bool>) -> BTreeMap<SecretKey, Variable> {
    let mut plain: BTreeMap<String, usize> = BTreeMap::new();
    for key in keys.keys() {
        *plain.entry(plain_name(prefix, key)).or_default() += 1;
    }
    let variables = keys.into_iter().map(|(key, optional)| {
        let name = plain_name(prefix, &key);
        let alone = plain.get(&name) == Some(&1);
        let name = if alone { name } else { distinct_name(&name, &key) };
        (key, Variable { name, optional })
    });
    variables.collect()
}

/// A variable whose value comes from a Secret.
pub(super) fn from_secret(name: &str, source: &SecretKey, optional: bool) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: source.secret.clone(),
                key: source.key.clone(),
                optional: optional.then_some(true),
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

    #[test]
    fn of_two_names_for_one_parameter_the_first_wins() {
        let keys = ["API_KEY", "api-key", "unknown"].map(String::from).into();
        let named = known(&keys);
        assert_eq!(named, [("api-key", "api_key", false), ("API_KEY", "api_key", false)]);
    }

    #[test]
    fn of_an_unknown_secret_the_providers_names_are_expected_but_may_be_missing() {
        let model = LanguageModelSpec { provider: Some(Provider::Bedrock), ..LanguageModelSpec::default() };
        let parameters: Vec<_> = expected(&model).iter().map(|named| (named.1, named.2)).collect();
        assert!(parameters.contains(&("aws_session_token", true)));
        assert!(parameters.contains(&("api_key", true)));
    }
}
