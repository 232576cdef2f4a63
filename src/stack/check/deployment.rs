//! Rules of a `deployment`: labels and annotations that are langop's, and bounds of the autoscaler.

use super::{Index, form, secret_reference};
use crate::object::labels;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::{label_key_fault, label_value_fault};
use crate::stack::tree::Node;

/// Labels by which langop's objects select their pods.
const SELECTING: [&str; 4] = [labels::NAME, labels::COMPONENT, labels::PART_OF, labels::MANAGED_BY];

pub(super) fn check(deployment: &Node, found: &mut Vec<Diagnostic>) {
    for (key, what) in [("podLabels", "label"), ("podAnnotations", "annotation")] {
        for (name, entry) in deployment.get(key).into_iter().flat_map(Node::entries) {
            let own = name.starts_with("langop.io/");
            if own || what == "label" && SELECTING.contains(&name) {
                let message = format!("{what} `{name}` is set by langop");
                let error = Diagnostic::error(Code::ReservedLabel, message).at(entry.key, "");
                found.push(error.hint("choose a key with a prefix of your own"));
            } else if let Some(fault) = label_key_fault(name) {
                let message = format!("`{name}` is not the key of a {what}: {fault}");
                found.push(Diagnostic::error(Code::BadLabel, message).at(entry.key, ""));
            }
            if what == "label" {
                let fault = entry.node.text().and_then(label_value_fault);
                form(&entry.node, "the value of a label", Code::BadLabel, fault, found);
            }
        }
    }
    autoscaling(deployment, found);
}

/// Holds the Secrets that variables come from against what the stack knows of them.
pub(super) fn secrets(draft: &Draft, deployment: &Node, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    for variable in deployment.items_of("env") {
        secret_reference(&draft.clusters, variable.at(&["valueFrom", "secretKeyRef"]), None, index, found);
    }
    for whole in deployment.items_of("envFrom") {
        secret_reference(&draft.clusters, whole.get("secretRef"), None, index, found);
    }
}

fn autoscaling(deployment: &Node, found: &mut Vec<Diagnostic>) {
    let Some(scaling) = deployment.entry("autoscaling") else {
        return;
    };
    if let Some(replicas) = deployment.entry("replicas") {
        let message = "`replicas` and `autoscaling` exclude each other";
        let error = Diagnostic::error(Code::BadAutoscaling, message)
            .at(replicas.key, "")
            .also(scaling.key, "sets the number of pods");
        found.push(error.hint("leave `replicas` out; `minReplicas` is where the autoscaler starts"));
    }
    let bound = |key: &str| Some((scaling.node.get(key)?, scaling.node.get(key)?.integer()?));
    if let (Some((low, min)), Some((high, max))) = (bound("minReplicas"), bound("maxReplicas"))
        && min > max
    {
        let message = format!("`minReplicas` {min} is more than `maxReplicas` {max}");
        let error = Diagnostic::error(Code::BadAutoscaling, message);
        found.push(error.at(low.span, "at least").also(high.span, "at most"));
    }
}
