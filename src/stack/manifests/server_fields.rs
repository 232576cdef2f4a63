//! Takes out of a document what only a server writes: that it stands in a file that `kubectl get -o yaml` made says
//! nothing about what is wanted. Sent along it would be refused, or hold for the moment of the export alone.

use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::tree::{Map, Node, Value};

/// What the API server writes into `metadata` (Kubernetes API conventions, "Metadata").
pub(super) const METADATA: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Annotations that `kubectl apply` and the controller of Deployments write; the first repeats the whole object, in a
/// Secret with its values.
const ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/// What becomes of the field `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// A controller writes it.
    LeftOut,
    /// It is a field like any other: the CRD in the description has no such subresource.
    Kept,
}

/// Takes the fields out, and says so in one warning. What says nothing at all (`creationTimestamp: null`, `status: {}`,
/// as generators of manifests write it) goes without a word.
pub(super) fn leave_out(document: &mut Node, status: Status, found: &mut Vec<Diagnostic>) {
    let kind = document.text_at(&["kind"]).unwrap_or_default().to_owned();
    let name = document.text_at(&["metadata", "name"]).unwrap_or_default().to_owned();
    let mut left_out = Vec::new();
    let Value::Map(map) = &mut document.value else { return };
    if let Some(Value::Map(metadata)) = map.get_mut("metadata").map(|entry| &mut entry.node.value) {
        for key in METADATA {
            take(metadata, key, "metadata.", &mut left_out);
        }
        if let Some(Value::Map(annotations)) = metadata.get_mut("annotations").map(|entry| &mut entry.node.value) {
            for key in ANNOTATIONS {
                take(annotations, key, "the annotation ", &mut left_out);
            }
        }
    }
    if status == Status::LeftOut {
        take(map, "status", "", &mut left_out);
    }
    nested_times(document);
    left_out.sort_by_key(|(_, place)| *place);
    let Some((_, first)) = left_out.first() else { return };
    let fields: Vec<_> = left_out.iter().map(|(field, _)| field.as_str()).collect();
    let (verb, are) = if fields.len() == 1 { ("is", "it is") } else { ("are", "they are") };
    let message = format!("{} of {kind}/{name} {verb} written by the server alone: {are} left out", fields.join(", "));
    let warning = Diagnostic::warning(Code::ServerField, message).at(*first, "");
    found.push(warning.hint("take what `kubectl get -o yaml` adds out of the file"));
}

fn take(map: &mut Map, key: &str, within: &str, left_out: &mut Vec<(String, Span)>) {
    if let Some(entry) = map.remove(key).filter(|entry| !is_empty(&entry.node)) {
        let field = if within.ends_with(' ') { format!("{within}`{key}`") } else { format!("`{within}{key}`") };
        left_out.push((field, entry.key));
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.iter().all(is_empty),
        Value::Map(map) => map.values().all(|entry| is_empty(&entry.node)),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Go writes the time of creation of every template as `null`: an empty struct is not left out.
fn nested_times(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => {
            if map.get("creationTimestamp").is_some_and(|entry| entry.node.is_null()) {
                map.remove("creationTimestamp");
            }
            for entry in map.values_mut() {
                nested_times(&mut entry.node);
            }
        }
        Value::List(items) => items.iter_mut().for_each(nested_times),
        _ => {}
    }
}
