//! A document of a kind that is not langop's: carried along as it is, once it is sure which object it
//! is. What its kind allows is the API server's to say.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::placement::Placement;
use super::{Documents, address_blocks, name, server_fields};
use crate::object::{Manifest, ManifestError, Source};
use crate::stack::diagnostic::{Code, Diagnostic, Files};
use crate::stack::names::{domain_fault, label_fault};
use crate::stack::tree::{Node, Value};

/// Largest body of a request (apiserver, `MaxRequestBodyBytes`).
const MAX_OBJECT: usize = 3 * 1024 * 1024;

/// Adds the document to `sorted`, or what is wrong with it to `found`.
pub(super) fn add(
    mut document: Node,
    placement: &mut Placement<'_>,
    files: &Files,
    sorted: &mut Documents,
    found: &mut Vec<Diagnostic>,
) {
    let Some((_, named)) = name(&document, found) else {
        return;
    };
    if document.size() > MAX_OBJECT {
        let message = "an object larger than 3 MiB, which no API server takes";
        let error = Diagnostic::error(Code::TooBig, message).at(named, "");
        found.push(error.hint("split it into several objects"));
        return;
    }
    placement.place(&mut document, found);
    let status = placement.status(&document);
    server_fields::leave_out(&mut document, status, found);
    let before = found.len();
    namespace(&document, found);
    let is_secret = document.text_at(&["kind"]) == Some("Secret") && document.text_at(&["apiVersion"]) == Some("v1");
    if is_secret {
        secret(&mut document, found);
    }
    if found.len() > before {
        return;
    }
    address_blocks::check(&document, found);
    let place = document.entry("kind").map_or(document.span, |entry| entry.key);
    let places = policy_places(&document, files);
    match Manifest::new(document.into_json(), None, Some(files.source(place))) {
        Ok(mut manifest) => {
            manifest.places = places;
            let reference = &manifest.reference;
            if let Some(first) = sorted.places.get(reference) {
                let message = format!("{reference} is described twice");
                let error = Diagnostic::error(Code::DuplicateName, message).at(named, "again here");
                found.push(error.also(*first, "first here"));
            } else {
                sorted.places.insert(reference.clone(), named);
                sorted.manifests.push(manifest);
            }
        }
        Err(error) => {
            let code = match error {
                ManifestError::NotBase64(_) => Code::BadBase64,
                _ => Code::NotAManifest,
            };
            found.push(Diagnostic::error(code, error.to_string()).at(named, ""));
        }
    }
}

/// Where the rules of a network policy are written, by JSON pointer; nothing of any other kind.
fn policy_places(document: &Node, files: &Files) -> BTreeMap<String, Source> {
    if !document.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("NetworkPolicy")) {
        return BTreeMap::new();
    }
    let specs = document.items_of("specs").iter().enumerate().map(|(at, spec)| (format!("/specs/{at}"), spec));
    let specs = document.get("spec").map(|spec| ("/spec".to_owned(), spec)).into_iter().chain(specs);
    let mut places = BTreeMap::new();
    for (pointer, spec) in specs {
        for direction in ["ingress", "ingressDeny", "egress", "egressDeny"] {
            let Some(entry) = spec.entry(direction) else { continue };
            places.insert(format!("{pointer}/{direction}"), files.source(entry.key));
            for (at, rule) in entry.node.items().iter().enumerate() {
                places.insert(format!("{pointer}/{direction}/{at}"), files.source(rule.span));
            }
        }
    }
    places
}

/// A namespace is a DNS label; the name is a DNS name in most kinds, so it is left to the API server
/// but for what no kind allows.
fn namespace(document: &Node, found: &mut Vec<Diagnostic>) {
    let Some(node) = document.at(&["metadata", "namespace"]) else {
        return;
    };
    let fault = match node.text() {
        Some(text) => label_fault(text),
        None => Some("it must be a string"),
    };
    if let Some(fault) = fault {
        let message = format!("`{}` is not the name of a namespace: {fault}", node.shown());
        found.push(Diagnostic::error(Code::BadName, message).at(node.span, ""));
    }
}

/// Messages name neither keys nor values: a slip of the finger makes a key of a value. The place is enough.
fn secret(document: &mut Node, found: &mut Vec<Diagnostic>) {
    if let Some(node) = document.at(&["metadata", "name"])
        && let Some(fault) = node.text().and_then(domain_fault)
    {
        let message = format!("`{}` is not the name of a Secret: {fault}", node.shown());
        found.push(Diagnostic::error(Code::BadName, message).at(node.span, ""));
    }
    let Value::Map(map) = &mut document.value else {
        return;
    };
    for field in ["data", "stringData"] {
        let Some(entry) = map.get_mut(field) else {
            continue;
        };
        let Value::Map(values) = &mut entry.node.value else {
            if !entry.node.is_null() {
                let message = format!("`{field}` of a Secret must be a table");
                found.push(Diagnostic::error(Code::WrongType, message).at(entry.key, ""));
            }
            continue;
        };
        for entry in values.values_mut() {
            let Value::String(text) = &mut entry.node.value else {
                let message = format!("`{field}` of a Secret holds what is not a string");
                let error = Diagnostic::error(Code::WrongType, message).at(entry.key, "");
                found.push(error.hint("write it in quotes"));
                continue;
            };
            if field == "data" {
                // As in Go's decoder, line breaks are no part of base64.
                text.retain(|c| !matches!(c, '\n' | '\r'));
                if STANDARD.decode(text.as_bytes()).is_err() {
                    let message = "`data` of a Secret holds what is not base64";
                    let error = Diagnostic::error(Code::BadBase64, message).at(entry.key, "");
                    found.push(error.hint("text as it is goes under `stringData`"));
                }
            }
        }
    }
}
