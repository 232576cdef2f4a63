//! Network policies that stand beside the description: those that the stack carries along, and those of the
//! target. Decides what they do to one connection at one of its ends. Knows neither what the description's own
//! rules say nor how both are put together.
//!
//! Kubernetes, *Network Policies*: a pod that no policy selects is open; policies add up, and no order tells one
//! from another. Cilium's refusals (`egressDeny`, `ingressDeny`) go before everything that allows.

mod cilium;
mod holds;
mod kubernetes;
mod peer;
mod port;
mod section;
mod unknown;

pub(super) use holds::Holds;
pub(super) use peer::{CILIUM_NAMESPACE, CILIUM_NAMESPACE_LABELS, Peer, is_like};
pub(super) use port::Span;
pub(super) use section::{Effect, Rule, Section, owner};
pub use unknown::KINDS as UNKNOWN_KINDS;

use crate::object::Manifest;

/// Who enforces the policies of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enforcer {
    /// Something that keeps to the Kubernetes text.
    Kubernetes,
    /// Cilium, whose own kinds then have their say.
    Cilium,
}

/// What of policies is written in these documents, in their order.
pub(super) fn read<'a>(manifests: impl Iterator<Item = &'a Manifest>, by: Enforcer) -> Vec<Section> {
    manifests.flat_map(|manifest| sections(manifest, by)).collect()
}

fn sections(manifest: &Manifest, by: Enforcer) -> Vec<Section> {
    let reference = &manifest.reference;
    match (reference.group.as_str(), reference.kind.as_str()) {
        ("networking.k8s.io", "NetworkPolicy") => kubernetes::sections(manifest, by),
        ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") if by == Enforcer::Cilium => {
            cilium::sections(manifest)
        }
        _ => unknown::sections(manifest),
    }
}
