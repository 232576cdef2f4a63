//! Warnings about policies that a stack carries along and that open what its clusters close, and about hosts that a
//! gateway is told of and that its own policies close. Asks no server.

use crate::plan::{Problem, Severity};
use crate::reach::{self, World};
use crate::render::{Endpoint, Host, Target};
use crate::stack::Stack;

/// A warning for each such policy and cluster, and for each such host.
#[must_use]
pub(crate) fn opened(stack: &Stack, target: &Target) -> Vec<Problem> {
    let world = World::new(stack, target);
    let opened = reach::opened(&world).into_iter().map(warning);
    let hosts = reach::unreached(&world).into_iter().filter_map(unreached);
    let tools = reach::closed_tools(&world).into_iter().map(|one| closed_tool(one, target));
    opened.chain(hosts).chain(tools).collect()
}

fn closed_tool(one: reach::ClosedTool, target: &Target) -> Problem {
    let agent = &one.agent;
    let (message, hint) = match one.endpoint.as_ref().and_then(shown) {
        Some((shown, peer, port)) => {
            let message =
                format!("agent `{agent}` may not connect to `{shown}` on {port}/TCP, which is its tool `{}`", one.tool);
            let rule = format!("to = [{{ {peer} }}], ports = [{{ port = {port} }}]");
            let hint = if target.cilium {
                format!("open it with a rule in `networkPolicies.egress` of the agent: {rule}")
            } else {
                "without Cilium nothing keeps a rule for a host by name: run Cilium, which opens it by itself; or name \
                 its addresses in `networkPolicies.egress` of the agent with `cidr`; or let the cluster resolve names \
                 with `networkPolicies.dnsFallback = \"resolve\"`"
                    .to_owned()
            };
            (message, hint)
        }
        None => (
            format!("agent `{agent}` may not connect to its tool `{}`", one.tool),
            format!("`langop explain reach agent.{agent} tool.{}` says which rule is in the way", one.tool),
        ),
    };
    let mut problem = Problem::new(Severity::Warning, "tool-closed", message);
    problem.address = Some(one.address);
    problem.source = Some(one.source);
    problem.with_hint(hint)
}

/// A host in words, the peer that a rule for it has, and its port.
fn shown(endpoint: &Endpoint) -> Option<(String, String, i32)> {
    let (shown, peer) = match &endpoint.host {
        Host::Service { namespace, name } => {
            (format!("{name}.{namespace}"), format!("service = {{ name = {name:?}, namespace = {namespace:?} }}"))
        }
        Host::Address(ip) => {
            let bits = if ip.is_ipv4() { 32 } else { 128 };
            (ip.to_string(), format!("cidr = \"{ip}/{bits}\""))
        }
        Host::Public(name) | Host::Named(name) => (name.clone(), format!("dns = [{name:?}]")),
        Host::Internet | Host::Metadata => return None,
    };
    Some((shown, peer, endpoint.port))
}

fn unreached(one: reach::Unreached) -> Option<Problem> {
    let (shown, peer, port) = shown(&one.endpoint)?;
    let message = format!(
        "the gateway of cluster `{}` may not connect to `{shown}` on {port}/TCP, which `{}` names",
        one.cluster, one.path
    );
    let hint = format!(
        "open it with a rule in `gateway.networkPolicies.egress`: to = [{{ {peer} }}], ports = [{{ port = {port} }}]"
    );
    let mut problem = Problem::new(Severity::Warning, "configured-host-closed", message);
    problem.address = Some(one.address);
    problem.source = Some(one.source);
    Some(problem.with_hint(hint))
}

fn warning(opened: reach::Opened) -> Problem {
    let problem = Problem::new(Severity::Warning, "policy-opens", opened.message());
    let hint = "policies add up: what one allows no other takes back. Narrow its selector or its rules, or write what \
                you mean as `networkPolicies` of the cluster; `langop explain reach` says what is open";
    problem.about(&opened.policy, None, opened.source).with_hint(hint.to_owned())
}
