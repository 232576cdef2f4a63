//! `LanguageCluster`: one namespace, one gateway, isolation and capacity.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::budget::Budget;
use super::deployment::DeploymentSpec;
use super::ingress::ClusterIngress;
use super::jwt::GatewayJwt;
use super::metrics::GatewayMetrics;
use super::network::{ClusterNetworkPolicies, GatewayNetworkPolicies};
use super::policy::ClusterPolicy;
use super::schema::{DNS_NAME, free_mapping, quantities, quantity, rules};
use super::status::Phase;
use super::store::GatewayStore;
use super::traces::{GatewayCallbacks, GatewayTraces};

/// One namespace, one gateway, isolation and capacity.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::duplicated_attributes, reason = "each print column has attributes of its own")]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguageCluster",
    status = "LanguageClusterStatus",
    derive = "PartialEq",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "A namespace of the same name with the gateway, the isolation and the capacity that \
           agents, models, tools, personas and teams in it share. Deleting it deletes the namespace.",
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Gateway", type_ = "string", json_path = ".status.gatewayEndpoint"),
    printcolumn(name = "GatewayReady", type_ = "boolean", json_path = ".status.gatewayReady"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "!has(self.ingress) || !has(self.ingress.enabled) || !self.ingress.enabled || has(self.domain)",
    "ingress.enabled needs domain",
)])))]
pub struct LanguageClusterSpec {
    /// Base domain: the gateway is `gateway.<domain>`, an agent `<agent>.<domain>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 245))]
    pub domain: Option<String>,
    /// How the gateway is reached from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<ClusterIngress>,
    /// Network rules for every agent of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<ClusterNetworkPolicies>,
    /// The gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// Hard limits of the namespace; left out, there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// What must hold for whatever answers a call of its gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<ClusterPolicy>,
    /// How much all calls of its gateway may cost. Needs `gateway.store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// The gateway: one `LiteLLM` proxy for all models of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gateway {
    /// Image of the proxy, with tag or digest; left out, the release that langop was tested with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 512))]
    pub image: Option<String>,
    /// How it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentSpec>,
    /// Merged over the generated configuration of `LiteLLM`: maps deeply, all else replaces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "free_mapping")]
    pub config: BTreeMap<String, Value>,
    /// How callers are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<GatewayAuth>,
    /// What the gateway may connect to beside the endpoints of its models, such as a cache, and who
    /// may call it beside agents and tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<GatewayNetworkPolicies>,
    /// What its pods count in together, so that limits of models and agents hold over all of them; left out, each pod
    /// counts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<GatewayStore>,
    /// Its metrics, on a port of their own, and the alerts and the dashboard that come of them; left out, there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<GatewayMetrics>,
    /// A span of each call, without a word of what was asked or answered; left out, there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<GatewayTraces>,
    /// Products that get each call whole, with what was asked and answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callbacks: Option<GatewayCallbacks>,
    /// Whether a changed credential Secret restarts the gateway at the next apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub rotate_on_secret_change: Option<bool>,
    /// What an apply does when the gateway does not become ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
}

/// What an apply does when the gateway does not become ready.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollout {
    /// Whether it goes back to the last configuration and image in which it was seen ready. The apply fails all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "none"))]
    pub rollback: Option<Rollback>,
}

/// Whether a gateway goes back that does not become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rollback {
    /// It does.
    Auto,
    /// It stays, as Kubernetes leaves it.
    None,
}

impl Gateway {
    /// Fields that a call of an agent may have beside those of its protocol.
    #[must_use]
    pub fn allowed_fields(&self) -> &[String] {
        self.auth.as_ref().map(|auth| auth.allow_fields.as_slice()).unwrap_or_default()
    }

    /// Whether callers must present a key; yes by default.
    #[must_use]
    pub fn auth_enabled(&self) -> bool {
        self.auth.as_ref().and_then(|auth| auth.enabled).unwrap_or(true)
    }

    /// The tokens that it takes beside keys.
    #[must_use]
    pub fn jwt(&self) -> Option<&GatewayJwt> {
        self.auth.as_ref().and_then(|auth| auth.jwt.as_ref())
    }

    /// Whether an agent may call only its own models; no by default.
    #[must_use]
    pub fn restricts_models(&self) -> bool {
        self.auth.as_ref().and_then(|auth| auth.restrict_models).unwrap_or(false)
    }

    /// Whether it goes back when it does not become ready; no by default.
    #[must_use]
    pub fn goes_back(&self) -> bool {
        self.rollout.as_ref().and_then(|rollout| rollout.rollback) == Some(Rollback::Auto)
    }

    /// Whether a changed credential Secret restarts the gateway; yes by default.
    #[must_use]
    pub fn rotates_on_secret_change(&self) -> bool {
        self.rotate_on_secret_change.unwrap_or(true)
    }
}

/// How callers of the gateway are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("!has(self.restrictModels) || !self.restrictModels || !has(self.enabled) || self.enabled",
     "restrictModels needs keys by which agents are known"),
    ("!has(self.jwt) || !has(self.enabled) || self.enabled", "jwt needs enabled"),
])))]
pub struct GatewayAuth {
    /// Whether callers must present a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// Whether an agent may call only the models that its `models` names; left out, it may call every
    /// model of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub restrict_models: Option<bool>,
    /// Tokens by which people and pipelines call it as members of a team; left out, agents alone do, with their keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<GatewayJwt>,
    /// Fields that a call of an agent may have beside those of its protocol, at its top: they go to the provider as they
    /// are. None that `LiteLLM` itself reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        inner(regex(pattern = "^[A-Za-z0-9_-]+$"), length(min = 1, max = 63)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub allow_fields: Vec<String>,
}

/// Hard limits of a namespace. A field that is left out limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capacity {
    /// Most agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_agents: Option<i32>,
    /// Most models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_models: Option<i32>,
    /// Most tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_tools: Option<i32>,
    /// Most personas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_personas: Option<i32>,
    /// Most CPU, as the sum of all pods' limits.
    #[serde(default, rename = "maxCPU", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity")]
    pub max_cpu: Option<Quantity>,
    /// Most memory, as the sum of all pods' limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity")]
    pub max_memory: Option<Quantity>,
}

/// Status of a `LanguageCluster`, written by langop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LanguageClusterStatus {
    /// Where the cluster is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The generation of the spec that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `Ready`, `NetworkPolicyReady`, `GatewayReady` and `CapacityReady`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// URL of the gateway for agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_endpoint: Option<String>,
    /// Whether the gateway's rollout is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_ready: Option<bool>,
    /// What is in the namespace, and its limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityStatus>,
    /// The objects that langop keeps for the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub managed_resources: Vec<ManagedResource>,
}

/// What is in the namespace of a cluster, and its limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityStatus {
    /// Agents.
    #[serde(default)]
    pub agent_count: i32,
    /// Models.
    #[serde(default)]
    pub model_count: i32,
    /// Tools.
    #[serde(default)]
    pub tool_count: i32,
    /// Personas.
    #[serde(default)]
    pub persona_count: i32,
    /// Sum of the CPU limits.
    #[serde(default, rename = "totalCPULimits", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity")]
    pub total_cpu_limits: Option<Quantity>,
    /// Sum of the memory limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quantity")]
    pub total_memory_limits: Option<Quantity>,
    /// Limits of the quota.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "quantities")]
    pub hard: BTreeMap<String, Quantity>,
    /// Use that the quota counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "quantities")]
    pub used: BTreeMap<String, Quantity>,
}

/// An object that langop keeps for a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedResource {
    /// API group, empty for core.
    #[serde(default)]
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace; none for cluster-scoped kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}
