//! `NetworkPolicy` (`networking.k8s.io`), in any served version.

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::Manifest;
use crate::reach::way::Way;

use super::peer::Peer;
use super::port::{Span, Which};
use super::section::{Effect, Rule, Section, Subject, place};
use super::{Enforcer, unknown};

/// The namespace of what names none.
pub(super) const DEFAULT: &str = "default";

/// A section for each direction that the policy is about.
pub(super) fn sections(manifest: &Manifest, by: Enforcer) -> Vec<Section> {
    let spec = manifest.object.get("spec").cloned().unwrap_or_default();
    let Ok(spec) = serde_json::from_value::<NetworkPolicySpec>(spec) else {
        return vec![unknown::section(manifest, "what is not of its schema")];
    };
    let home = manifest.reference.namespace.as_deref().unwrap_or(DEFAULT);
    let ways = [("Ingress", Way::In, "ingress"), ("Egress", Way::Out, "egress")];
    let ways = ways
        .into_iter()
        .filter(|(name, way, _)| is_about(&spec, name, *way) || by == Enforcer::Cilium && has_rules(&spec, *way));
    let section = |(_, way, direction): (&str, Way, &str)| Section {
        policy: manifest.reference.clone(),
        source: place(manifest, &format!("/spec/{direction}")),
        path: format!("spec.{direction}"),
        way,
        subject: Subject {
            namespace: Some(home.to_owned()),
            pods: Peer::Pods {
                namespace: None,
                namespaces: LabelSelector::default(),
                pods: spec.pod_selector.clone().unwrap_or_default(),
            },
        },
        closes: true,
        rules: rules(manifest, &spec, (way, direction), home),
    };
    ways.map(section).collect()
}

/// Cilium enforces the rules of a direction also where `policyTypes` leaves it out.
fn has_rules(spec: &NetworkPolicySpec, way: Way) -> bool {
    match way {
        Way::In => spec.ingress.as_ref().is_some_and(|rules| !rules.is_empty()),
        Way::Out => spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()),
    }
}

/// Without `policyTypes` a policy is about ingress, and about egress when it has such rules.
fn is_about(spec: &NetworkPolicySpec, name: &str, way: Way) -> bool {
    match spec.policy_types.as_deref() {
        Some(types) if !types.is_empty() => types.iter().any(|one| one == name),
        _ => way == Way::In || has_rules(spec, way),
    }
}

fn rules(manifest: &Manifest, spec: &NetworkPolicySpec, (way, direction): (Way, &str), home: &str) -> Vec<Rule> {
    let rule = |at: usize, peers: Option<&Vec<NetworkPolicyPeer>>, ports: Option<&Vec<NetworkPolicyPort>>| Rule {
        path: format!("spec.{direction}[{at}]"),
        source: place(manifest, &format!("/spec/{direction}/{at}")),
        effect: Effect::Allow,
        peers: match peers {
            Some(peers) if !peers.is_empty() => peers.iter().map(|one| peer(one, home)).collect(),
            _ => vec![Peer::Everyone],
        },
        ports: ports.filter(|ports| !ports.is_empty()).map(|ports| ports.iter().map(span).collect()),
        resolves: Vec::new(),
        beyond: None,
    };
    match way {
        Way::In => {
            let rules: &[NetworkPolicyIngressRule] = spec.ingress.as_deref().unwrap_or_default();
            rules.iter().enumerate().map(|(at, one)| rule(at, one.from.as_ref(), one.ports.as_ref())).collect()
        }
        Way::Out => {
            let rules: &[NetworkPolicyEgressRule] = spec.egress.as_deref().unwrap_or_default();
            rules.iter().enumerate().map(|(at, one)| rule(at, one.to.as_ref(), one.ports.as_ref())).collect()
        }
    }
}

fn peer(peer: &NetworkPolicyPeer, home: &str) -> Peer {
    if let Some(IPBlock { cidr, except }) = &peer.ip_block {
        return Peer::Block { cidr: cidr.clone(), except: except.clone().unwrap_or_default() };
    }
    Peer::Pods {
        namespace: peer.namespace_selector.is_none().then(|| home.to_owned()),
        namespaces: peer.namespace_selector.clone().unwrap_or_default(),
        pods: peer.pod_selector.clone().unwrap_or_default(),
    }
}

fn span(port: &NetworkPolicyPort) -> Span {
    let which = match &port.port {
        None => Which::All,
        Some(IntOrString::Int(number)) => Which::Range(*number, port.end_port.unwrap_or(*number)),
        Some(IntOrString::String(name)) => Which::Named(name.clone()),
    };
    Span { protocol: Some(port.protocol.clone().unwrap_or_else(|| "TCP".to_owned())), which }
}
