//! `LanguageAgent`: a program that uses the models and tools of its cluster.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::deployment::DeploymentSpec;
use super::duration::Duration;
use super::model::{RateLimits, SecretKeyRef};
use super::network::{NetworkPolicies, Protocol};
use super::schema::{DNS_LABEL, DNS_NAME, LABEL_VALUE, quantity, rules};
use super::status::AgentStatus;

/// A program that uses the models and tools of its cluster.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::duplicated_attributes, reason = "each print column has attributes of its own")]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguageAgent",
    namespaced,
    status = "AgentStatus",
    derive = "PartialEq",
    shortname = "lagent",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "An agent that uses the models and tools of a language cluster.",
    printcolumn(name = "Group", type_ = "string", json_path = ".spec.group"),
    printcolumn(name = "Mode", type_ = "string", json_path = ".spec.execution.mode"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.readyReplicas"),
    printcolumn(name = "LastRun", type_ = "string", json_path = ".status.lastRunPhase"),
    printcolumn(name = "Endpoint", type_ = "string", json_path = ".status.endpoint", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("!has(self.execution) || !has(self.execution.mode) || self.execution.mode != 'task' \
      || !has(self.ports) || self.ports.size() == 0",
     "a task has no ports"),
    ("!has(self.execution) || !has(self.execution.mode) || self.execution.mode != 'task' \
      || !has(self.deployment) || (!has(self.deployment.replicas) && !has(self.deployment.autoscaling))",
     "a task has neither replicas nor autoscaling"),
])))]
pub struct LanguageAgentSpec {
    /// Image of the agent, with tag or digest.
    #[schemars(regex(pattern = r"^\S+$"), length(min = 1, max = 512))]
    pub image: String,
    /// Group of the agent, for network rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = LABEL_VALUE), length(max = 63))]
    pub group: Option<String>,
    /// Models that it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub models: Vec<AgentModel>,
    /// Limits of its calls to all models together, that the gateway enforces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<RateLimits>,
    /// How much its calls may cost. Needs the cluster's `gateway.store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Its key for the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<AgentKey>,
    /// Whether the gateway refuses its calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub blocked: Option<bool>,
    /// Tools that it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub tools: Vec<AgentTool>,
    /// How it talks: a `LanguagePersona`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub persona: Option<String>,
    /// What it is to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 262_144))]
    pub instructions: Option<String>,
    /// Its files. Left out, a workspace of all defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Workspace>,
    /// Network rules of this agent, beside those of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<NetworkPolicies>,
    /// Ports that it listens on; left out, `http` on 8080.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend(
            "x-kubernetes-list-type" = "map",
            "x-kubernetes-list-map-keys" = ["name"],
            "x-kubernetes-validations" = rules(&[(
                "self.filter(port, has(port.expose) && port.expose).size() <= 1",
                "at most one port is exposed",
            )])
        )
    )]
    pub ports: Vec<AgentPort>,
    /// How it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentSpec>,
    /// When it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<Execution>,
    /// Secret values of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub credentials: Vec<AgentCredential>,
}

impl LanguageAgentSpec {
    /// The port of an agent that names none.
    pub const DEFAULT_PORT: i32 = 8080;

    /// Which of its keys is the present one, 1 by default.
    #[must_use]
    pub fn key_epoch(&self) -> u64 {
        let written = self.key.as_ref().and_then(|key| key.epoch);
        written.unwrap_or(1)
    }

    /// Seconds that the key of the last epoch goes on beside a new one; none when it ends at once.
    #[must_use]
    pub fn key_overlap(&self) -> Option<i64> {
        let seconds = self.key.as_ref()?.overlap.as_ref()?.seconds()?.ceil();
        // Hours of nine digits are below 2^42 seconds.
        format!("{seconds:.0}").parse().ok().filter(|seconds| *seconds > 0)
    }

    /// When it runs, `service` by default.
    #[must_use]
    pub fn mode(&self) -> ExecutionMode {
        let written = self.execution.as_ref().and_then(|execution| execution.mode);
        written.unwrap_or_default()
    }

