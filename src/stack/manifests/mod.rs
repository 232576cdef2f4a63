//! Kubernetes documents: those of `langop.io` become things of the stack, all others are carried along
//! as they are. Knows nothing of description files.

mod address_blocks;
mod foreign;
mod own;
mod placement;
mod server_fields;

use std::collections::BTreeMap;

use self::placement::Placement;
use super::default_namespace::DefaultNamespace;
use super::diagnostic::{Code, Diagnostic, Files, Span};
use super::draft::Draft;
use super::tree::{Node, Value};
use crate::api::GROUP;
use crate::object::{Manifest, ObjectRef, group_of};

/// What the documents hold.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// Things of the stack.
    pub drafts: Vec<Draft>,
    /// Documents of other kinds.
    pub manifests: Vec<Manifest>,
    /// Where each of them is named.
    pub places: BTreeMap<ObjectRef, Span>,
}

impl Documents {
    /// Whether there is nothing in them.
    pub(super) fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.manifests.is_empty()
    }
}

/// Sorts the documents; what is no Kubernetes object is among `found`. Objects that name no namespace go to
/// `namespace`.
pub(super) fn sort(
    documents: Vec<Node>,
    namespace: &DefaultNamespace,
    files: &Files,
    found: &mut Vec<Diagnostic>,
) -> Documents {
    let mut objects = Vec::new();
    for document in documents {
        unpack(document, &mut objects, found);
    }
    let mut placement = Placement::new(namespace, &objects);
    let mut sorted = Documents::default();
    for object in objects {
        add(object, &mut placement, files, &mut sorted, found);
    }
    placement.finish(found);
    sorted
}

/// The objects that a document holds: itself, or those of a list. Lists hold lists at most as deep as trees are, so
/// the recursion has an end.
fn unpack(document: Node, objects: &mut Vec<Node>, found: &mut Vec<Diagnostic>) {
    let Some((_, kind)) = identity(&document, found) else {
        return;
    };
    if !kind.ends_with("List") || document.entry("items").is_none() {
        objects.push(document);
        return;
    }
    let Value::Map(mut map) = document.value else {
        return;
    };
    match map.remove("items").map(|entry| entry.node) {
        Some(Node { value: Value::List(items), .. }) => {
            for item in items {
                unpack(item, objects, found);
            }
        }
        Some(other) => {
            let message = format!("`items` of a `{kind}` must be a list");
            found.push(Diagnostic::error(Code::NotAManifest, message).at(other.span, ""));
        }
        None => {}
    }
}

fn add(
    document: Node,
    placement: &mut Placement<'_>,
    files: &Files,
    sorted: &mut Documents,
    found: &mut Vec<Diagnostic>,
) {
    let text = |key: &str| document.text_at(&[key]).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if group_of(&api_version) == GROUP {
        sorted.drafts.extend(own::draft(&document, &api_version, &kind, found));
    } else {
        foreign::add(document, placement, files, sorted, found);
    }
}

/// `apiVersion` and `kind`, which every document needs.
fn identity(document: &Node, found: &mut Vec<Diagnostic>) -> Option<(String, String)> {
    if !matches!(document.value, Value::Map(_)) {
        let message = format!("a Kubernetes object is a table, not {}", document.type_name());
        found.push(Diagnostic::error(Code::NotAManifest, message).at(document.span, ""));
        return None;
    }
    let mut text = |key: &str| {
        let text = document.text_at(&[key]).filter(|text| !text.is_empty());
        if text.is_none() {
            let message = format!("a Kubernetes object needs `{key}`, and as a string");
            let place = document.entry(key).map_or(first_line(document), |entry| entry.node.span);
            found.push(Diagnostic::error(Code::NotAManifest, message).at(place, ""));
        }
        text.map(str::to_owned)
    };
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    Some((api_version?, kind?))
}

/// Where a document begins: its first key, because the table itself has no face.
fn first_line(document: &Node) -> Span {
    let keys = document.entries().map(|(_, entry)| entry.key);
    keys.min_by_key(|key| key.start).unwrap_or(document.span)
}

/// `metadata.name`; `generateName` makes an object that no plan could find again.
fn name<'a>(document: &'a Node, found: &mut Vec<Diagnostic>) -> Option<(&'a str, Span)> {
    let metadata = document.get("metadata");
    if let Some(entry) = metadata.and_then(|metadata| metadata.entry("generateName")) {
        let message = "a generated name is another one at every apply";
        let error = Diagnostic::error(Code::GeneratedName, message).at(entry.key, "");
        found.push(error.hint("give it a `name`"));
        return None;
    }
    let name = metadata.and_then(|metadata| metadata.get("name"));
    match name.and_then(|node| Some((node.text()?, node.span))) {
        Some((text, span)) if !text.is_empty() => Some((text, span)),
        _ => {
            let place = name
                .map(|node| node.span)
                .or_else(|| document.entry("metadata").map(|entry| entry.key))
                .or_else(|| document.entry("kind").map(|entry| entry.key));
            let message = "a Kubernetes object needs `metadata.name`, and as a string";
            let error = Diagnostic::error(Code::NotAManifest, message);
            found.push(error.at(place.unwrap_or(document.span), ""));
            None
        }
    }
}
