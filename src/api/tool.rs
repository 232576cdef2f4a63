//! `LanguageTool`: an MCP server that agents of the cluster use.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent::Header;
use super::deployment::DeploymentSpec;
use super::network::NetworkPolicies;
use super::schema::rules;
use super::status::AgentPhase;

/// An MCP server that agents of the cluster use: exactly one of `image`, `stdio` and `url`.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::duplicated_attributes, reason = "each print column has attributes of its own")]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguageTool",
    namespaced,
    status = "ToolStatus",
    derive = "PartialEq",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "An MCP server that agents of a language cluster use.",
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Endpoint", type_ = "string", json_path = ".status.endpoint"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.readyReplicas"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("[has(self.image), has(self.stdio), has(self.url)].filter(form, form).size() == 1",
     "exactly one of image, stdio and url is needed"),
    ("has(self.stdio) == (has(self.transport) && self.transport == 'stdio')",
     "stdio and transport stdio need each other"),
    ("!has(self.url) || !has(self.transport) || self.transport == 'streamable-http'",
     "url is for transport streamable-http"),
    ("!has(self.url) || !has(self.deploymentMode) || self.deploymentMode == 'service'",
     "a tool with url is not deployed, so it is no sidecar"),
    ("!has(self.url) || !has(self.deployment)", "a tool with url is not deployed: deployment says nothing"),
    ("has(self.url) || !has(self.headers)", "headers need url"),
])))]
pub struct LanguageToolSpec {
    /// Image of the server, with tag or digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(min = 1, max = 512))]
    pub image: Option<String>,
    /// A server that langop does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://\S+$"), length(max = 2048))]
    pub url: Option<String>,
    /// Headers for that server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub headers: Vec<Header>,
    /// What kind of tool it is.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "mcp"))]
    pub type_: Option<ToolType>,
    /// How it is spoken to; left out, `streamable-http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// A program that speaks on standard input and output, behind a bridge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdio: Option<Stdio>,
    /// Whether it runs once for all agents, or beside each; left out, `service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_mode: Option<DeploymentMode>,
    /// Port that it listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535), extend("default" = 8080))]
    pub port: Option<i32>,
    /// How it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentSpec>,
    /// Network rules of this tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<NetworkPolicies>,
}

impl LanguageToolSpec {
    /// The port of a tool that names none.
    pub const DEFAULT_PORT: i32 = 8080;

    /// Port that it listens on, 8080 by default.
    #[must_use]
    pub fn port(&self) -> i32 {
        self.port.unwrap_or(Self::DEFAULT_PORT)
    }

    /// Whether it runs as pods of its own.
    #[must_use]
    pub fn has_pods(&self) -> bool {
        self.url.is_none() && !self.is_sidecar()
    }

    /// Whether it runs in the pods of the agents that use it.
    #[must_use]
    pub fn is_sidecar(&self) -> bool {
        self.url.is_none() && self.deployment_mode == Some(DeploymentMode::Sidecar)
    }

    /// The path at which it is spoken to.
    #[must_use]
    pub fn path(&self) -> &'static str {
        if self.transport == Some(Transport::Sse) { "/sse" } else { "/mcp" }
    }
}

/// Status of a tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolStatus {
    /// Where the tool is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<AgentPhase>,
    /// The generation of the spec that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Where agents reach it; of one that runs beside them, in their own pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Its pods that are ready; none of a tool without pods of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// Why it is in this phase, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The conditions behind the phase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// What kind of tool it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolType {
    /// Model Context Protocol.
    #[default]
    Mcp,
}

/// How a tool is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// HTTP with streamed answers.
    #[default]
    StreamableHttp,
    /// Server-sent events.
    Sse,
    /// Standard input and output.
    Stdio,
}

/// A program that speaks on standard input and output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stdio {
    /// The program and its arguments. No shell reads them.
    #[schemars(length(min = 1, max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub command: Vec<String>,
    /// Image of the bridge: `supergateway`, with what the program needs. Left out, one with Node.js.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(min = 1, max = 512))]
    pub image: Option<String>,
}

/// Whether a tool runs once, or beside each agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentMode {
    /// Once, as a Deployment and a Service.
    #[default]
    Service,
    /// As a container of each agent that uses it.
    Sidecar,
}
