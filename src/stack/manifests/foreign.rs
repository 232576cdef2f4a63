//! A document of a kind that is not langop's: carried along as it is, once it is sure which object it
//! is. What its kind allows is the API server's to say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Documents, name};
use crate::object::{Manifest, ManifestError};
use crate::stack::diagnostic::{Code, Diagnostic, Files};
use crate::stack::names::{domain_fault, label_fault};
use crate::stack::tree::{Node, Value};

/// Adds the document to `sorted`, or what is wrong with it to `found`.
pub fn add(mut document: Node, files: &Files, sorted: &mut Documents, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    let Some((_, named)) = name(&document, found) else {
        return;
    };
    namespace(&document, found);
    let is_secret = document.text_at(&["kind"]) == Some("Secret") && document.text_at(&["apiVersion"]) == Some("v1");
    if is_secret {
        secret(&mut document, found);
    }
    if found.len() > before {
        return;
    }
    let place = document.entry("kind").map_or(document.span, |entry| entry.key);
    match Manifest::new(document.to_json(), None, Some(files.source(place))) {
        Ok(manifest) => {
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