    /// Its workspace: what is written, and with nothing written one of all defaults.
    #[must_use]
    pub fn workspace(&self) -> Option<Workspace> {
        let workspace = self.workspace.clone().unwrap_or_default();
        workspace.is_enabled().then_some(workspace)
    }

    /// When it runs, as written or by default.
    #[must_use]
    pub fn execution(&self) -> Execution {
        self.execution.clone().unwrap_or_default()
    }

    /// The ports that it listens on: those written, else `http` on 8080; none for a task.
    #[must_use]
    pub fn listening(&self) -> Vec<AgentPort> {
        match (self.mode(), self.ports.is_empty()) {
            (ExecutionMode::Task, _) => Vec::new(),
            (ExecutionMode::Service, false) => self.ports.clone(),
            (ExecutionMode::Service, true) => {
                vec![AgentPort { name: "http".to_owned(), port: Self::DEFAULT_PORT, ..AgentPort::default() }]
            }
        }
    }
}

/// The key of an agent for the gateway of its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "!has(self.overlap) || has(self.epoch)",
    "overlap needs epoch",
)])))]
pub struct AgentKey {
    /// Number of the key; left out, 1. A higher number makes a new key, and ends the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 999_999_999))]
    pub epoch: Option<u64>,
    /// How long the last key goes on beside a new one, from the apply that makes it; left out, it ends at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Duration>,
}

/// A model that an agent uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentModel {
    /// Name of the `LanguageModel`.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub name: String,
    /// What the agent uses it for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "primary"))]
    pub role: Option<ModelRole>,
    /// Order among models of one role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// The model of a whole catalogue; for those only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub model: Option<String>,
}

/// What an agent uses a model for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModelRole {
    /// Everything without a model of its own.
    #[default]
    Primary,
    /// When the primary model fails.
    Fallback,
    /// Long thoughts.
    Reasoning,
    /// Calling tools.
    ToolCalling,
    /// Summaries.
    Summarization,
}

impl ModelRole {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Fallback => "fallback",
            Self::Reasoning => "reasoning",
            Self::ToolCalling => "tool-calling",
            Self::Summarization => "summarization",
        }
    }
}

/// A tool that an agent uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "!has(self.headers) || has(self.url)",
    "headers need url",
)])))]
pub struct AgentTool {
    /// Name of the `LanguageTool`, or with `url` a name of your choice.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub name: String,
    /// Whether it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// An MCP server that langop does not run.
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
}

impl AgentTool {
    /// Whether the agent uses it; it does unless it says otherwise.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.enabled.unwrap_or(true)
    }
}

/// An HTTP header: its value as written, or a key of a Secret. `$(NAME)` in a written value stands for a variable of
/// the agent's environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "has(self.value) != has(self.valueFrom)",
    "exactly one of value and valueFrom is needed",
)])))]
pub struct Header {
    /// Its name.
    #[schemars(regex(pattern = "^[-A-Za-z0-9_]+$"), length(max = 128))]
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub value: Option<String>,
    /// Key of a Secret that holds its value. The agent finds it in its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<SecretKeyRef>,
}

/// Files of an agent that outlive its pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Workspace {
    /// Whether there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// Its size. It can grow but not shrink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "workspace_size")]
    pub size: Option<Quantity>,
    /// Its storage class; left out, the target's default. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub storage_class_name: Option<String>,
    /// How many nodes mount it. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ReadWriteOnce"))]
    pub access_mode: Option<AccessMode>,
    /// Where it is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^/[^:]*$"), length(max = 1024), extend("default" = "/workspace"))]
    pub mount_path: Option<String>,
    /// Whether it survives the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub retain: Option<bool>,
    /// Files that are put into it once, by their paths in it. What is there already stays, and what the agent deletes
    /// does not come back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub initial_files: BTreeMap<String, String>,
    /// Image with a shell that puts them there; left out, the agent's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(min = 1, max = 512))]
    pub seed_image: Option<String>,
}

impl Workspace {
    const DEFAULT_PATH: &'static str = "/workspace";

    /// Whether there is one, unless it says otherwise.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    /// Its size, `10Gi` by default.
    #[must_use]
    pub fn size(&self) -> Quantity {
        self.size.clone().unwrap_or_else(|| Quantity("10Gi".to_owned()))
    }

