//! The rules of a stack with their owners and places.

use crate::api::{DnsFallback, LanguageClusterSpec, NetworkPeer, NetworkRule, NetworkRules};
use crate::object::{Address, Source};
use crate::render::target::ServiceName;
use crate::render::tool::{ToolEgress, tool_egress};
use crate::stack::{Item, MemberKey, RulePlaces, Stack};

use super::service::named;

/// The rules of one owner.
pub(super) struct OwnedRules<'a> {
    /// The cluster whose namespace they speak of.
    pub cluster: &'a str,
    /// Whose they are.
    pub address: &'a Address,
    pub rules: NetworkRules<'a>,
    source: &'a Source,
    places: &'a RulePlaces,
    prefix: &'static str,
}

impl<'a> OwnedRules<'a> {
    /// Every peer of the rules under `to`, with the rule's number and where it is written.
    pub(super) fn targets(&self) -> Vec<(usize, &'a NetworkPeer, Source)> {
        let rules = self.rules.egress.iter().enumerate();
        let peers = rules.flat_map(|(rule, written)| written.to.iter().enumerate().map(move |peer| (rule, peer)));
        peers.map(|(rule, (at, peer))| (rule, peer, self.place(&format!("egress[{rule}].to[{at}]")))).collect()
    }

    /// Every peer of the rules under `from`, and where it is written.
    pub(super) fn callers(&self) -> Vec<(&'a NetworkPeer, Source)> {
        let rules = self.rules.ingress.iter().enumerate();
        let peers = rules.flat_map(|(rule, written)| written.from.iter().enumerate().map(move |peer| (rule, peer)));
        peers.map(|(rule, (at, peer))| (peer, self.place(&format!("ingress[{rule}].from[{at}]")))).collect()
    }

    /// Where a peer is written, else where its owner is named.
    fn place(&self, peer: &str) -> Source {
        let place = self.places.get(&format!("{}networkPolicies.{peer}", self.prefix));
        place.unwrap_or(self.source).clone()
    }
}

fn owned<'a, T>(cluster: &'a str, item: &'a Item<T>, rules: NetworkRules<'a>) -> OwnedRules<'a> {
    let (address, source, places) = (&item.address, &item.source, &item.rule_places);
    OwnedRules { cluster, address, rules, source, places, prefix: "" }
}

/// All rules of a stack.
pub(super) fn all(stack: &Stack) -> Vec<OwnedRules<'_>> {
    let mut all = Vec::new();
    for (name, item) in &stack.clusters {
        all.extend(item.spec.network_policies.iter().map(|rules| owned(name, item, rules.into())));
        let gateway = item.spec.gateway.as_ref().and_then(|gateway| gateway.network_policies.as_ref());
        let gateway = gateway.map(|rules| owned(name, item, rules.into()));
        all.extend(gateway.map(|owned| OwnedRules { prefix: "gateway.", ..owned }));
    }
    for (key, item) in &stack.agents {
        all.extend(item.spec.network_policies.iter().map(|rules| owned(&key.cluster, item, rules.into())));
    }
    for (key, item) in &stack.tools {
        all.extend(item.spec.network_policies.iter().map(|rules| owned(&key.cluster, item, rules.into())));
    }
    all
}

/// What the agents of a stack need for tools that langop does not run, with the cluster of each.
pub(super) fn of_tools(stack: &Stack) -> Vec<(&str, ToolEgress)> {
    let needed = |(key, agent)| {
        let MemberKey { cluster, .. }: &MemberKey = key;
        tool_egress(stack, cluster, agent).into_iter().map(move |one| (cluster.as_str(), one))
    };
    stack.agents.iter().flat_map(needed).collect()
}

/// The Services that peers of any rule name, and those that are tools.
pub(crate) fn services_in_rules(stack: &Stack) -> Vec<ServiceName> {
    let written =
        |owned: OwnedRules<'_>| peers(owned.rules).filter_map(|peer| named(peer, owned.cluster)).collect::<Vec<_>>();
    let tools = of_tools(stack).into_iter();
    let tools =
        tools.flat_map(|(cluster, one)| one.rule.to.iter().filter_map(|to| named(to, cluster)).collect::<Vec<_>>());
    all(stack).into_iter().flat_map(written).chain(tools).collect()
}

fn peers(rules: NetworkRules<'_>) -> impl Iterator<Item = &NetworkPeer> {
    let from = rules.ingress.iter().flat_map(NetworkRule::peers);
    from.chain(rules.egress.iter().flat_map(NetworkRule::peers))
}

/// Whether the cluster takes addresses of the moment for rules by name.
pub(super) fn falls_back(cluster: &LanguageClusterSpec) -> bool {
    let fallback = cluster.network_policies.as_ref().and_then(|rules| rules.dns_fallback);
    fallback == Some(DnsFallback::Resolve)
}
