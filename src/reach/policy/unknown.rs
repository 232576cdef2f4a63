//! Kinds of policies that langop does not evaluate. They are named, and what they may decide is not decided.

use crate::object::Manifest;
use crate::reach::way::Way;

use super::peer::Peer;
use super::section::{Effect, Rule, Section, Subject, place};

/// Groups and kinds of others that open or close connections of pods.
pub const KINDS: [(&str, &str); 10] = [
    ("crd.antrea.io", "ClusterNetworkPolicy"),
    ("crd.antrea.io", "NetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("security.antrea.tanzu.vmware.com", "ClusterNetworkPolicy"),
];

/// Both directions of a policy of such a kind; nothing of any other kind.
pub(super) fn sections(manifest: &Manifest) -> Vec<Section> {
    let is = |(group, kind): &(&str, &str)| manifest.reference.is(group, kind);
    if !KINDS.iter().any(is) {
        return Vec::new();
    }
    let out = section(manifest, "its kind");
    vec![Section { way: Way::In, ..out.clone() }, out]
}

/// What may select, allow and refuse everything.
pub(super) fn section(manifest: &Manifest, what: &'static str) -> Section {
    let source = place(manifest, "/spec");
    let rule = |effect| Rule {
        path: "spec".to_owned(),
        source: source.clone(),
        effect,
        peers: vec![Peer::Everyone],
        ports: None,
        resolves: Vec::new(),
        beyond: Some(what),
    };
    Section {
        policy: manifest.reference.clone(),
        source: source.clone(),
        path: "spec".to_owned(),
        way: Way::Out,
        subject: Subject {
            namespace: manifest.reference.namespace.as_deref().map(str::to_owned),
            pods: Peer::Beyond(what),
        },
        closes: false,
        rules: vec![rule(Effect::Allow), rule(Effect::Deny)],
    }
}
