//! Tokens of an identity provider, by which people and pipelines call a gateway.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{DATA_KEY, DNS_NAME, rules};

/// JSON Web Tokens of an identity provider, by which people and pipelines call the gateway as members of a team. The
/// gateway checks them by itself, with the provider's public keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "has(self.jwksUrl) != has(self.jwksSecretRef)",
    "exactly one of jwksUrl and jwksSecretRef says where the provider's keys are",
)])))]
pub struct GatewayJwt {
    /// The issuer, exactly as the claim `iss` of a token has it.
    #[schemars(length(min = 1, max = 1024))]
    pub issuer: String,
    /// What the claim `aud` of a token must have.
    #[schemars(length(min = 1, max = 253))]
    pub audience: String,
    /// Where the provider publishes its keys, as an https URL. The gateway asks for them again when it meets a key that it
    /// does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https://\S+$"), length(max = 2048))]
    pub jwks_url: Option<String>,
    /// The keys in a Secret of the cluster's namespace, as a JSON Web Key Set. Read again when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_secret_ref: Option<JwksSecretRef>,
    /// The claim that names a caller's teams: a text or a list of texts. With dots it is one within another, unless there is
    /// one of the whole name.
    #[schemars(length(min = 1, max = 253))]
    pub team_claim: String,
}

/// A JSON Web Key Set in a Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JwksSecretRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DATA_KEY), length(max = 253), extend("default" = "jwks.json"))]
    pub key: Option<String>,
}

impl JwksSecretRef {
    /// The key when none is written.
    pub const DEFAULT_KEY: &'static str = "jwks.json";

    /// Key in the Secret, `jwks.json` by default.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(Self::DEFAULT_KEY)
    }
}
