//! Which kinds of a namespace hold what somebody described, and how a user names a kind.

use crate::object::GroupKind;

/// Kinds whose objects tell what happens and are made by what runs, by group.
const PASSING: [(&str, &str); 7] = [
    ("", "Endpoints"),
    ("", "Event"),
    ("apps", "ControllerRevision"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("events.k8s.io", "Event"),
    ("storage.k8s.io", "CSIStorageCapacity"),
];

/// The group of figures that nobody writes.
const METRICS: &str = "metrics.k8s.io";

/// Whether nobody describes objects of this kind.
#[must_use]
pub(crate) fn is_passing(kind: &GroupKind) -> bool {
    kind.group.ends_with(METRICS) || PASSING.iter().any(|(group, name)| kind.group == *group && kind.kind == *name)
}

/// Whether a user means this kind, which the server calls `qualified`: `Deployment`, `deployments`,
/// `deployments.apps`, in any case.
#[must_use]
pub(crate) fn is_meant(word: &str, kind: &GroupKind, qualified: &str) -> bool {
    let plural = qualified.split('.').next().unwrap_or_default();
    let full = format!("{}.{}", kind.kind, kind.group);
    [&kind.kind, plural, qualified, &full].iter().any(|name| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_as_kubectl_names_it() {
        let kind = GroupKind::new("apps", "Deployment");
        for word in ["Deployment", "deployments", "deployments.apps", "deployment.apps"] {
            assert!(is_meant(word, &kind, "deployments.apps"), "{word}");
        }
        assert!(!is_meant("deploy", &kind, "deployments.apps"));
    }

    #[test]
    fn events_and_figures_are_nobodys() {
        assert!(
            is_passing(&GroupKind::new("", "Event")) && is_passing(&GroupKind::new("metrics.k8s.io", "PodMetrics"))
        );
        assert!(!is_passing(&GroupKind::new("", "ConfigMap")));
    }
}
