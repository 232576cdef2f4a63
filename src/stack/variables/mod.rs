//! Variables: which there are, what they are worth, and where they stand. A value comes from `--var`,
//! else from `LANGOP_VAR_<name>`, else from the default. Only strings of a description are looked
//! into: not keys, not manifests, which mean the same to `kubectl`.

mod given;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use self::given::Given;
use self::template::{Part, is_name, parts};
use super::diagnostic::{Code, Diagnostic, Files, Span};
use super::names::nearest;
use super::read::LoadRequest;
use super::tree::{Node, Value};
use crate::object::credential::{is_credential_name, looks_like_credential};

/// Most text and values that substitution may add, in bytes and values: variables of variables-sized
/// files must not fill the memory.
const MAX_ADDED: usize = 16 * 1024 * 1024;

/// What stands where a reference could not be replaced: something, so that nobody misses it. What else
/// is wrong with it is not said.
const FAILED: Value = Value::String(String::new());

/// Replaces every reference in the merged description by its value.
pub(super) fn resolve(root: &mut Node, request: &LoadRequest, files: &mut Files, found: &mut Vec<Diagnostic>) {
    let given = Given::new(request, files);
    let declared = root.get("variables").cloned();
    let mut values = BTreeMap::new();
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for (name, entry) in declared.iter().flat_map(Node::entries) {
        names.insert(name, entry.key);
        if !is_name(name) {
            let message = "the name of a variable is letters, digits, `_` and `-`";
            found.push(Diagnostic::error(Code::BadName, message).at(entry.key, ""));
        }
        if let Some(value) = value(name, &entry.node, &given, found) {
            values.insert(name.to_owned(), value);
        }
    }
    given.undeclared(&names, found);
    let mut resolver = Resolver { names: &names, values, used: BTreeSet::new(), added: 0, found };
    if let Value::Map(map) = &mut root.value {
        for (_, entry) in map.iter_mut().filter(|(key, _)| *key != "variables") {
            resolver.node(&mut entry.node);
        }
    }
    resolver.finish();
}

/// What a declared variable is worth, none when it has no value, which is reported where it is used.
fn value(name: &str, declared: &Node, given: &Given, found: &mut Vec<Diagnostic>) -> Option<Node> {
    let default = declared.get("default");
    if let Some(default) = default {
        plain(default, found);
    }
    let mut value = match given.of(name) {
        Some(given) => given::typed(name, given, declared, found),
        None => default?.clone(),
    };
    // Where it was written nothing is known of it; where it is used the schema knows.
    value.hidden = is_credential_name(name) || value.text().is_some_and(looks_like_credential);
    Some(value)
}

/// A default stands for itself: order of resolution would be one more thing to know.
fn plain(default: &Node, found: &mut Vec<Diagnostic>) {
    if default.text().is_some_and(|text| text.contains("${")) {
        let message = "a default cannot refer to variables";
        let error = Diagnostic::error(Code::BadSubstitution, message).at(default.span, "");
        found.push(error.hint("write the value, or give it with `--var`"));
    }
    default.items().iter().for_each(|item| plain(item, found));
    default.entries().for_each(|(_, entry)| plain(&entry.node, found));
}

struct Resolver<'a> {
    names: &'a BTreeMap<&'a str, Span>,
    values: BTreeMap<String, Node>,
    used: BTreeSet<String>,
    added: usize,
    found: &'a mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Map(map) => map.values_mut().for_each(|entry| self.node(&mut entry.node)),
            Value::String(text) if text.contains("${") => {
                let text = std::mem::take(text);
                let (value, hidden) = self.text(&text, node);
                node.value = value;
                node.hidden |= hidden;
            }
            _ => {}
        }
    }

    /// The value of a string, and whether it may be a secret.
    fn text(&mut self, text: &str, node: &Node) -> (Value, bool) {
        let span = node.span;
        let parts = parts(text);
        if let [Part::Variable(name)] = parts.as_slice() {
            return match self.variable(name, span) {
                Some(node) => (node.value, node.hidden),
                None => (FAILED, false),
            };
        }
        let (mut whole, mut hidden) = (String::new(), false);
        let before = self.found.len();
        for part in parts {
            match part {
                Part::Text(text) => whole.push_str(&text),
                Part::Bad(_) if node.hidden => self.bad("${…}", span),
                Part::Bad(reference) => self.bad(&reference, span),
                Part::Variable(name) => {
                    let Some(value) = self.variable(&name, span) else {
                        continue;
                    };
                    hidden |= value.hidden;
                    match value.value {
                        Value::List(_) | Value::Map(_) | Value::Null => self.not_text(&name, span),
                        Value::String(text) => whole.push_str(&text),
                        Value::Number(number) => whole.push_str(&number.to_string()),
                        Value::Bool(value) => whole.push_str(if value { "true" } else { "false" }),
                    }
                }
            }
        }
        // Half a text would only lead to more mistakes.
        if self.found.len() > before {
            return (FAILED, false);
        }
        (Value::String(whole), hidden)
    }

    fn variable(&mut self, name: &str, span: Span) -> Option<Node> {
        self.used.insert(name.to_owned());
        if let Some(value) = self.values.get(name) {
            self.added += size(value);
            if self.added <= MAX_ADDED {
                return Some(value.clone());
            }
            let message = "variables that unfold to more than 16 MiB";
            self.found.push(Diagnostic::error(Code::TooBig, message).at(span, ""));
            self.values.clear();
            self.added = 0;
            return None;
        }
        match self.names.get(name) {
            None => {
                let near = nearest(name, self.names.keys().copied());
                let message = format!("unknown variable `{name}`");
                let error = Diagnostic::error(Code::UnknownVariable, message).at(span, "used here");
                self.found.push(match near {
                    Some(near) => error.hint(format!("did you mean `${{var.{near}}}`?")),
                    None => error.hint(format!("declare it under `variables`: `{name} = {{ default = … }}`")),
                });
            }
            Some(declared) => {
                let message = format!("variable `{name}` has no value");
                let error = Diagnostic::error(Code::MissingVariable, message)
                    .at(span, "used here")
                    .also(*declared, "declared here, without a default");
                let hint = format!("pass `--var {name}=…` or set `LANGOP_VAR_{name}`");
                self.found.push(error.hint(hint));
            }
        }
        None
    }

    fn bad(&mut self, reference: &str, span: Span) {
        let message = format!("`{reference}` is not a reference to a variable");
        let error = Diagnostic::error(Code::BadSubstitution, message).at(span, "");
        let hint = "write `${var.NAME}` for a variable, or `$${` for the characters `${`";
        self.found.push(error.hint(hint));
    }

    fn not_text(&mut self, name: &str, span: Span) {
        let message = format!("variable `{name}` cannot be a part of text");
        let error = Diagnostic::error(Code::WrongVariable, message).at(span, "");
        let hint = format!("`${{var.{name}}}` must be the whole string");
        self.found.push(error.hint(hint));
    }

    fn finish(self) {
        for (name, span) in self.names {
            if !self.used.contains(*name) {
                let message = format!("variable `{name}` is not used");
                let warning = Diagnostic::warning(Code::UnusedVariable, message);
                self.found.push(warning.at(*span, "declared here"));
            }
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::String(text) => 16 + text.len(),
        Value::List(items) => 16 + items.iter().map(size).sum::<usize>(),
        Value::Map(map) => 16 + map.iter().map(|(key, entry)| key.len() + size(&entry.node)).sum::<usize>(),
        _ => 16,
    }
}
