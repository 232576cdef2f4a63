//! Rules of a secret: each key has exactly one source, and a source is a name, never a value.

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::data_key_fault;
use crate::stack::tree::{Entry, Node, is_variable_name};

pub fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let of = |key: &str| draft.node.get(key).into_iter().flat_map(Node::entries);
    let sources: Vec<(&str, &Entry)> = of("fromEnv").chain(of("fromFile")).collect();
    let given = ["fromEnv", "fromFile"].iter().any(|key| draft.node.get(key).is_some());
    if sources.is_empty() && (given || draft.node.entries().all(|(key, _)| key == "clusters")) {
        let message = format!("{} has no key", draft.called());
        let error = Diagnostic::error(Code::SecretSource, message).at(draft.named, "");
        found.push(error.hint("name the source of each: `fromEnv = { api-key = \"VARIABLE\" }` or `fromFile = { … }`"));
    }
    for (key, entry) in &sources {
        if let Some(fault) = data_key_fault(key) {
            let message = format!("`{key}` is not a key of a Secret: {fault}");
            found.push(Diagnostic::error(Code::BadName, message).at(entry.key, ""));
        }
    }
    for (key, file) in of("fromFile") {
        if let Some(variable) = draft.node.get("fromEnv").and_then(|node| node.entry(key)) {
            let message = format!("key `{key}` has two sources");
            let error = Diagnostic::error(Code::SecretSource, message).at(file.key, "second");
            found.push(error.also(variable.key, "first"));
        }
        if file.node.text().is_some_and(|path| path.contains('\0')) {
            let message = format!("the source of `{key}` is not a path");
            found.push(Diagnostic::error(Code::BadPath, message).at(file.node.span, ""));
        }
    }
    for (key, entry) in of("fromEnv") {
        let legal = entry.node.text().is_none_or(|name| name.is_empty() || is_variable_name(name));
        if !legal {
            let message = format!("the source of `{key}` is not the name of an environment variable");
            let error = Diagnostic::error(Code::SecretSource, message).at(entry.node.span, "");
            found.push(error.hint("write the name of the variable; a value must never stand in a description"));
        }
    }
}
