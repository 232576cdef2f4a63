//! Rules of a tool that runs in the pods of its agents: what its own pod would have says nothing, and no two programs
//! of a pod listen on one port.

use super::{Index, forbidden};
use crate::api::{LanguageAgentSpec, LanguageToolSpec};
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

/// What is the pod's, and so the agent's.
const OF_THE_POD: [&str; 15] = [
    "affinity",
    "autoscaling",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "podAnnotations",
    "podLabels",
    "priorityClassName",
    "replicas",
    "roleRules",
    "securityContext",
    "serviceAccountAnnotations",
    "serviceAccountName",
    "tolerations",
    "topologySpreadConstraints",
];

/// What there is no Service for.
const OF_THE_SERVICE: [&str; 2] = ["serviceAnnotations", "serviceType"];

/// Whether a tool runs in the pods of its agents.
pub(super) fn is_sidecar(tool: &Draft) -> bool {
    tool.node.text_at(&["deploymentMode"]) == Some("sidecar")
}

/// Reports what says nothing of a sidecar.
pub(super) fn check(tool: &Draft, found: &mut Vec<Diagnostic>) {
    let message = "a sidecar shares the network of its agent: write its rules there";
    forbidden(&tool.node, "networkPolicies", Code::ForbiddenKey, message, found);
    let Some(deployment) = tool.node.get("deployment") else { return };
    for key in OF_THE_POD {
        let message = format!("a sidecar runs in the pods of its agents: `{key}` is theirs");
        forbidden(deployment, key, Code::ForbiddenKey, &message, found);
    }
    for key in OF_THE_SERVICE {
        let message = format!("a sidecar has no Service: `{key}` says nothing");
        forbidden(deployment, key, Code::ForbiddenKey, &message, found);
    }
}

/// Reports programs of one pod of an agent that listen on one port.
pub(super) fn ports<'a>(agent: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    for cluster in &agent.clusters {
        let mut taken = own_ports(agent);
        for reference in agent.node.items_of("tools").iter().filter(|one| one.get("url").is_none()) {
            let Some(name) = reference.get("name") else { continue };
            let tool = name.text().and_then(|name| index.get(cluster, Kind::Tool, name));
            let used = reference.get("enabled").and_then(Node::boolean) != Some(false);
            let Some(tool) = tool.filter(|tool| used && is_sidecar(tool)) else { continue };
            let port = tool.node.get("port").and_then(Node::integer).unwrap_or(LanguageToolSpec::DEFAULT_PORT.into());
            match taken.iter().find(|(own, _, _)| *own == port) {
                Some((_, what, span)) => {
                    let message = format!("{} and {what} would listen on port {port} of one pod", tool.called());
                    let error = Diagnostic::error(Code::DuplicatePort, message).at(name.span, "runs in the pod, too");
                    let error = span.map_or(error.clone(), |span| error.also(span, "listens on it"));
                    found.push(error.hint("give one of them another `port`"));
                }
                None => taken.push((port, tool.called(), Some(name.span))),
            }
        }
    }
}

/// The ports of the agent itself.
fn own_ports(agent: &Draft) -> Vec<(i64, String, Option<Span>)> {
    let called = |node: &Node| Some((node.get("port")?.integer()?, agent.called(), Some(node.span)));
    let written = agent.node.items_of("ports");
    if written.is_empty() && agent.node.text_at(&["execution", "mode"]) != Some("task") {
        return vec![(LanguageAgentSpec::DEFAULT_PORT.into(), agent.called(), None)];
    }
    written.iter().filter_map(called).collect()
}
