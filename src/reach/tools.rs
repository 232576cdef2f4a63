//! What agents may reach because they use it as a tool.

use super::answer::Side;
use super::ask::Ask;
use super::end::Pod;
use super::peer::{Meets, meets};
use super::rules::Written;
use super::world::World;
use crate::render::{ToolEgress, tool_egress};
use crate::stack::MemberKey;

/// The servers that an agent uses as tools and that something opens on the target.
pub(super) fn opened(world: &World<'_>, cluster: &str, agent: &str) -> Vec<ToolEgress> {
    let key = MemberKey { cluster: cluster.to_owned(), name: agent.to_owned() };
    let (Some(agent), Some(home)) = (world.stack.agents.get(&key), world.stack.clusters.get(cluster)) else {
        return Vec::new();
    };
    let all = tool_egress(world.stack, cluster, agent).into_iter();
    all.filter(|one| one.is_kept(world.target, &home.spec)).collect()
}

/// The tool of the agent that opens the connection.
pub(super) fn opens(world: &World<'_>, pod: &Pod, agent: &str, ask: Ask<'_>) -> Option<Side> {
    let opening = |one: ToolEgress| {
        let owner = one.address.to_string();
        let (kind, name) = owner.split_once('.').unwrap_or(("tool", &one.tool));
        let rule = Written::implied(&pod.namespace, &one.rule, format!("{kind} `{name}`"), one.path.clone());
        let allows = one.rule.to.iter().any(|peer| meets(world, &rule, peer, ask.to, ask.port) == Meets::Allows);
        let because = format!("the agent uses it as its tool `{}`", one.tool);
        allows.then(|| Side { because, ..Side::by(rule.at(one.source.clone())) })
    };
    opened(world, &pod.namespace, agent).into_iter().find_map(opening)
}

/// Whether a host that the agent uses as a tool is opened by its name.
pub(super) fn are_named(world: &World<'_>, cluster: &str, agent: &str) -> bool {
    opened(world, cluster, agent).iter().any(|one| one.rule.to.iter().any(|peer| peer.dns.is_some()))
}
