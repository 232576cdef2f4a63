//! Where the network rules of a thing and their peers are written: what is said of a rule names its line.

use std::collections::BTreeMap;

use super::diagnostic::Files;
use super::tree::Node;
use crate::object::Source;

/// The two directions of rules, and the key of their peers.
const DIRECTIONS: [(&str, &str); 2] = [("ingress", "from"), ("egress", "to")];

/// Places of rules and peers, by their path in the spec: `networkPolicies.egress[0]`,
/// `gateway.networkPolicies.ingress[1].from[0]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulePlaces(BTreeMap<String, Source>);

impl RulePlaces {
    /// No places: of what nobody wrote.
    pub(crate) const NONE: Self = Self(BTreeMap::new());

    /// The places in a spec.
    #[must_use]
    pub(super) fn of(spec: &Node, files: &Files) -> Self {
        let mut places = BTreeMap::new();
        for owner in [&["networkPolicies"][..], &["gateway", "networkPolicies"]] {
            let Some(policies) = spec.at(owner) else { continue };
            for (direction, side) in DIRECTIONS {
                for (at, rule) in policies.items_of(direction).iter().enumerate() {
                    let path = format!("{}.{direction}[{at}]", owner.join("."));
                    for (at, peer) in rule.items_of(side).iter().enumerate() {
                        places.insert(format!("{path}.{side}[{at}]"), files.source(peer.span));
                    }
                    places.insert(path, files.source(rule.span));
                }
            }
        }
        Self(places)
    }

    /// Where the rule or peer of this path is written.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Source> {
        self.0.get(path)
    }
}
