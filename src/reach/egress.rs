//! What the sender may do.

use super::answer::{RuleRef, Side};
use super::ask::Ask;
use super::block;
use super::end::{End, Pod};
use super::models;
use super::own::Own;
use super::peer::{Meets, meets};
use super::port::Port;
use super::rules::{self, Written};
use super::tools;
use super::way::Way;
use super::world::World;
use crate::api::{NetworkPeer, PeerForm};
use crate::object::names::{CONTAINER_PORT, DNS_NAMESPACE, NODE_DNS};
use crate::object::role::Part;
use crate::render::{DNS_PORT, name_server};

pub(super) fn decide(world: &World<'_>, ask: Ask<'_>) -> Own {
    let open = |because: &str| Own::Open(Side::yes(because));
    let End::Pod(pod) = ask.from else {
        return open("it is outside of the clusters, and nothing of theirs binds it");
    };
    let rules = rules::of_pod(world, pod, Way::Out);
    let Some(part) = world.part(pod) else {
        return open("the description isolates agents, tools, gateways and their stores alone");
    };
    if matches!(part, Part::Tool(_)) && rules.is_empty() {
        return open("a tool without egress rules of its own is not closed");
    }
    let by_rule = || by_rule(world, &rules, (ask.to, ask.port)).unwrap_or_else(|near| refused(part, near));
    Own::Closed(built_in(world, part, pod, ask).unwrap_or_else(by_rule))
}

/// Whether the description makes Cilium's DNS proxy learn the addresses of names for the pod: it does where it
/// opens any name.
pub(super) fn learns_names(world: &World<'_>, pod: &Pod) -> bool {
    let named = |peer: &NetworkPeer| matches!(peer.form(), Some(PeerForm::Dns(_)));
    let by_rule = rules::of_pod(world, pod, Way::Out).iter().any(|rule| rule.peers.iter().any(named));
    let by_use = || match world.part(pod) {
        Some(Part::Gateway) => models::are_named(world, &pod.namespace),
        Some(Part::Agent(name)) => tools::are_named(world, &pod.namespace, name),
        _ => false,
    };
    world.target.cilium && (by_rule || by_use())
}

/// What is open without being written.
fn built_in(world: &World<'_>, part: Part<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    let there = ask.to.pod();
    if part == Part::Store {
        return None;
    }
    if let Some(side) = resolution(world, part, pod, ask) {
        return Some(side);
    }
    let near = there.filter(|to| to.namespace == pod.namespace).and_then(|to| world.part(to));
    match (part, near) {
        (Part::Agent(_), Some(Part::Agent(_) | Part::Tool(_))) => {
            Some(Side::yes("built in: agents reach the agents and tools of their cluster"))
        }
        (Part::Agent(_), Some(Part::Gateway)) if ask.port.is(CONTAINER_PORT, "TCP") => {
            Some(Side::yes("built in: agents reach the gateway of their cluster"))
        }
        (Part::Agent(name), _) => tools::opens(world, pod, name, ask),
        (Part::Gateway, _) => models::opens(world, &pod.namespace, ask.to, ask.port),
        _ => None,
    }
}

/// Name resolution: in its namespace, at the cache of a node, and where rules of the cluster open name servers.
fn resolution(world: &World<'_>, part: Part<'_>, pod: &Pod, ask: Ask<'_>) -> Option<Side> {
    if !(ask.port.is(DNS_PORT, "UDP") || ask.port.is(DNS_PORT, "TCP")) {
        return None;
    }
    if ask.to.pod().is_some_and(|to| to.namespace == DNS_NAMESPACE) {
        return Some(Side::yes("built in: name resolution"));
    }
    if block::has(NODE_DNS, ask.to) {
        return Some(Side::yes("built in: name resolution at the cache of a node (NodeLocal DNSCache)"));
    }
    // The cluster's rules are the agents' own.
    if matches!(part, Part::Agent(_)) {
        return None;
    }
    let rules = rules::of_its_cluster(world, pod);
    let on = |rule: &&Written<'_>| rule.ports.iter().any(|port| ask.port.is(port.port, port.protocol().as_str()));
    rules.iter().filter(on).find_map(|rule| {
        let is = |peer: &NetworkPeer| name_server(peer).is_some_and(|cidr| block::has(cidr, ask.to));
        let at = rule.peers.iter().position(is)?;
        Some(Side { because: "a name server of the cluster".to_owned(), ..Side::by(rule.named(Some(at), None)) })
    })
}

/// The first rule that allows it, or those that mean the end and not the port.
pub(super) fn by_rule(
    world: &World<'_>,
    rules: &[Written<'_>],
    (end, port): (&End, &Port),
) -> Result<Side, Vec<RuleRef>> {
    let mut near = Vec::new();
    for rule in rules {
        for (at, peer) in rule.peers.iter().enumerate() {
            match meets(world, rule, peer, end, port) {
                Meets::Allows => return Ok(Side::by(rule.named(Some(at), None))),
                Meets::OtherPorts => near.push(rule.named(Some(at), Some("other ports"))),
                Meets::Nobody => {}
            }
        }
    }
    Err(near)
}

fn refused(part: Part<'_>, near: Vec<RuleRef>) -> Side {
    let built_in = match part {
        Part::Agent(_) => "agents, tools and the gateway of the cluster, and name resolution",
        Part::Tool(_) => "name resolution",
        Part::Gateway => "name resolution, the endpoints of its models, and its store",
        Part::Store => return Side::no("a store connects to nothing", near),
    };
    Side::no(format!("no rule opens it; without one there are {built_in}"), near)
}
