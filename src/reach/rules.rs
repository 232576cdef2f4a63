//! The rules that are written for an end, each with its owner and its line.

use super::answer::RuleRef;
use super::end::Pod;
use super::way::Way;
use super::world::World;
use crate::api::{EgressRule, IngressRule, NetworkPeer, NetworkPort, NetworkRule, NetworkRules};
use crate::object::Source;
use crate::object::role::Part;
use crate::stack::{MemberKey, RulePlaces};

/// Of a rule that nobody wrote.
static NO_PLACES: RulePlaces = RulePlaces::NONE;

/// One rule as written.
#[derive(Clone, Debug)]
pub(super) struct Written<'a> {
    /// The cluster whose namespace it speaks of.
    pub cluster: &'a str,
    pub peers: &'a [NetworkPeer],
    pub ports: &'a [NetworkPort],
    pub way: Way,
    owner: String,
    path: String,
    places: &'a RulePlaces,
}

impl<'a> Written<'a> {
    /// A rule of an agent that nobody wrote: it follows from what the agent uses.
    pub(super) fn implied(cluster: &'a str, rule: &'a EgressRule, owner: String, path: String) -> Self {
        Self { cluster, peers: &rule.to, ports: &rule.ports, way: Way::Out, owner, path, places: &NO_PLACES }
    }

    /// Who reads the metrics of a cluster's gateway, on their port.
    pub(super) fn of_metrics(cluster: &'a str, peers: &'a [NetworkPeer], places: &'a RulePlaces) -> Self {
        let owner = format!("the gateway of cluster `{cluster}`");
        Self { cluster, peers, ports: &[], way: Way::In, owner, path: "gateway.metrics".to_owned(), places }
    }

    /// How it is named in an answer, with where it follows from.
    pub(super) fn at(&self, source: Source) -> RuleRef {
        let (owner, path) = (self.owner.clone(), self.path.clone());
        RuleRef { owner, path, source: Some(source), lacks: None, beyond: None }
    }

    /// How the rule, or one of its peers, is named in an answer.
    pub(super) fn named(&self, peer: Option<usize>, lacks: Option<&'static str>) -> RuleRef {
        let side = if self.way == Way::In { "from" } else { "to" };
        let path = peer.map_or_else(|| self.path.clone(), |at| format!("{}.{side}[{at}]", self.path));
        let source = self.places.get(&path).cloned();
        RuleRef { owner: self.owner.clone(), path, source, lacks, beyond: None }
    }
}

/// Rules of one owner, and what they are called.
struct Owned<'a> {
    cluster: &'a str,
    owner: String,
    prefix: &'static str,
    rules: Option<NetworkRules<'a>>,
    places: &'a RulePlaces,
}

impl<'a> Owned<'a> {
    fn written(&self, way: Way) -> Vec<Written<'a>> {
        let Some(rules) = self.rules else { return Vec::new() };
        let one = |(direction, at): (&str, usize), peers: &'a [NetworkPeer], ports: &'a [NetworkPort]| Written {
            cluster: self.cluster,
            peers,
            ports,
            way,
            owner: self.owner.clone(),
            path: format!("{}networkPolicies.{direction}[{at}]", self.prefix),
            places: self.places,
        };
        match way {
            Way::In => rules
                .ingress
                .iter()
                .enumerate()
                .map(|(at, rule)| {
                    let (peers, ports) = (IngressRule::peers(rule), IngressRule::ports(rule));
                    one(("ingress", at), peers, ports)
                })
                .collect(),
            Way::Out => rules
                .egress
                .iter()
                .enumerate()
                .map(|(at, rule)| {
                    let (peers, ports) = (EgressRule::peers(rule), EgressRule::ports(rule));
                    one(("egress", at), peers, ports)
                })
                .collect(),
        }
    }
}

/// The rules of a pod in one direction: those of the cluster for each of its agents, and its own.
pub(super) fn of_pod<'a>(world: &World<'a>, pod: &Pod, way: Way) -> Vec<Written<'a>> {
    let mut all = Vec::new();
    if matches!(world.part(pod), Some(Part::Agent(_))) {
        all.extend(of_cluster(world, pod).into_iter().flat_map(|owned| owned.written(way)));
    }
    all.extend(own(world, pod).into_iter().flat_map(|owned| owned.written(way)));
    all
}

/// The rules of all agents of a pod's cluster.
pub(super) fn of_its_cluster<'a>(world: &World<'a>, pod: &Pod) -> Vec<Written<'a>> {
    of_cluster(world, pod).map(|owned| owned.written(Way::Out)).unwrap_or_default()
}

fn own<'a>(world: &World<'a>, pod: &Pod) -> Option<Owned<'a>> {
    let key = |name: &str| MemberKey { cluster: pod.namespace.clone(), name: name.to_owned() };
    match world.part(pod)? {
        Part::Agent(name) => {
            let (key, item) = world.stack.agents.get_key_value(&key(name))?;
            let rules = item.spec.network_policies.as_ref().map(NetworkRules::from);
            Some(Owned {
                cluster: &key.cluster,
                owner: format!("agent `{name}`"),
                prefix: "",
                rules,
                places: &item.rule_places,
            })
        }
        Part::Tool(name) => {
            let (key, item) = world.stack.tools.get_key_value(&key(name))?;
            let rules = item.spec.network_policies.as_ref().filter(|_| item.spec.has_pods()).map(NetworkRules::from);
            Some(Owned {
                cluster: &key.cluster,
                owner: format!("tool `{name}`"),
                prefix: "",
                rules,
                places: &item.rule_places,
            })
        }
        Part::Gateway => of_gateway(world, pod),
        Part::Store => None,
    }
}

fn of_cluster<'a>(world: &World<'a>, pod: &Pod) -> Option<Owned<'a>> {
    let (name, item) = world.stack.clusters.get_key_value(&pod.namespace)?;
    let rules = item.spec.network_policies.as_ref().map(NetworkRules::from);
    Some(Owned { cluster: name, owner: format!("cluster `{name}`"), prefix: "", rules, places: &item.rule_places })
}

fn of_gateway<'a>(world: &World<'a>, pod: &Pod) -> Option<Owned<'a>> {
    let (name, item) = world.stack.clusters.get_key_value(&pod.namespace)?;
    let rules = item.spec.gateway.as_ref().and_then(|gateway| gateway.network_policies.as_ref());
    Some(Owned {
        cluster: name,
        owner: format!("the gateway of cluster `{name}`"),
        prefix: "gateway.",
        rules: rules.map(NetworkRules::from),
        places: &item.rule_places,
    })
}
