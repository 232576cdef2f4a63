//! What the network rules of one cluster name of it: groups with agents, Services with ports, names that can
//! be resolved; and whether everybody reaches its exposed gateway.

mod service;

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::names::nearest;
use crate::stack::tree::Node;

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    open_gateway(cluster, found);
    let resolves = cluster.node.text_at(&["networkPolicies", "dnsFallback"]) == Some("resolve");
    for policies in policies(cluster, index) {
        for (direction, side) in [("ingress", "from"), ("egress", "to")] {
            for rule in policies.items_of(direction) {
                for peer in rule.items_of(side) {
                    group(cluster, peer, index, found);
                    if resolves {
                        peer.items_of("dns").iter().for_each(|name| pattern(name, found));
                    }
                }
                if side == "to" {
                    service::check(cluster, rule, index, found);
                }
            }
        }
    }
}

/// The rules of the cluster, of its gateway, and of its agents and tools.
fn policies<'a>(cluster: &'a Draft, index: &Index<'a>) -> Vec<&'a Node> {
    let own = cluster.node.get("networkPolicies").into_iter();
    let gateway = cluster.node.at(&["gateway", "networkPolicies"]);
    let members = [Kind::Agent, Kind::Tool].into_iter().flat_map(|kind| index.of(&cluster.name, kind));
    own.chain(gateway).chain(members.filter_map(|draft| draft.node.get("networkPolicies"))).collect()
}

/// An ingress controller may run in any namespace, so that all may call when it is not named.
fn open_gateway(cluster: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(ingress) = cluster.node.get("ingress") else { return };
    let enabled = ingress.entry("enabled").filter(|entry| entry.node.boolean() == Some(true));
    if let Some(enabled) = enabled.filter(|_| ingress.get("controllerNamespace").is_none()) {
        let message = format!("pods of every namespace may call the exposed gateway of {}", cluster.called());
        let warning = Diagnostic::warning(Code::OpenGateway, message).at(enabled.node.span, "exposed here");
        found.push(warning.hint("name the ingress controller's namespace: `ingress.controllerNamespace`"));
    }
}

fn group<'a>(cluster: &'a Draft, peer: &Node, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(node) = peer.get("group") else { return };
    let Some(name) = node.text().filter(|name| !name.is_empty()) else { return };
    let groups: Vec<&str> =
        index.of(&cluster.name, Kind::Agent).filter_map(|agent| agent.node.text_at(&["group"])).collect();
    if groups.contains(&name) {
        return;
    }
    let message = format!("no agent of {} is in group `{}`", cluster.called(), node.shown());
    let warning = Diagnostic::warning(Code::UnknownGroup, message).at(node.span, "selects nobody");
    found.push(match nearest(name, groups.iter().copied()) {
        Some(near) => warning.hint(format!("did you mean `{near}`?")),
        None => warning.hint(format!("an agent is in it by `group = \"{}\"`", node.shown())),
    });
}

/// Nobody can list the names that a pattern means.
fn pattern(name: &Node, found: &mut Vec<Diagnostic>) {
    if name.text().is_some_and(|name| name.contains('*')) {
        let message = format!("`{}` cannot be resolved: it is a pattern", name.shown());
        let error = Diagnostic::error(Code::UnresolvableName, message).at(name.span, "");
        found.push(error.hint("name each host, or leave `dnsFallback` out and use Cilium"));
    }
}
