//! The store of a gateway: what its pods count in together, a Valkey of its own or one that is there already.

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{DATA_KEY, DNS_NAME, quantity, rules};
use crate::object::names::STORE_PORT;

/// What the pods of a gateway count in together: a Valkey that langop runs, or with `host` a Redis or Valkey that is
/// there already.
// What is for one of the two alone has no default in the schema: the API server writes defaults down, and could no more tell
// what was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("!has(self.host) || !(has(self.image) || has(self.size) || has(self.storageClassName) || has(self.resources))",
     "image, size, storageClassName and resources are for a store that langop runs, without host"),
    ("has(self.host) || !(has(self.port) || has(self.tls) || has(self.username) || has(self.secretRef))",
     "port, tls, username and secretRef are for a store that is there already, and need host"),
])))]
pub struct GatewayStore {
    /// Host of a Redis or Valkey that is there already: a Service, a name or an address. Left out, langop runs a Valkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z0-9.:_-]+$"), length(min = 1, max = 253))]
    pub host: Option<String>,
    /// Its port; left out, 6379.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// Whether it is called over TLS, with a certificate that the gateway's own authorities vouch for; left out, it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// The user of its access control list; left out, its default user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub username: Option<String>,
    /// The password, in a Secret of the cluster's namespace; left out, it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<StoreSecretRef>,
    /// Image of the Valkey that langop runs, with tag or digest; left out, the release that langop was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 512))]
    pub image: Option<String>,
    /// Size of its volume; left out, 1Gi. It can grow but not shrink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity")]
    pub size: Option<Quantity>,
    /// Storage class of its volume; left out, the target's default. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub storage_class_name: Option<String>,
    /// Its requests and limits. Written, it replaces the default as a whole; half of the limit of memory is for data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// What becomes of calls under a limit or a budget while the store does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "limits-open"))]
    pub on_outage: Option<OnOutage>,
}

impl GatewayStore {
    /// The port when none is written, and that of the Valkey that langop runs.
    pub const PORT: i32 = STORE_PORT;

    /// The port.
    #[must_use]
    pub fn port(&self) -> i32 {
        self.port.unwrap_or(Self::PORT)
    }

    /// Whether it is called over TLS; no by default.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.tls.unwrap_or(false)
    }

    /// Size of the volume, `1Gi` by default.
    #[must_use]
    pub fn size(&self) -> Quantity {
        self.size.clone().unwrap_or_else(|| Quantity("1Gi".to_owned()))
    }

    /// What becomes of calls under a limit or a budget while it does not answer; by default those under limits alone go on.
    #[must_use]
    pub fn on_outage(&self) -> OnOutage {
        self.on_outage.unwrap_or_default()
    }
}

/// The password of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoreSecretRef {
    /// Name of the Secret.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
    /// Key in the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DATA_KEY), length(max = 253), extend("default" = "password"))]
    pub key: Option<String>,
}

impl StoreSecretRef {
    /// The key when none is written.
    pub const DEFAULT_KEY: &'static str = "password";

    /// Key in the Secret, `password` by default.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(Self::DEFAULT_KEY)
    }
}

/// What becomes of calls under a limit or a budget while the store does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnOutage {
    /// Those under limits go on, and each pod counts for itself; those under budgets are refused.
    #[default]
    LimitsOpen,
    /// All of them go on.
    Open,
    /// All of them are refused.
    Closed,
}
