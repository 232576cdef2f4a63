//! Which key of which Secret becomes which parameter of which model. Knows no pod: how a key gets into one is
//! the gateway's business.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{CREDENTIAL_KEYS, LanguageModelSpec, Provider, SecretKeyRef};
use crate::render::scope::Scope;

/// One key of one Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SecretKey {
    pub secret: String,
    pub key: String,
}

/// A parameter of a model that takes its value from a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub parameter: &'static str,
    pub source: SecretKey,
    /// Whether the key may be missing.
    pub presence: Presence,
}

/// Whether a pod starts without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Presence {
    /// It may be missing: nobody knows the keys of that Secret yet.
    Optional,
    /// It must be there.
    Required,
}

impl Presence {
    /// The field `optional` of a reference; left out when it would be false.
    pub(crate) fn optional(self) -> Option<bool> {
        (self == Self::Optional).then_some(true)
    }
}

/// The parameters that a model takes from Secrets, ordered by parameter. A key of `apiKeySecretRef`
/// wins over one of `credentialsSecretRef`.
pub(crate) fn assignments(scope: &Scope<'_>, model: &LanguageModelSpec) -> Vec<Assignment> {
    let mut all = BTreeMap::new();
    if let Some(secret) = &model.credentials_secret_ref {
        let keys = scope.secret_keys(&secret.name);
        for (key, parameter, presence) in keys.map_or_else(|| expected(model), |keys| known(&keys)) {
            let source = SecretKey { secret: secret.name.clone(), key: key.to_owned() };
            all.entry(parameter).or_insert(Assignment { parameter, source, presence });
        }
    }
    if let Some(SecretKeyRef { name, .. }) = &model.api_key_secret_ref {
        let key = model.api_key_secret_ref.as_ref().map_or("", |reference| reference.key());
        let source = SecretKey { secret: name.clone(), key: key.to_owned() };
        all.insert("api_key", Assignment { parameter: "api_key", source, presence: Presence::Required });
    }
    all.into_values().collect()
}

type Named = (&'static str, &'static str, Presence);

fn known(keys: &BTreeSet<String>) -> Vec<Named> {
    let there = CREDENTIAL_KEYS.iter().filter(|(key, _)| keys.contains(*key));
    there.map(|(key, parameter)| (*key, *parameter, Presence::Required)).collect()
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
    named.map(|(key, parameter)| (*key, *parameter, Presence::Optional)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_names_for_one_parameter_the_first_wins() {
        let keys = ["API_KEY", "api-key", "unknown"].map(String::from).into();
        let named = known(&keys);
        assert_eq!(named, [("api-key", "api_key", Presence::Required), ("API_KEY", "api_key", Presence::Required)]);
    }

    #[test]
    fn of_an_unknown_secret_the_providers_names_are_expected_but_may_be_missing() {
        let model = LanguageModelSpec { provider: Some(Provider::Bedrock), ..LanguageModelSpec::default() };
        let parameters: Vec<_> = expected(&model).iter().map(|named| (named.1, named.2)).collect();
        assert!(parameters.contains(&("aws_session_token", Presence::Optional)));
        assert!(parameters.contains(&("api_key", Presence::Optional)));
    }
}
