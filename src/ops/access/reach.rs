//! The ends of a cluster, and whether each reaches each.

use std::collections::BTreeSet;

use super::{Ends, cut};
use crate::object::names::GATEWAY;
use crate::ops::agent_page::word;
use crate::reach::{self, Answer, World};
use crate::render::{Target, gateway_endpoints, tool_egress};
use crate::stack::members;

/// Stands for all addresses of the internet: nobody has it (RFC 5737), and rules treat it as they treat the others.
const INTERNET: &str = "203.0.113.1";

/// Who connects, and whom to: pods of the cluster, and what its models and its agents' tools have elsewhere.
pub(super) fn ends(world: &World<'_>, target: &Target, cluster: &str) -> (Ends, Ends) {
    let stack = world.stack();
    let agents = members(&stack.agents, cluster).map(|(key, _)| format!("agent.{}", key.name));
    let tools = members(&stack.tools, cluster).filter(|(_, tool)| tool.spec.has_pods());
    let tools: Vec<_> = tools.map(|(key, _)| format!("tool.{}", key.name)).collect();
    let agents: Vec<_> = agents.collect();
    let models = gateway_endpoints(stack, target, cluster).into_iter().map(|(_, endpoint)| endpoint);
    let used = members(&stack.agents, cluster).flat_map(|(_, agent)| tool_egress(stack, cluster, agent));
    let elsewhere: BTreeSet<String> =
        models.chain(used.map(|one| one.endpoint)).filter_map(|endpoint| word(&endpoint)).collect();
    let gateway = || std::iter::once(GATEWAY.to_owned());
    let from = agents.iter().cloned().chain(gateway()).chain(tools.iter().cloned());
    let to = gateway().chain(tools.iter().cloned()).chain(elsewhere).chain([INTERNET.to_owned()]);
    (cut(from.collect()), cut(to.chain(agents.iter().cloned()).collect()))
}

/// A row for each of the first, with an answer for each of the others.
pub(super) fn answers(
    world: &World<'_>,
    cluster: &str,
    (from, to): (&[String], &[String]),
) -> Vec<Vec<Option<Answer>>> {
    from.iter().map(|from| to.iter().map(|to| answer(world, cluster, (from, to))).collect()).collect()
}

fn answer(world: &World<'_>, cluster: &str, (from, to): (&str, &str)) -> Option<Answer> {
    if from == to {
        return None;
    }
    let is_own = |end: &str| end == GATEWAY || end.starts_with("agent.") || end.starts_with("tool.");
    let full = |end: &str| if is_own(end) { format!("{cluster}/{end}") } else { end.to_owned() };
    // A word that means nothing, such as a Service that nobody knows, has no answer.
    let ends = reach::parse(world, &full(from), &full(to)).ok()?;
    reach::explain(world, &ends).into_iter().next()
}
