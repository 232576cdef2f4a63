//! Which namespace a document goes to: its own, else the default one; none where its kind has none. Decides only of
//! kinds whose scope is known without a server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::server_fields::Status;
use crate::object::field::{items, owned};
use crate::object::{GroupKind, Scope, group_of};
use crate::stack::default_namespace::DefaultNamespace;
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::tree::{Entry, Node, Value};

/// What decides where documents go, and which had to be told.
pub(super) struct Placement<'a> {
    namespace: &'a DefaultNamespace,
    /// Scopes of the kinds that CRDs of the description define.
    defined: BTreeMap<GroupKind, Scope>,
    /// Kinds and versions, of those, whose `status` is no subresource but a field that users write.
    own_status: BTreeSet<(GroupKind, String)>,
    /// Documents that named no namespace and need one: what they are called and where their kind is written.
    placed: Vec<(String, Span)>,
}

impl<'a> Placement<'a> {
    /// Looks for CRDs among the documents.
    pub(super) fn new(namespace: &'a DefaultNamespace, documents: &[Node]) -> Self {
        let crds = documents.iter().filter(|document| kind(document) == GroupKind::of_crds()).map(Node::to_json);
        let (mut defined, mut own_status) = (BTreeMap::new(), BTreeSet::new());
        for crd in crds {
            let kind = GroupKind::defined_by(&crd);
            own_status.extend(versions_with_own_status(&crd).map(|version| (kind.clone(), version)));
            defined.extend(Scope::defined_by(&crd).map(|scope| (kind, scope)));
        }
        Self { namespace, defined, own_status, placed: Vec::new() }
    }

    /// What becomes of the document's `status`.
    pub(super) fn status(&self, document: &Node) -> Status {
        let api_version = document.text_at(&["apiVersion"]).unwrap_or_default();
        let version = api_version.rsplit_once('/').map_or(api_version, |(_, version)| version);
        let own = self.own_status.contains(&(kind(document), version.to_owned()));
        if own { Status::Kept } else { Status::LeftOut }
    }

    /// Writes the namespace into the document, or takes it away.
    pub(super) fn place(&mut self, document: &mut Node, found: &mut Vec<Diagnostic>) {
        let kind = kind(document);
        // An empty one is none, as to the API server.
        if document.text_at(&["metadata", "namespace"]) == Some("") {
            metadata(document).and_then(|metadata| metadata.remove("namespace"));
        }
        match Scope::built_in(&kind).or_else(|| self.defined.get(&kind).copied()) {
            Some(Scope::Cluster) => leave_out(document, &kind, found),
            Some(Scope::Namespaced) => self.fill_in(document, &kind),
            // The server knows.
            None => {}
        }
    }

    fn fill_in(&mut self, document: &mut Node, kind: &GroupKind) {
        if document.at(&["metadata", "namespace"]).is_some() {
            return;
        }
        let name = document.text_at(&["metadata", "name"]).unwrap_or_default();
        let place = document.entry("kind").map_or(document.span, |entry| entry.key);
        self.placed.push((format!("{}/{name}", kind.kind), place));
        let (Ok(namespace), Some(metadata)) = (self.namespace.name(), metadata(document)) else { return };
        let node = Node::new(Value::String(namespace.to_owned()), place);
        metadata.insert("namespace".to_owned(), Entry { key: place, node });
    }

    /// Says which documents were told where to go.
    pub(super) fn finish(mut self, found: &mut Vec<Diagnostic>) {
        self.placed.sort_by_key(|(_, place)| *place);
        let Some((first, place)) = self.placed.first().cloned() else { return };
        if let Err(reason) = self.namespace.name() {
            let message = format!("`{first}` names no namespace, and the default one is not known: {reason}");
            let error = Diagnostic::error(Code::DefaultNamespace, message).at(place, "");
            found.push(error.hint(DefaultNamespace::HINT));
            return;
        }
        let called: Vec<_> = self.placed.into_iter().map(|(called, _)| called).collect();
        if let Some(note) = self.namespace.note(&called) {
            let warning = Diagnostic::warning(Code::DefaultNamespace, note).at(place, "");
            found.push(warning.hint(DefaultNamespace::HINT));
        }
    }
}

fn versions_with_own_status(crd: &Json) -> impl Iterator<Item = String> {
    let own = |version: &&Json| version.pointer("/subresources/status").is_none();
    items(crd, "/spec/versions").iter().filter(own).filter_map(|version| owned(version, "/name"))
}

fn kind(document: &Node) -> GroupKind {
    let text = |key: &str| document.text_at(&[key]).unwrap_or_default();
    GroupKind::new(group_of(text("apiVersion")), text("kind"))
}

fn metadata(document: &mut Node) -> Option<&mut BTreeMap<String, Entry>> {
    let Value::Map(map) = &mut document.value else { return None };
    match &mut map.get_mut("metadata")?.node.value {
        Value::Map(metadata) => Some(metadata),
        _ => None,
    }
}

/// The API server clears it, too (`rest.EnsureObjectNamespaceMatchesRequestNamespace`).
fn leave_out(document: &mut Node, kind: &GroupKind, found: &mut Vec<Diagnostic>) {
    let name = document.text_at(&["metadata", "name"]).unwrap_or_default().to_owned();
    let Some(entry) = metadata(document).and_then(|metadata| metadata.remove("namespace")) else { return };
    if !entry.node.is_null() {
        let message = format!("{}/{name} is in no namespace: `metadata.namespace` is left out", kind.kind);
        found.push(Diagnostic::warning(Code::NeedlessNamespace, message).at(entry.key, ""));
    }
}
