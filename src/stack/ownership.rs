//! `[[ownership]]` of a description: who keeps fields of which objects. Whether anything is of that address is not known
//! here.

use serde_json::{Value, json};

use super::diagnostic::{Code, Diagnostic, Files};
use super::object_rules::AddressedRules;
use super::tree::Node;
use crate::object::{ObjectRules, OwnershipKind, OwnershipRule, Path};

/// The key of the tables.
pub(super) const KEY: &str = "ownership";

/// The schema of the tables.
pub(super) fn schema() -> Value {
    json!({
        "description": "Who keeps fields that other field managers own, too. Without a word about a field, a plan that \
                        would change it is refused.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "address": address_schema(),
                "paths": paths_schema("The fields, with all that is below them, as a plan writes them."),
                "manager": {
                    "description": "The field manager, `*` for any text; every other one when left out.",
                    "type": "string",
                    "minLength": 1,
                },
                "rule": {
                    "description": "`take`: langop takes the fields at every apply. `yield`: whoever else owns them keeps them.",
                    "type": "string",
                    "enum": ["take", "yield"],
                },
            },
            "required": ["address", "paths", "rule"],
            "additionalProperties": false,
        },
    })
}

pub(super) fn address_schema() -> Value {
    json!({
        "description": "What it is about: a thing of the description (`cluster.prod`, `agent.researcher`) or an object \
                        (`Deployment/prod/gateway`), with `*` for any text.",
        "type": "string",
        "minLength": 1,
    })
}

pub(super) fn paths_schema(about: &str) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let about = format!("{about} Items of lists by their key, `*` for all: `spec.template.spec.containers[*].image`.");
    json!({ "description": about, "type": "array", "items": text, "minItems": 1 })
}

/// The rules of a description whose shape is proved. What is still wrong is among `found`.
pub(super) fn rules(root: &Node, files: &Files, found: &mut Vec<Diagnostic>) -> Vec<AddressedRules> {
    let tables = root.items_of(KEY).iter();
    tables.filter_map(|table| rule(table, files, found)).collect()
}

fn rule(table: &Node, files: &Files, found: &mut Vec<Diagnostic>) -> Option<AddressedRules> {
    let paths = paths(table.items_of("paths"), found);
    let address = address(table, found)?;
    let rule = match table.text_at(&["rule"])? {
        "take" => OwnershipKind::Take,
        "yield" => OwnershipKind::Yield,
        _ => return None,
    };
    let manager = table.text_at(&["manager"]).map(str::to_owned);
    let rules = ObjectRules { ownership: vec![OwnershipRule { paths, manager, rule }], ..ObjectRules::default() };
    Some(AddressedRules { address, rules, protected: false, source: files.source(table.span) })
}

/// The address of a table.
pub(super) fn address(table: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
    let node = table.get("address")?;
    let text = node.text()?;
    let parts: Vec<_> = text.split('/').collect();
    let fault = match parts.as_slice() {
        ["*"] => None,
        [thing] if thing.split_once('.').is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty()) => None,
        [_, _] | [_, _, _] if parts.iter().all(|part| !part.is_empty()) => None,
        _ => Some("it is neither `KIND.NAME` nor `Kind/namespace/name`"),
    };
    if let Some(fault) = fault {
        let message = format!("`{}` is not an address: {fault}", node.shown());
        found.push(Diagnostic::error(Code::BadAddress, message).at(node.span, ""));
        return None;
    }
    Some(text.to_owned())
}

/// Paths of fields, those of the API server (`.spec.replicas`) among them.
pub(super) fn paths(nodes: &[Node], found: &mut Vec<Diagnostic>) -> Vec<Path> {
    let mut paths = Vec::new();
    for node in nodes {
        let Some(text) = node.text() else { continue };
        match text.trim_start_matches('.').parse::<Path>() {
            Ok(path) if !path.segments().is_empty() => paths.push(path),
            _ => {
                let message = format!("`{}` is not the path of a field", node.shown());
                let error = Diagnostic::error(Code::BadFieldPath, message).at(node.span, "");
                found.push(error.hint("write it as a plan does: `spec.template.spec.containers[gateway].image`"));
            }
        }
    }
    paths
}
