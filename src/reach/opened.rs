//! Policies beside the description that open what it closes. Decided by asking: for each rule of such a policy an
//! end is made up that the rule means, and the description alone is asked about it.

use std::collections::{BTreeMap, BTreeSet};

use crate::object::names::AGENT_KIND;
use crate::object::role::Part;
use crate::object::{ObjectRef, Source, labels};
use crate::stack::members;

use super::ask::Ask;
use super::combined::own;
use super::end::{End, Pod};
use super::own::Own;
use super::policy::{Effect, Holds, Rule, Section, Span, owner};
use super::port::Port;
use super::way::Way;
use super::world::World;
use super::{candidates, witness};

/// A policy that opens what the description closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The policy.
    pub policy: ObjectRef,
    /// Where the first rule that opens something is written.
    pub source: Option<Source>,
    /// The cluster whose pods it opens.
    pub cluster: String,
    /// What is opened: `egress of agents`, `ingress of the gateway`.
    pub what: BTreeSet<&'static str>,
    /// A connection that the description alone refuses: `agent.web -> 0.0.0.0/0:443/TCP`.
    pub example: String,
}

impl Opened {
    /// What it does, in words.
    #[must_use]
    pub fn message(&self) -> String {
        let what: Vec<_> = self.what.iter().copied().collect();
        let (policy, cluster) = (owner(&self.policy), &self.cluster);
        format!("{policy} opens what cluster `{cluster}` closes: {}, such as {}", what.join(", "), self.example)
    }
}

/// Every policy beside the description that opens what a cluster closes.
#[must_use]
pub fn opened(world: &World<'_>) -> Vec<Opened> {
    let mut all: BTreeMap<(&ObjectRef, &String), Opened> = BTreeMap::new();
    if world.policies.is_empty() {
        return Vec::new();
    }
    for cluster in world.stack.clusters.keys() {
        for pod in pods(world, cluster) {
            for (section, rule) in rules(world, &pod) {
                let Some(example) = first(world, (section.way, &pod), rule) else { continue };
                let one = all.entry((&section.policy, cluster)).or_insert_with(|| Opened {
                    policy: section.policy.clone(),
                    source: rule.source.clone(),
                    cluster: cluster.clone(),
                    what: BTreeSet::new(),
                    example,
                });
                one.what.insert(what(world.part(&pod), section.way));
            }
        }
    }
    all.into_values().collect()
}

/// The pods of a cluster, and an agent that nobody describes.
fn pods(world: &World<'_>, cluster: &str) -> Vec<Pod> {
    let agents = members(&world.stack.agents, cluster).filter_map(|(key, _)| world.agent(cluster, &key.name));
    let tools = members(&world.stack.tools, cluster).filter_map(|(key, _)| world.tool(cluster, &key.name));
    let any = Pod {
        shown: "any agent".to_owned(),
        namespace: cluster.to_owned(),
        labels: [(labels::KIND.to_owned(), AGENT_KIND.to_owned())].into(),
        ports: Vec::new(),
    };
    agents.chain([any]).chain(tools).chain(world.gateway(cluster)).collect()
}

/// The rules that allow something to or from a pod, without a doubt.
fn rules<'a>(world: &'a World<'_>, pod: &Pod) -> Vec<(&'a Section, &'a Rule)> {
    let home = world.namespace(&pod.namespace);
    let sections = world.policies.iter().filter(|section| section.subject.selects(pod, &home) == Holds::Yes);
    let rules = sections.flat_map(|section| section.rules.iter().map(move |rule| (section, rule)));
    rules.filter(|(_, rule)| rule.effect == Effect::Allow).collect()
}

/// The first connection that the rule allows and the description alone refuses.
fn first(world: &World<'_>, (way, pod): (Way, &Pod), rule: &Rule) -> Option<String> {
    let pod = End::Pod(pod.clone());
    let ends = rule.peers.iter().flat_map(|peer| witness::of(world, peer));
    let mut asked = ends.flat_map(|(end, world)| {
        let ports = ports(&world, rule);
        ports.into_iter().map(move |port| (world.clone(), end.clone(), port))
    });
    asked.find_map(|(world, end, port)| {
        let (from, to) = if way == Way::Out { (&pod, &end) } else { (&end, &pod) };
        let said = own(&world, Ask { from, to, port: &port }, way);
        let refused = matches!(said, Own::Closed(side) if !side.allowed);
        refused.then(|| format!("{from} -> {to}:{port}"))
    })
}

/// Ports that stand for those of a rule: its own, or one that nothing names.
fn ports(world: &World<'_>, rule: &Rule) -> Vec<Port> {
    let free = || candidates::ports(world, &[]).1;
    let Some(spans) = &rule.ports else { return free() };
    let of = |span: &Span| {
        let ends = span.ends();
        if ends.is_empty() {
            free().into_iter().filter(|port| span.has(&End::Host(String::new()), port)).collect()
        } else {
            ends
        }
    };
    spans.iter().flat_map(of).collect()
}

fn what(part: Option<Part<'_>>, way: Way) -> &'static str {
    match (part, way) {
        (Some(Part::Agent(_)), Way::Out) => "egress of agents",
        (Some(Part::Agent(_)), Way::In) => "ingress of agents",
        (Some(Part::Tool(_)), Way::Out) => "egress of tools",
        (Some(Part::Tool(_)), Way::In) => "ingress of tools",
        (_, Way::Out) => "egress of the gateway",
        (_, Way::In) => "ingress of the gateway",
    }
}
