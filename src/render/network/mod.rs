//! The isolation of a cluster: who reaches whom. Policies add up, so a default that is to be narrowed
//! must give way, and a rule whose peers resolve to nothing is left out, never opened.

mod address_range;
mod agents;
mod cilium;
mod controller;
mod dns;
mod gateway;
mod member;
mod name_server;
mod owned;
mod peer;
mod policy;
mod rule;
mod service;
mod unknown;
mod wide;

#[cfg(test)]
mod tests;

pub use address_range::{LINK, LINK_6, METADATA, PRIVATE, PRIVATE_6};
pub(super) use dns::host_names;
pub use name_server::{DNS_PORT, name_server};
pub(super) use owned::services_in_rules;
pub use unknown::{UnknownService, unknown_services};
pub use wide::{WideEgress, wide_egress};

use super::scope::Scope;
use crate::object::Manifest;

/// All policies of the cluster.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let mut manifests = agents::manifests(scope);
    manifests.extend(gateway::manifests(scope));
    manifests.extend(member::manifests(scope));
    manifests
}
