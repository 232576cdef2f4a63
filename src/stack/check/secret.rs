//! Rules of a secret: each key has exactly one source, and a source is a name, never a value.

use std::collections::BTreeMap;

use super::forbidden;
use crate::object::credential::is_variable_name;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::data_key_fault;
use crate::stack::tree::{Entry, Node};

/// Where the value of a key may come from.
pub(crate) const SOURCES: [&str; 3] = ["fromEnv", "fromFile", "fromCommand"];

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let of = |key: &str| draft.node.get(key).into_iter().flat_map(Node::entries);
    let given = SOURCES.iter().any(|key| draft.node.get(key).is_some());
    let mut sources: BTreeMap<&str, &Entry> = BTreeMap::new();
    for (key, entry) in SOURCES.iter().flat_map(|source| of(source)) {
        if let Some(fault) = data_key_fault(key) {
            let message = format!("`{key}` is not a key of a Secret: {fault}");
            found.push(Diagnostic::error(Code::BadName, message).at(entry.key, ""));
        }
        if let Some(first) = sources.insert(key, entry) {
            let message = format!("key `{key}` has two sources");
            let error = Diagnostic::error(Code::SecretSource, message).at(entry.key, "second");
            found.push(error.also(first.key, "first"));
        }
    }
    if sources.is_empty()
        && (given || draft.node.entries().all(|(key, _)| matches!(key, "clusters" | "commandTimeout")))
    {
        let message = format!("{} has no key", draft.called());
        let error = Diagnostic::error(Code::SecretSource, message).at(draft.named, "");
        let hint = "name the source of each: `fromEnv = { api-key = \"VARIABLE\" }`, `fromFile` or `fromCommand`";
        found.push(error.hint(hint));
    }
    for (key, entry) in of("fromEnv") {
        let legal = entry.node.text().is_none_or(|name| name.is_empty() || is_variable_name(name));
        if !legal {
            let message = format!("the source of `{key}` is not the name of an environment variable");
            let error = Diagnostic::error(Code::SecretSource, message).at(entry.node.span, "");
            found.push(error.hint("write the name of the variable; a value must never stand in a description"));
        }
    }
    for (key, entry) in of("fromFile") {
        if has_nul(&entry.node) {
            let message = format!("the source of `{key}` is not a path");
            found.push(Diagnostic::error(Code::BadPath, message).at(entry.node.span, ""));
        }
    }
    if draft.node.get("fromCommand").is_none() {
        let message = "`commandTimeout` without `fromCommand`";
        forbidden(&draft.node, "commandTimeout", Code::ForbiddenKey, message, found);
    }
    for (key, entry) in of("fromCommand") {
        if entry.node.items().iter().any(has_nul) {
            let message = format!("the source of `{key}` is not a command");
            found.push(Diagnostic::error(Code::SecretSource, message).at(entry.node.span, ""));
        }
    }
}

/// No path and no argument can hold this character.
fn has_nul(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains('\0'))
}
