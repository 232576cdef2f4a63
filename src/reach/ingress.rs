//! What the receiver admits.

use super::answer::{RuleRef, Side};
use super::ask::Ask;
use super::egress::by_rule;
use super::end::{End, Pod};
use super::own::Own;
use super::port::Port;
use super::rules::{self, Written};
use super::way::Way;
use super::world::World;
use crate::api::{LanguageAgentSpec, Protocol};
use crate::object::names::{CONTAINER_PORT, STORE_PORT};
use crate::object::role::Part;
use crate::stack::members;

pub(super) fn decide(world: &World<'_>, ask: Ask<'_>) -> Own {
    let open = |because: &str| Own::Open(Side::yes(because));
    let End::Pod(pod) = ask.to else {
        return open("it is outside of the clusters, and nothing of theirs closes it");
    };
    let rules = rules::of_pod(world, pod, Way::In);
    let Some(part) = world.part(pod) else {
        return open("the description isolates agents, tools, gateways and their stores alone");
    };
    if matches!(part, Part::Tool(_)) && rules.is_empty() {
        return open("a tool without ingress rules of its own is not closed");
    }
    let built_in = match part {
        // Rules take the place of what is admitted without any: else they would narrow nothing.
        Part::Agent(_) if rules.is_empty() => neighbour(world, pod, ask),
        Part::Gateway => caller(world, pod, ask).or_else(|| reader(world, pod, ask)),
        Part::Store => counting(world, pod, ask),
        _ => None,
    };
    let by_rule = || by_rule(world, &rules, (ask.from, ask.port)).unwrap_or_else(|near| refused(part, &rules, near));
    Own::Closed(built_in.unwrap_or_else(by_rule))
}

/// An agent of the cluster, on a port that agents of the cluster listen on.
fn neighbour(world: &World<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    let from = ask.from.pod().filter(|from| from.namespace == pod.namespace)?;
    let agent = matches!(world.part(from), Some(Part::Agent(_)));
    let open = agent && listening(world, &pod.namespace).contains(ask.port);
    open.then(|| Side::yes("built in: agents of a cluster reach each other on the ports that they listen on"))
}

/// The ports of all agents of a cluster, and the default one.
fn listening(world: &World<'_>, cluster: &str) -> Vec<Port> {
    let agents = members(&world.stack.agents, cluster);
    let ports = agents.flat_map(|(_, agent)| agent.spec.listening());
    let default = Port::new(LanguageAgentSpec::DEFAULT_PORT, Protocol::Tcp);
    ports.map(|port| Port::new(port.port, port.protocol.unwrap_or_default())).chain([default]).collect()
}

/// The gateway of the cluster.
fn counting(world: &World<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    let from = ask.from.pod().filter(|from| from.namespace == pod.namespace)?;
    let open = ask.port.is(STORE_PORT, "TCP") && world.part(from) == Some(Part::Gateway);
    open.then(|| Side::yes("built in: the gateway of a cluster counts in its store"))
}

/// Agents and tools of the cluster, and the ingress controller of an exposed gateway.
fn caller(world: &World<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    let from = ask.from.pod().filter(|_| ask.port.is(CONTAINER_PORT, "TCP"))?;
    if from.namespace == pod.namespace && matches!(world.part(from), Some(Part::Agent(_) | Part::Tool(_))) {
        return Some(Side::yes("built in: agents and tools of the cluster reach its gateway"));
    }
    let item = world.stack.clusters.get(&pod.namespace)?;
    let ingress = item.spec.ingress.as_ref().filter(|ingress| ingress.enabled.unwrap_or(false))?;
    item.spec.domain.as_ref()?;
    match &ingress.controller_namespace {
        Some(namespace) if *namespace == from.namespace => Some(Side::yes(format!(
            "the gateway is exposed through namespace `{namespace}` (`ingress.controllerNamespace`)"
        ))),
        Some(_) => None,
        None => Some(Side::yes(
            "the gateway is exposed, and `ingress.controllerNamespace` names nobody: every pod is admitted",
        )),
    }
}

/// Who reads the gateway's metrics.
fn reader(world: &World<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    let (cluster, item) = world.stack.clusters.get_key_value(&pod.namespace)?;
    let metrics = item.spec.gateway.as_ref()?.metrics.as_ref().filter(|metrics| ask.port.is(metrics.port(), "TCP"))?;
    let rule = Written::of_metrics(cluster, metrics.from(), &item.rule_places);
    by_rule(world, &[rule], (ask.from, ask.port)).ok()
}

fn refused(part: Part<'_>, rules: &[Written<'_>], near: Vec<RuleRef>) -> Side {
    let closing = || rules.iter().map(|rule| rule.named(None, Some("someone else"))).collect();
    match part {
        Part::Agent(_) if rules.is_empty() => Side::no(
            "without ingress rules, agents of the cluster are admitted, on the ports that agents listen on",
            near,
        ),
        Part::Gateway if rules.is_empty() => {
            Side::no(format!("agents and tools of its cluster are admitted, on {CONTAINER_PORT}/TCP"), near)
        }
        Part::Store => Side::no(format!("the gateway of its cluster is admitted, on {STORE_PORT}/TCP"), near),
        _ if near.is_empty() => Side::no("its ingress rules admit others only", closing()),
        _ => Side::no("its ingress rules admit it on other ports only", near),
    }
}
