//! The ports that an answer without a port is about: those that something of the description names, and one
//! that nothing names, which stands for all others.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;
use serde::Deserialize as _;

use super::answer::Answer;
use super::policy::Span;
use super::port::{Number, Port};
use super::world::World;
use crate::api::{LanguageAgentSpec, NetworkRule, NetworkRules, Protocol};
use crate::object::names::CONTAINER_PORT;
use crate::render::{Backend, gateway_endpoints};

/// The ports to ask about, and one of each protocol that nobody names; not asked when the ports are given.
pub(super) fn ports(world: &World<'_>, given: &[Port]) -> (Vec<Port>, Vec<Port>) {
    if !given.is_empty() {
        return (given.to_vec(), Vec::new());
    }
    let mut all = named(world);
    all.extend(spans(world).flat_map(Span::ends));
    let is_named = |number: i32| all.iter().any(|port| port.number == Number::Is(number));
    let free = (1..=65535).find(|number| !is_named(*number) && !spans(world).any(|span| span.spans(*number)));
    let free = free.map(|number| [Protocol::Tcp, Protocol::Udp, Protocol::Sctp].map(|one| Port::new(number, one)));
    (all.into_iter().collect(), free.into_iter().flatten().collect())
}

/// The ports that the answers leave open; `any port` when they do for those that nobody names.
pub(super) fn open(answers: &[Answer], named: usize) -> Vec<String> {
    let (named, free) = answers.split_at(named);
    if !free.is_empty() && free.iter().all(|answer| answer.allowed) {
        return vec!["any port".to_owned()];
    }
    let protocol = |answer: &Answer| answer.port.as_ref().and_then(|port| Some(port.split_once('/')?.1.to_owned()));
    let whole: Vec<String> = free.iter().filter(|answer| answer.allowed).filter_map(protocol).collect();
    let apart = named.iter().filter(|answer| answer.allowed);
    let apart = apart.filter(|answer| protocol(answer).is_none_or(|own| !whole.contains(&own)));
    let whole = whole.iter().map(|protocol| format!("any {protocol} port"));
    whole.chain(apart.filter_map(|answer| answer.port.clone())).collect()
}

/// The ports of all policies beside the description.
fn spans<'a>(world: &'a World<'_>) -> impl Iterator<Item = &'a Span> {
    let rules = world.policies.iter().flat_map(|section| &section.rules);
    rules.flat_map(|rule| &rule.ports).flatten()
}

fn named(world: &World<'_>) -> BTreeSet<Port> {
    let stack = world.stack;
    let mut all = BTreeSet::from([(CONTAINER_PORT, Protocol::Tcp), (53, Protocol::Udp), (53, Protocol::Tcp)]);
    all.insert((LanguageAgentSpec::DEFAULT_PORT, Protocol::Tcp));
    for agent in stack.agents.values() {
        all.extend(agent.spec.listening().iter().map(|port| (port.port, port.protocol.unwrap_or_default())));
        all.extend(agent.spec.network_policies.iter().flat_map(written));
    }
    for tool in stack.tools.values() {
        all.insert((tool.spec.port(), Protocol::Tcp));
        all.extend(tool.spec.network_policies.iter().flat_map(written));
    }
    for (name, cluster) in &stack.clusters {
        all.extend(cluster.spec.network_policies.iter().flat_map(written));
        all.extend(cluster.spec.gateway.iter().flat_map(|gateway| &gateway.network_policies).flat_map(written));
        all.extend(gateway_endpoints(stack, world.target, name).iter().map(|(_, end)| (end.port, Protocol::Tcp)));
    }
    let mut all: BTreeSet<_> = all.into_iter().map(|(number, protocol)| Port::new(number, protocol)).collect();
    all.extend(behind_services(world));
    all
}

fn written<'a>(rules: impl Into<NetworkRules<'a>>) -> Vec<(i32, Protocol)> {
    let rules = rules.into();
    let ingress = rules.ingress.iter().flat_map(NetworkRule::ports);
    let ports = ingress.chain(rules.egress.iter().flat_map(NetworkRule::ports));
    ports.map(|port| (port.port, port.protocol())).collect()
}

fn behind_services(world: &World<'_>) -> Vec<Port> {
    let services = world.stack.manifests.iter().filter(|one| one.reference.is("", "Service"));
    let carried = services.filter_map(|one| Service::deserialize(&*one.object).ok());
    let carried = carried.map(|service| Backend::from(&service));
    let all = world.target.services.values().cloned().chain(carried);
    all.flat_map(|backend| backend.ports).map(|port| Port::behind(&port.target, &port.protocol)).collect()
}
