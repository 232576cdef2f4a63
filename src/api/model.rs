//! `LanguageModel`: one model endpoint that the gateway of its cluster serves.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::budget::Budget;
use super::duration::Duration;
use super::schema::{DATA_KEY, DNS_NAME, litellm_params, rules};
use super::status::MemberStatus;

/// One model endpoint that the gateway of its cluster serves.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::duplicated_attributes, reason = "each print column has attributes of its own")]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguageModel",
    namespaced,
    status = "MemberStatus",
    derive = "PartialEq",
    shortname = "lmodel",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "A model endpoint that the gateway of a language cluster serves.",
    printcolumn(name = "Provider", type_ = "string", json_path = ".spec.provider"),
    printcolumn(name = "Model", type_ = "string", json_path = ".spec.modelName"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("has(self.provider) != has(self.litellmProvider)",
     "exactly one of provider and litellmProvider is needed"),
    ("!has(self.provider) || !(self.provider in ['openai-compatible', 'custom', 'azure']) || has(self.endpoint)",
     "endpoint is needed for openai-compatible, custom and azure"),
    ("!has(self.provider) || self.provider != 'azure' || has(self.apiVersion) \
      || (has(self.params) && has(self.params.api_version))",
     "apiVersion is needed for azure"),
    ("!has(self.provider) || self.provider != 'bedrock' || has(self.region) \
      || (has(self.params) && has(self.params.aws_region_name))",
     "region is needed for bedrock"),
    ("!has(self.provider) || self.provider != 'vertex' || has(self.project) \
      || (has(self.params) && has(self.params.vertex_project))",
     "project is needed for vertex"),
    ("!has(self.provider) || self.provider != 'vertex' || has(self.location) \
      || (has(self.params) && has(self.params.vertex_location))",
     "location is needed for vertex"),
    ("self.modelName != '*' || !has(self.aliases) || self.aliases.size() == 0",
     "a whole catalogue (modelName '*') has no aliases"),
    ("self.modelName != '*' || !has(self.fallbacks) || self.fallbacks.size() == 0",
     "a whole catalogue (modelName '*') has no fallbacks"),
])))]
pub struct LanguageModelSpec {
    /// Who serves the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// A provider that `LiteLLM` knows and `provider` does not list, by its prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z0-9_]+$"), length(max = 63))]
    pub litellm_provider: Option<String>,
    /// The model, by the provider's name. `*` is the provider's whole catalogue, called as
    /// `<name of this model>/<model>`.
    #[schemars(regex(pattern = r"^(\*|[^*\s]+)$"), length(min = 1, max = 253))]
    pub model_name: String,
    /// More names for the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        inner(regex(pattern = r"^[^*\s]+$"), length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub aliases: Vec<String>,
    /// Base URL of the provider's API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^\s/]+\S*$"), length(max = 2048))]
    pub endpoint: Option<String>,
    /// Key of a Secret that holds the provider's API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_secret_ref: Option<SecretKeyRef>,
    /// A Secret whose keys are named after the credentials they hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_secret_ref: Option<SecretRef>,
    /// Where it answers: for bedrock the region that is called, for others what you know of it, for the policies of clusters
    /// and teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 253))]
    pub region: Option<String>,
    /// Project, for vertex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 253))]
    pub project: Option<String>,
    /// Location, for vertex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 253))]
    pub location: Option<String>,
    /// Version of the API, for azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 63))]
    pub api_version: Option<String>,
    /// More parameters of `LiteLLM` for this model. No credentials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "litellm_params")]
    pub params: BTreeMap<String, Value>,
    /// Limits that the gateway enforces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<RateLimits>,
    /// How much calls of it may cost. Needs the cluster's `gateway.store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// After what time the gateway gives up on a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "5m"))]
    pub timeout: Option<Duration>,
    /// Models, by model name or alias, that are tried when this one fails, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        inner(length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "atomic")
    )]
    pub fallbacks: Vec<String>,
    /// How often a failed call is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub retries: Option<i32>,
    /// Prices, for the gateway's cost figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

impl LanguageModelSpec {
    /// Seconds that a call may take when `timeout` is left out.
    pub const DEFAULT_TIMEOUT_SECONDS: f64 = 300.0;

    /// Seconds that a call may take.
    #[must_use]
    pub fn timeout_seconds(&self) -> f64 {
        let written = self.timeout.as_ref().and_then(Duration::seconds);
        written.unwrap_or(Self::DEFAULT_TIMEOUT_SECONDS)
    }

    /// Whether the model is the provider's whole catalogue.
    #[must_use]
    pub fn is_catalogue(&self) -> bool {
        self.model_name == "*"
    }
}

/// Who serves a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// api.openai.com, or `endpoint`.
    Openai,
    /// api.anthropic.com, or `endpoint`.
    Anthropic,
    /// generativelanguage.googleapis.com, or `endpoint`.
    Gemini,
    /// Anything that speaks the protocol of `OpenAI`, at `endpoint`.
    OpenaiCompatible,
    /// Azure's `OpenAI`, at `endpoint`.
    Azure,
    /// Amazon Bedrock in `region`.
    Bedrock,
    /// Vertex AI in `project` and `location`.
    Vertex,
    /// Deprecated name of `openai-compatible`.
    Custom,
}

/// One key of a Secret in the cluster's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretKeyRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DATA_KEY), length(max = 253), extend("default" = "api-key"))]
    pub key: Option<String>,
}

impl SecretKeyRef {
    /// The key when none is written.
    pub const DEFAULT_KEY: &'static str = "api-key";

    /// Key in the Secret, `api-key` by default.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(Self::DEFAULT_KEY)
    }
}

/// A Secret in the cluster's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
}

/// Limits that the gateway enforces, each pod of it by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimits {
    /// Calls a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub requests_per_minute: Option<i32>,
    /// Tokens a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub tokens_per_minute: Option<i32>,
}

/// Prices in US dollars for a million tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cost {
    /// Tokens of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub input_per_million: Option<f64>,
    /// Tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub output_per_million: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_reads_back_as_written() {
        let written = serde_json::json!({
            "provider": "openai-compatible",
            "modelName": "llama3",
            "endpoint": "http://ollama.models:11434",
            "apiKeySecretRef": { "name": "ollama" },
            "params": { "temperature": 0.2 },
            "timeout": "90s",
        });
        let spec: LanguageModelSpec = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&spec).unwrap(), written);
        assert_eq!(spec.api_key_secret_ref.as_ref().unwrap().key(), "api-key");
        assert!((spec.timeout_seconds() - 90.0).abs() < f64::EPSILON);
    }

    #[test]
    fn unknown_fields_are_refused() {
        let written = serde_json::json!({ "modelName": "m", "provder": "openai" });
        assert!(serde_json::from_value::<LanguageModelSpec>(written).is_err());
    }
}
