//! Edges whose field stands on the other side: the policies, quotas and limits of a namespace that a
//! workload must not run ahead of, and the budget that waits for the workloads it selects.

use super::dependency::Wait;
use super::field::Field;
use super::found::Found;
use super::index::Index;
use super::selector;
use super::template::{Template, template};
use crate::object::Manifest;
use crate::object::field::map;

/// Kinds that select the pods they protect, and the field that selects.
const POLICIES: [(&str, &str, &str); 3] = [
    ("networking.k8s.io", "NetworkPolicy", "spec.podSelector"),
    ("cilium.io", "CiliumNetworkPolicy", "spec.endpointSelector"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", "spec.endpointSelector"),
];

/// What governs this object.
pub(super) fn references(found: &mut Found<'_>) {
    let manifest = found.manifest;
    if let Some(pod) = template(manifest) {
        policies(found, &pod);
        for limits in found.index.around(("", "LimitRange"), manifest) {
            let why = field_of("spec.limits", limits);
            found.wait_for(limits.reference.clone(), Wait::Exists, why);
        }
    }
    quotas(found);
    budget(found);
}

fn policies(found: &mut Found<'_>, pod: &Template<'_>) {
    let manifest = found.manifest;
    for (group, kind, field) in POLICIES {
        for policy in found.index.around((group, kind), manifest) {
            let root = Field::root(&policy.object);
            // Cilium also allows a list of rules, each with a selector of its own.
            let rules = root.each("specs");
            let of_rules = rules.iter().filter_map(|rule| rule.at("endpointSelector"));
            let mut selectors = root.at(field).into_iter().chain(of_rules);
            let selects = |field: &Field<'_>| selector::matches(field.value, &pod.labels);
            if let Some(field) = selectors.find(selects) {
                let why = field_of(&field.path, policy);
                found.wait_for(policy.reference.clone(), Wait::Exists, why);
            }
        }
    }
}

/// `PodDisruptionBudget` waits for the workloads that it selects.
fn budget(found: &mut Found<'_>) {
    let manifest = found.manifest;
    if !manifest.reference.is("policy", "PodDisruptionBudget") {
        return;
    }
    let Some(field) = found.root().at("spec.selector") else {
        return;
    };
    for workload in found.index.workloads_around(manifest) {
        if template(workload).is_some_and(|pod| selector::matches(field.value, &pod.labels)) {
            let why = field.path.clone();
            found.wait_for(workload.reference.clone(), Wait::Exists, why);
        }
    }
}

/// A quota counts nothing until its controller has seen it; what it counts waits for that
/// (Kubernetes, *Resource Quotas*: status unknown for quota).
fn quotas(found: &mut Found<'_>) {
    let manifest = found.manifest;
    for quota in found.index.around(("", "ResourceQuota"), manifest) {
        let hard = map(&quota.object, "/spec/hard");
        let keys = hard.into_iter().flatten().map(|(key, _)| key);
        let counted = keys.into_iter().find(|key| counts(key, manifest, found.index));
        if let Some(key) = counted {
            let why = field_of(&format!("spec.hard[{key}]"), quota);
            found.wait_for(quota.reference.clone(), Wait::Ready, why);
        }
    }
}

/// Whether a key of a quota counts this object or its pods.
fn counts(key: &str, manifest: &Manifest, index: &Index<'_>) -> bool {
    let plural = plural(manifest, index);
    let group = &manifest.reference.group;
    if let Some(resource) = key.strip_prefix("count/") {
        let (resource, of_group) = resource.split_once('.').unwrap_or((resource, ""));
        let itself = resource == plural && of_group == group;
        let its_pods = resource == "pods" && of_group.is_empty();
        return itself || (its_pods && template(manifest).is_some());
    }
    match key {
        "services.loadbalancers" | "services.nodeports" => manifest.reference.is("", "Service"),
        _ if key.ends_with("requests.storage") || key.ends_with("persistentvolumeclaims") => {
            manifest.reference.is("", "PersistentVolumeClaim")
        }
        _ if group.is_empty() && key == plural => true,
        "pods" | "cpu" | "memory" | "ephemeral-storage" => template(manifest).is_some(),
        _ => {
            let of_pods = ["requests.", "limits.", "hugepages-"];
            of_pods.iter().any(|prefix| key.starts_with(prefix)) && template(manifest).is_some()
        }
    }
}

/// The plural of the object's kind: from its CRD, else by the rule that Kubernetes' own kinds follow.
fn plural(manifest: &Manifest, index: &Index<'_>) -> String {
    let definition = index.definition(&manifest.reference.group_kind());
    let written = definition.and_then(|crd| Field::root(&crd.object).text("spec.names.plural"));
    if let Some(plural) = written {
        return plural.to_owned();
    }
    let kind = manifest.reference.kind.to_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if kind.ends_with(['s', 'x']) || kind.ends_with("ch") => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}

fn field_of(path: &str, other: &Manifest) -> String {
    format!("{path} of {}/{}", other.reference.kind, other.reference.name)
}
