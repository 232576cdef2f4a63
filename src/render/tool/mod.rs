//! The tools of a cluster: MCP servers that run in pods of their own or beside an agent, and how agents reach them and
//! those that langop does not run.

mod bridge;
mod connection;
mod container;
mod deployment;
mod egress;
mod header;
mod sidecar;
#[cfg(test)]
mod tests;
mod used;

pub use connection::{Connection, connections};
pub(super) use connection::{config, variables};
pub use egress::{ToolEgress, tool_egress};
pub(super) use sidecar::{Sidecar, sidecars};

use super::scope::Scope;
use crate::object::Manifest;

/// Everything that runs the tools of a cluster in pods of their own, but their network policies.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let tools = scope.tool_items().filter(|(_, item)| item.spec.has_pods());
    tools.flat_map(|(name, item)| deployment::manifests(scope, name, item)).collect()
}
