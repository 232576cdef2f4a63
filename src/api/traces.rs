//! What a gateway tells of each call to whom: spans to a collector of `OpenTelemetry`, and everything to a product that is
//! made to keep prompts and answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::SecretKeyRef;
use super::schema::{DATA_KEY, DNS_NAME, rules};

/// A span of each call, without a word of what was asked or answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayTraces {
    /// URL of a collector that takes OTLP over HTTP, such as `http://collector.observability.svc:4318`; without a path,
    /// `/v1/traces` is called.
    #[schemars(regex(pattern = "^https?://"), length(max = 2048))]
    pub otlp: String,
    /// Headers that the collector asks for, as `name=value,name=value`, in a Secret of the cluster's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_secret_ref: Option<HeadersSecretRef>,
    /// Percent of the calls that are traced, of those whose caller does not say itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100), extend("default" = 100))]
    pub percent: Option<i32>,
}

impl GatewayTraces {
    /// Percent of the calls that are traced.
    #[must_use]
    pub fn percent(&self) -> i32 {
        self.percent.unwrap_or(100)
    }

    /// The URL that is called.
    #[must_use]
    pub fn url(&self) -> String {
        let base = self.otlp.trim_end_matches('/');
        let has_path = base.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        if has_path { base.to_owned() } else { format!("{base}/v1/traces") }
    }
}

/// Headers in a Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeadersSecretRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DATA_KEY), length(max = 253), extend("default" = "headers"))]
    pub key: Option<String>,
}

impl HeadersSecretRef {
    /// The key when none is written.
    pub const DEFAULT_KEY: &'static str = "headers";

    /// Key in the Secret, `headers` by default.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(Self::DEFAULT_KEY)
    }
}

/// Products that get each call whole, with what was asked and answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayCallbacks {
    /// Langfuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub langfuse: Option<LangfuseCallback>,
    /// The logs of Datadog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datadog: Option<DatadogCallback>,
}

/// Langfuse: its cloud, or one of one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[CONTENTS])))]
pub struct LangfuseCallback {
    /// Its URL; left out, `https://cloud.langfuse.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^https?://"), length(max = 2048))]
    pub host: Option<String>,
    /// The Secret of the cluster's namespace with its keys, `public-key` and `secret-key`.
    pub secret_ref: CallbackSecretRef,
    /// That it gets what is asked and answered: must be true, so that nobody sends it unawares.
    #[serde(default)]
    pub contents: bool,
}

/// What must be said of what goes out.
const CONTENTS: (&str, &str) = ("self.contents", "it gets what is asked and answered, so that contents must be true");

impl LangfuseCallback {
    /// Key of the Secret: whose project it is.
    pub const PUBLIC_KEY: &'static str = "public-key";
    /// Key of the Secret: what gets in.
    pub const SECRET_KEY: &'static str = "secret-key";

    /// Its URL.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or("https://cloud.langfuse.com")
    }
}

/// A Secret whose keys have names of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallbackSecretRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
}

/// The logs of Datadog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[CONTENTS])))]
pub struct DatadogCallback {
    /// Its site, such as `datadoghq.eu`.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub site: String,
    /// The API key, in a Secret of the cluster's namespace.
    pub api_key_secret_ref: SecretKeyRef,
    /// That it gets what is asked and answered: must be true, so that nobody sends it unawares.
    #[serde(default)]
    pub contents: bool,
}

impl DatadogCallback {
    /// The host that logs are sent to.
    #[must_use]
    pub fn host(&self) -> String {
        format!("http-intake.logs.{}", self.site)
    }
}
