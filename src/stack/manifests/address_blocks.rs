//! Address blocks of a `NetworkPolicy` that is carried along, and what else of a document is a network to the API
//! server. What no server takes is an error; what servers from Kubernetes 1.36 on refuse, a warning: an older one may
//! have it already.

use ipnet::IpNet;

use crate::stack::check::network::bad_network;
use crate::stack::check::value::cidr_meant;
use crate::stack::diagnostic::{Code, Diagnostic, Severity};
use crate::stack::tree::Node;

/// Reports the networks of a document that some API server refuses.
pub(super) fn check(document: &Node, found: &mut Vec<Diagnostic>) {
    let Some(spec) = document.get("spec") else { return };
    match (document.text_at(&["apiVersion"]), document.text_at(&["kind"])) {
        (Some("networking.k8s.io/v1"), Some("NetworkPolicy")) => {
            for (direction, side) in [("ingress", "from"), ("egress", "to")] {
                let peers = spec.items_of(direction).iter().flat_map(|rule| rule.items_of(side));
                peers.filter_map(|peer| peer.get("ipBlock")).for_each(|block| address_block(block, found));
            }
        }
        (Some("v1"), Some("Service")) => {
            found.extend(spec.items_of("loadBalancerSourceRanges").iter().filter_map(network));
        }
        _ => {}
    }
}

fn address_block(block: &Node, found: &mut Vec<Diagnostic>) {
    found.extend(block.get("cidr").and_then(network));
    let whole = block.text_at(&["cidr"]).and_then(|text| text.parse::<IpNet>().ok());
    for except in block.items_of("except") {
        found.extend(network(except));
        let part = except.text().and_then(|text| text.parse::<IpNet>().ok());
        if let (Some(whole), Some(part)) = (whole, part)
            && (!whole.contains(&part) || whole.prefix_len() == part.prefix_len())
        {
            let message = format!("`{}` is not a part of the network that it is an exception of", except.shown());
            let error = Diagnostic::error(Code::BadCidr, message).at(except.span, "");
            found.push(match block.get("cidr") {
                Some(cidr) => error.also(cidr.span, "this network"),
                None => error,
            });
        }
    }
}

fn network(node: &Node) -> Option<Diagnostic> {
    let mut error = bad_network(node)?;
    if node.text().and_then(cidr_meant).is_some() {
        error.severity = Severity::Warning;
        error = error.at(node.span, "refused by Kubernetes 1.36 and later");
    }
    Some(error)
}
