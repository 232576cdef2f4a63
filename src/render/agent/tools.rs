//! The tools of an agent: where each answers, and what runs beside the agent for it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, Volume};
use serde_json::{Map, Value, json};

use crate::api::{AgentTool, DeploymentMode, Header, LanguageToolSpec};

use super::Agent;

/// Where MCP servers answer.
const PATH: &str = "/mcp";

/// One MCP server as its agent knows it.
struct Server {
    endpoint: String,
    headers: Vec<Header>,
}

/// What tools bring into the pod of an agent.
#[derive(Default)]
pub(super) struct Tools {
    servers: BTreeMap<String, Server>,
    /// Containers of tools that run beside their agents.
    pub sidecars: Vec<Container>,
    /// Volumes of these.
    pub volumes: Vec<Volume>,
    /// Secrets that the environment of these comes from.
    pub secrets: BTreeSet<String>,
}

impl Tools {
    /// The tools that an agent uses.
    pub(super) fn of_agent(agent: &Agent<'_>) -> Self {
        let used = agent.spec().tools.iter().filter(|tool| tool.enabled.unwrap_or(true));
        let servers = used.filter_map(|tool| Some((tool.name.clone(), server(agent, tool)?)));
        Self { servers: servers.collect(), ..Self::default() }
    }

    /// The URLs of the servers that need no headers, for `MCP_SERVERS`: it has no place for any.
    pub(super) fn plain(&self) -> impl Iterator<Item = &str> {
        self.servers.values().filter(|server| server.headers.is_empty()).map(|server| server.endpoint.as_str())
    }

    /// The section `tools` of the agent's configuration.
    pub(super) fn section(&self) -> Value {
        let entry = |server: &Server| {
            let mut entry = json!({ "endpoint": server.endpoint, "protocol": "mcp" });
            if !server.headers.is_empty() {
                let headers = server.headers.iter().map(|header| (header.name.clone(), json!(header.value)));
                entry["headers"] = Value::Object(headers.collect());
            }
            entry
        };
        let entries: Map<_, _> = self.servers.iter().map(|(name, server)| (name.clone(), entry(server))).collect();
        Value::Object(entries)
    }
}

fn server(agent: &Agent<'_>, tool: &AgentTool) -> Option<Server> {
    if let Some(url) = &tool.url {
        return Some(Server { endpoint: url.clone(), headers: tool.headers.clone() });
    }
    let (name, spec) = agent.scope.tools().find(|(name, _)| *name == tool.name)?;
    Some(Server { endpoint: endpoint(name, spec, agent.scope.cluster), headers: spec.headers.clone() })
}

fn endpoint(name: &str, tool: &LanguageToolSpec, cluster: &str) -> String {
    match (&tool.url, tool.deployment_mode.unwrap_or_default()) {
        (Some(url), _) => url.clone(),
        (None, DeploymentMode::Sidecar) => format!("http://localhost:{}{PATH}", tool.port()),
        (None, DeploymentMode::Service) => {
            format!("http://{name}.{cluster}.svc.cluster.local:{}{PATH}", tool.port())
        }
    }
}
