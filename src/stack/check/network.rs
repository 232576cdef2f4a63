//! Rules of the network: a peer has exactly one form, and what it names is well formed.

mod selector;

use super::form;
use super::value::{cidr_fault, cidr_meant, dns_fault};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::names::{label_fault, label_value_fault};
use crate::stack::tree::{Entry, Node};

/// Keys that are a form by themselves.
const FORMS: [&str; 4] = ["group", "cidr", "dns", "service"];
/// Keys that make up one form together.
const SELECTORS: [&str; 2] = ["namespaceSelector", "podSelector"];

/// Checks the `networkPolicies` of a spec.
pub(super) fn check(spec: &Node, found: &mut Vec<Diagnostic>) {
    let Some(policies) = spec.get("networkPolicies") else {
        return;
    };
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        for rule in policies.items_of(direction) {
            for one in rule.items_of(side) {
                peer(one, found);
                if side == "from" {
                    unrecognisable(one, found);
                }
            }
        }
    }
}

/// Checks one peer, whatever the rule.
pub(super) fn peer(peer: &Node, found: &mut Vec<Diagnostic>) {
    peer_form(peer, found);
    content(peer, found);
}

fn peer_form(peer: &Node, found: &mut Vec<Diagnostic>) {
    let entry = |key: &&'static str| Some((*key, peer.entry(key)?));
    let mut forms: Vec<(&str, &Entry)> = FORMS.iter().filter_map(entry).collect();
    forms.extend(SELECTORS.iter().find_map(entry));
    // In the order of writing, so that the second is called the one too many.
    forms.sort_by_key(|(_, entry)| entry.key);
    match forms.as_slice() {
        [(first, one), (second, two), ..] => {
            let message = format!("a peer has one form, not both `{first}` and `{second}`");
            let error =
                Diagnostic::error(Code::PeerForm, message).at(two.key, "second form").also(one.key, "first form");
            found.push(error.hint("write two peers: each of them is admitted"));
        }
        // Keys that are unknown or of a wrong type are reported as such.
        [] if peer.entries().next().is_none() => {
            let message = "a peer without a form selects nothing";
            let error = Diagnostic::error(Code::PeerForm, message).at(peer.span, "");
            found.push(error.hint(
                "there are `group`, `cidr`, `dns`, `service`, `namespaceSelector` and `podSelector`; \
                 everyone is `0.0.0.0/0` and `::/0`",
            ));
        }
        _ => {}
    }
}

fn content(peer: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(group) = peer.get("group") {
        let fault = group.text().and_then(group_fault);
        form(group, "the name of a group", Code::BadName, fault, found);
    }
    if let Some(cidr) = peer.get("cidr") {
        found.extend(bad_network(cidr));
    }
    for name in peer.items_of("dns") {
        let fault = name.text().and_then(dns_fault);
        form(name, "a host name", Code::BadDomain, fault, found);
    }
    for key in SELECTORS {
        if let Some(selector) = peer.get(key) {
            selector::check(selector, found);
        }
    }
    for key in ["name", "namespace"] {
        if let Some(name) = peer.at(&["service", key]) {
            let what = if key == "name" { "the name of a Service" } else { "the name of a namespace" };
            form(name, what, Code::BadName, name.text().and_then(label_fault), found);
        }
    }
}

/// The error of a network that is not one, with the one that is meant.
pub(in crate::stack) fn bad_network(node: &Node) -> Option<Diagnostic> {
    let fault = node.text().and_then(cidr_fault)?;
    let message = format!("`{}` is not a network: {fault}", node.shown());
    let error = Diagnostic::error(Code::BadCidr, message).at(node.span, "");
    let meant = node.text().and_then(cidr_meant);
    Some(error.maybe_hint(meant.map(|meant| format!("the network is `{meant}`"))))
}

/// A group becomes a label.
pub(super) fn group_fault(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("it is empty"),
        _ => label_value_fault(text),
    }
}

/// Names are resolved by who connects; who is connected to sees an address.
fn unrecognisable(peer: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(entry) = peer.entry("dns") {
        let message = "nobody can be admitted by a host name: a connection comes from an address";
        let error = Diagnostic::error(Code::PeerForm, message).at(entry.key, "");
        found.push(error.hint("use `cidr`, or write the rule under `egress`"));
    }
}