    /// Where it is mounted, `/workspace` by default.
    #[must_use]
    pub fn path(&self) -> &str {
        self.mount_path.as_deref().unwrap_or(Self::DEFAULT_PATH)
    }
}

fn workspace_size(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = quantity(generator);
    schema.insert("default".to_owned(), "10Gi".into());
    schema
}

/// How many nodes mount a volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccessMode {
    /// One node.
    #[default]
    ReadWriteOnce,
    /// Many nodes.
    ReadWriteMany,
}

impl AccessMode {
    /// As Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "ReadWriteOnce",
            Self::ReadWriteMany => "ReadWriteMany",
        }
    }
}

/// A port that an agent listens on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentPort {
    /// Its name.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]*$"), length(max = 15))]
    pub name: String,
    /// Its number.
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
    /// Its protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "TCP"))]
    pub protocol: Option<Protocol>,
    /// Whether it is reached from outside, when the cluster has a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub expose: Option<bool>,
}

/// When an agent runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("has(self.mode) && self.mode == 'task' || !has(self.schedule)", "schedule needs mode task"),
    ("has(self.mode) && self.mode == 'task' || !has(self.activeDeadlineSeconds)",
     "activeDeadlineSeconds needs mode task"),
    ("has(self.mode) && self.mode == 'task' || !has(self.ttlSecondsAfterFinished)",
     "ttlSecondsAfterFinished needs mode task"),
    ("has(self.mode) && self.mode == 'task' || !has(self.retryLimit)", "retryLimit needs mode task"),
    ("has(self.schedule) || !has(self.timezone)", "timezone needs schedule"),
    ("has(self.schedule) || !has(self.concurrencyPolicy)", "concurrencyPolicy needs schedule"),
])))]
pub struct Execution {
    /// `service` runs always, `task` runs to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "service"))]
    pub mode: Option<ExecutionMode>,
    /// When a task runs: five cron fields, or `@daily` and its like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(
            pattern = r"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every [0-9hms.]+|(\S+ +){4}\S+)$"
        ),
        length(max = 128)
    )]
    pub schedule: Option<String>,
    /// Time zone of the schedule, such as `Europe/Berlin`; left out, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_+/-]+$"), length(max = 64))]
    pub timezone: Option<String>,
    /// After how many seconds a task is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub active_deadline_seconds: Option<i64>,
    /// After how many seconds a finished task is deleted; left out, 86400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub ttl_seconds_after_finished: Option<i32>,
    /// What happens when the last run is not over; left out, `Forbid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency_policy: Option<ConcurrencyPolicy>,
    /// Whether nothing is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub suspend: Option<bool>,
    /// How often a failed task is tried again; left out, not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub retry_limit: Option<i32>,
}

/// Whether an agent runs always or to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionMode {
    /// Always: a Deployment.
    #[default]
    Service,
    /// To its end: a Job, or with a schedule a `CronJob`.
    Task,
}

/// What happens when a run is due and the last one is not over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConcurrencyPolicy {
    /// The run is left out.
    #[default]
    Forbid,
    /// Both run.
    Allow,
    /// The last one is stopped.
    Replace,
}

impl ConcurrencyPolicy {
    /// As Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forbid => "Forbid",
            Self::Allow => "Allow",
            Self::Replace => "Replace",
        }
    }
}

/// A secret value of an agent, as an environment variable. With a name alone it is generated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentCredential {
    /// Name of the environment variable.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"), length(max = 128))]
    pub name: String,
    /// Key of a Secret that holds the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<SecretKeyRef>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_listens_on_8080_unless_it_says_otherwise() {
        let mut agent = LanguageAgentSpec::default();
        assert_eq!(agent.listening()[0].port, 8080);
        agent.ports = vec![AgentPort { name: "api".into(), port: 9000, ..AgentPort::default() }];
        assert_eq!(agent.listening(), agent.ports);
    }

    #[test]
    fn a_task_listens_on_nothing() {
        let execution = Execution { mode: Some(ExecutionMode::Task), ..Execution::default() };
        let agent = LanguageAgentSpec { execution: Some(execution), ..LanguageAgentSpec::default() };
        assert_eq!(agent.listening(), []);
    }
}
