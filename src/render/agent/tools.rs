//! What its tools bring into the pod of an agent: what it is told of them, and those that run beside it.

use k8s_openapi::api::core::v1::EnvVar;
use serde_json::Value;

use crate::render::tool::{self, Connection, Sidecar};

use super::{Agent, workspace};

/// The tools of an agent.
pub(super) struct Tools<'a> {
    connections: Vec<Connection<'a>>,
    /// Those that run beside it.
    pub sidecars: Vec<Sidecar>,
}

impl<'a> Tools<'a> {
    /// The tools that an agent uses.
    pub(super) fn of_agent(agent: &Agent<'a>) -> Self {
        let (stack, cluster, spec) = (agent.scope.stack, agent.scope.cluster, agent.spec());
        let workspace = workspace::mount(agent);
        let sidecars = tool::sidecars(stack, cluster, spec, workspace.as_ref());
        Self { connections: tool::connections(stack, cluster, spec), sidecars }
    }

    /// The agent's variables.
    pub(super) fn variables(&self) -> Vec<EnvVar> {
        tool::variables(&self.connections)
    }

    /// The section `tools` of the agent's configuration.
    pub(super) fn section(&self) -> Value {
        tool::config(&self.connections)
    }

    /// Secrets that variables come from: values of headers, and what sidecars are given.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let headers = self.connections.iter().flat_map(Connection::secrets);
        headers.chain(self.sidecars.iter().flat_map(|one| one.secrets.iter().map(String::as_str)))
    }
}
