//! A document of a `langop.io` kind as a thing of the stack: its namespace is its cluster.

use std::collections::BTreeMap;

use super::{name, server_fields};
use crate::api::{API_VERSION, GROUP};
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind, Membership};
use crate::stack::names::{label_key_fault, label_value_fault, nearest};
use crate::stack::schema::{fit, shapes};
use crate::stack::tree::{Map, Node, Value};

/// The thing that a document describes.
pub(super) fn draft(document: &Node, api_version: &str, kind: &str, found: &mut Vec<Diagnostic>) -> Option<Draft> {
    let kind = supported(document, api_version, kind, found)?;
    let known = ["apiVersion", "kind", "metadata", "spec", "status"];
    unknown_keys(document, &known, "", found);
    let metadata = document.get("metadata");
    if let Some(metadata) = metadata {
        let known = ["name", "namespace", "labels", "annotations"];
        unknown_keys(metadata, &known, "metadata", found);
    }
    let (name, named) = name(document, found)?;
    let entry = document.entry("spec");
    let mut node = entry.map_or_else(|| Node::new(Value::Map(Map::new()), named), |entry| entry.node.clone());
    // A missing part of the spec is missed at the key `spec`, not at the first line of its value.
    node.span = entry.map_or(named, |entry| entry.key);
    fit(&mut node, shapes().spec(kind), "spec", found);
    Some(Draft {
        kind,
        name: name.to_owned(),
        named,
        path: format!("{}/{name}", kind.api_kind().unwrap_or_default()),
        node,
        written: namespace(kind, metadata, found),
        clusters: Vec::new(),
        labels: texts(metadata, "labels", label_value_fault, found),
        annotations: texts(metadata, "annotations", |_| None, found),
    })
}

fn supported(document: &Node, api_version: &str, kind: &str, found: &mut Vec<Diagnostic>) -> Option<Kind> {
    let place = |key: &str| document.get(key).map_or(document.span, |node| node.span);
    if api_version != API_VERSION {
        let message = format!("langop has no `{api_version}`");
        let error = Diagnostic::error(Code::UnsupportedKind, message).at(place("apiVersion"), "");
        found.push(error.hint(format!("write `{API_VERSION}`")));
        return None;
    }
    let supported = Kind::of_api(kind);
    if supported.is_none() {
        let kinds: Vec<_> = Kind::ALL.into_iter().filter_map(Kind::api_kind).collect();
        let message = format!("`{GROUP}` has no kind `{kind}` here");
        let error = Diagnostic::error(Code::UnsupportedKind, message).at(place("kind"), "");
        found.push(match nearest(kind, kinds.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("langop has {}", kinds.join(", "))),
        });
    }
    supported
}

fn unknown_keys(table: &Node, known: &[&str], path: &str, found: &mut Vec<Diagnostic>) {
    for (key, entry) in table.entries() {
        let servers = path == "metadata" && (server_fields::METADATA.contains(&key) || key == "generateName");
        if known.contains(&key) || servers {
            continue;
        }
        let within = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
        let message = format!("unknown key `{key}`{within}");
        let error = Diagnostic::error(Code::UnknownKey, message).at(entry.key, "");
        let near = nearest(key, known.iter().copied());
        found.push(error.maybe_hint(near.map(|near| format!("did you mean `{near}`?"))));
    }
}

fn namespace(kind: Kind, metadata: Option<&Node>, found: &mut Vec<Diagnostic>) -> Option<Vec<Membership>> {
    let entry = metadata?.entry("namespace")?;
    if kind == Kind::Cluster {
        let message = "a LanguageCluster is in no namespace: it makes one of its own name";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(entry.key, "");
        found.push(error.hint("leave `namespace` out"));
        return None;
    }
    let Some(cluster) = entry.node.text() else {
        let message = "`metadata.namespace` must be a string";
        let error = Diagnostic::error(Code::WrongType, message).at(entry.node.span, "");
        found.push(error);
        return Some(Vec::new());
    };
    Some(vec![Membership { cluster: cluster.to_owned(), span: entry.node.span }])
}

/// Labels or annotations.
fn texts(
    metadata: Option<&Node>,
    key: &str,
    value_fault: fn(&str) -> Option<&'static str>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let Some(node) = metadata.and_then(|metadata| metadata.get(key)) else {
        return texts;
    };
    if !matches!(node.value, Value::Map(_)) {
        let message = format!("`metadata.{key}` must be a table, not {}", node.type_name());
        found.push(Diagnostic::error(Code::WrongType, message).at(node.span, ""));
    }
    let mut refuse = |code: Code, message: String, span: Span| {
        found.push(Diagnostic::error(code, message).at(span, ""));
    };
    for (name, entry) in node.entries() {
        let Some(text) = entry.node.text() else {
            let message = format!("`{name}` must be a string, not {}", entry.node.type_name());
            refuse(Code::WrongType, message, entry.node.span);
            continue;
        };
        if let Some(fault) = label_key_fault(name) {
            refuse(Code::BadLabel, format!("`{name}` is no key of `{key}`: {fault}"), entry.key);
        }
        if let Some(fault) = value_fault(text) {
            let message = format!("`{}` is no value of `{key}`: {fault}", entry.node.shown());
            refuse(Code::BadLabel, message, entry.node.span);
        }
        texts.insert(name.to_owned(), text.to_owned());
    }
    texts
}
