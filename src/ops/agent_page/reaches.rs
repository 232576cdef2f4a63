//! Whom an agent reaches: its gateway, the agents of its cluster and its tools, as `explain reach` says it.

use crate::api::LanguageAgentSpec;
use crate::object::names::GATEWAY;
use crate::reach::{self, Answer, RuleRef, World};
use crate::render::{Endpoint, Host, tool_egress};
use crate::stack::{Item, MemberKey, members};

/// The answers for each of them.
pub(super) fn answers(world: &World<'_>, agent: &MemberKey, item: &Item<LanguageAgentSpec>) -> Vec<Answer> {
    let MemberKey { cluster, name } = agent;
    let stack = world.stack();
    let neighbours = members(&stack.agents, cluster).filter(|(key, _)| key.name != *name);
    let neighbours = neighbours.map(|(key, _)| format!("{cluster}/agent.{}", key.name));
    let own = item.spec.tools.iter().filter(|tool| tool.is_used() && tool.url.is_none());
    let running = own.filter(|tool| {
        let key = MemberKey { cluster: cluster.clone(), name: tool.name.clone() };
        stack.tools.get(&key).is_some_and(|tool| tool.spec.has_pods())
    });
    let tools = running.map(|tool| format!("{cluster}/tool.{}", tool.name));
    let elsewhere = tool_egress(stack, cluster, item).into_iter().filter_map(|one| word(&one.endpoint));
    let ends = std::iter::once(format!("{cluster}/{GATEWAY}")).chain(tools).chain(elsewhere).chain(neighbours);
    let from = format!("{cluster}/agent.{name}");
    // A word that means nothing, such as a Service that nobody knows, has no answer.
    let asked = ends.filter_map(|to| reach::parse(world, &from, &to).ok());
    asked.flat_map(|ends| reach::explain(world, &ends)).collect()
}

/// The rules of the cluster and of the agent for what it connects to.
pub(super) fn rules(world: &World<'_>, agent: &MemberKey) -> Vec<RuleRef> {
    reach::egress_rules(world, &agent.cluster, &agent.name)
}

/// An end as a user writes it.
pub(in crate::ops) fn word(endpoint: &Endpoint) -> Option<String> {
    let port = endpoint.port;
    Some(match &endpoint.host {
        Host::Address(ip) if ip.is_ipv6() => format!("[{ip}]:{port}"),
        Host::Address(ip) => format!("{ip}:{port}"),
        Host::Service { namespace, name } => format!("service/{name}.{namespace}:{port}"),
        Host::Public(name) | Host::Named(name) => format!("host/{name}:{port}"),
        Host::Internet | Host::Metadata => return None,
    })
}
