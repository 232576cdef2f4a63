//! The environments of a description: which one was asked for, and what of the description is other in it. Knows no
//! server and no kubeconfig; which context an environment means, who connects looks up.

mod values;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::default_namespace::DefaultNamespace;
use super::diagnostic::{Code, Diagnostic, Files, Span};
use super::names::nearest;
use super::read::{self, Input, LoadRequest};
use super::schema::{fit, shapes};
use super::tree::{Entry, Map, Node, Value, merge};

/// The table of a description that holds them.
const SECTION: &str = "environments";

/// The environments of a description, and the one that was asked for.
#[derive(Debug, Default)]
pub(super) struct Environments {
    /// The table, where there is one.
    table: Option<Entry>,
    /// The environment that was asked for.
    chosen: Option<Chosen>,
}

/// An environment that was asked for.
#[derive(Debug)]
struct Chosen {
    name: String,
    /// What the description says of it.
    node: Node,
}

/// Takes the environments out of a description and finds the one that was asked for.
pub(super) fn choose(root: Option<&mut Node>, request: &LoadRequest, found: &mut Vec<Diagnostic>) -> Environments {
    let has_target = root.as_ref().is_some_and(|root| root.get("target").is_some());
    let table = root.and_then(|root| taken(root, SECTION)).filter(|entry| !entry.node.is_null());
    let chosen = match (&request.environment_name, &table) {
        (Some(name), _) => chosen(name, table.as_ref(), found),
        // Without a cluster of its own it would be planned for whatever the kubeconfig points at.
        (None, Some(table)) if !has_target => {
            found.extend(which(table));
            None
        }
        (None, _) => None,
    };
    Environments { table, chosen }
}

/// The names of all environments, sorted.
pub(super) fn names(root: Option<&Node>) -> Vec<String> {
    let table = root.and_then(|root| root.get(SECTION));
    table.into_iter().flat_map(Node::entries).map(|(name, _)| name.to_owned()).collect()
}

fn chosen(name: &str, table: Option<&Entry>, found: &mut Vec<Diagnostic>) -> Option<Chosen> {
    if let Some(entry) = table.and_then(|table| table.node.entry(name)) {
        return Some(Chosen { name: name.to_owned(), node: entry.node.clone() });
    }
    let message = format!("the description has no environment `{name}`");
    let error = Diagnostic::error(Code::UnknownEnvironment, message);
    let known: Vec<&str> = table.into_iter().flat_map(|table| table.node.entries()).map(|(name, _)| name).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("describe it: `[{SECTION}.{name}]`"),
        None => format!("it has {}", quoted(&known)),
    };
    let error = error.hint(hint);
    found.push(match table {
        Some(table) => error.at(table.key, "described here"),
        None => error,
    });
    None
}

fn which(table: &Entry) -> Option<Diagnostic> {
    let known: Vec<&str> = table.node.entries().map(|(name, _)| name).collect();
    let first = known.first()?;
    let message = format!("which environment? the description has {}", quoted(&known));
    let error = Diagnostic::error(Code::WhichEnvironment, message).at(table.key, "described here");
    let hint = format!("pass `--env {first}`; without it, a description needs a `[target]` of its own");
    Some(error.hint(hint))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Takes an entry out of a table.
fn taken(root: &mut Node, key: &str) -> Option<Entry> {
    match &mut root.value {
        Value::Map(map) => map.remove(key),
        _ => None,
    }
}

fn put(root: &mut Node, key: &str, entry: Entry) {
    if let Value::Map(map) = &mut root.value {
        map.insert(key.to_owned(), entry);
    }
}

impl Environments {
    /// The name of the environment that was asked for.
    pub(super) fn name(&self) -> Option<&str> {
        self.chosen.as_ref().map(|chosen| chosen.name.as_str())
    }

    /// The context of the kubeconfig that the environment itself names.
    pub(super) fn context(&self) -> Option<&str> {
        self.chosen.as_ref().and_then(|chosen| chosen.node.text_at(&["target", "context"]))
    }

    /// Where objects go that name no namespace: its context may say.
    pub(super) fn namespace<'a>(&self, request: &'a LoadRequest) -> &'a DefaultNamespace {
        self.context().and_then(|context| request.contexts.get(context)).unwrap_or(&request.namespace)
    }

    /// Reads the files of the environment on top of what was read, and leaves out of what was not read those of all.
    pub(super) fn read_files(
        &self,
        request: &LoadRequest,
        input: &mut Input,
        files: &mut Files,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Node> {
        let all: BTreeSet<PathBuf> = self.all().flat_map(|node| self::files(node, files)).map(|file| file.0).collect();
        input.unread.retain(|unread| !all.contains(&PathBuf::from(&unread.name)));
        let mut overlays = Vec::new();
        let named: Vec<_> = self.chosen.iter().flat_map(|chosen| self::files(&chosen.node, files)).collect();
        for (path, span) in named {
            let before = found.len();
            overlays.extend(read::read_more(request, path, input, files, found));
            for diagnostic in found[before..].iter_mut().filter(|diagnostic| diagnostic.primary.is_none()) {
                *diagnostic = diagnostic.clone().at(span, "named here");
            }
        }
        for overlay in &mut overlays {
            if let Some(entry) = taken(overlay, SECTION) {
                let message = "the file of an environment cannot describe environments";
                let error = Diagnostic::error(Code::ForbiddenKey, message).at(entry.key, "");
                found.push(error.hint("describe them in the files that every environment shares"));
            }
        }
        overlays
    }

    /// The description as it is in the environment: files laid on it, variables and target of its own, its own stack.
    pub(super) fn laid_on(&self, root: Node, overlays: Vec<Node>, found: &mut Vec<Diagnostic>) -> Node {
        let mut root = overlays.into_iter().fold(root, merge);
        let Some(Chosen { name, node }) = &self.chosen else { return root };
        for key in ["target", "stack"] {
            if let Some(entry) = node.entry(key) {
                put(&mut root, key, entry.clone());
            }
        }
        values::set(&mut root, name, node, found);
        root
    }

    /// Holds all of them against the schema, also those that were not asked for.
    pub(super) fn fit(&self, found: &mut Vec<Diagnostic>) {
        if let Some(table) = &self.table {
            let alone = Map::from([(SECTION.to_owned(), table.clone())]);
            fit(&mut Node::new(Value::Map(alone), table.node.span), &shapes().root, "", found);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Node> {
        self.table.iter().flat_map(|table| table.node.entries()).map(|(_, entry)| &entry.node)
    }
}

/// The files of an environment, relative to the description that names them, and where it does.
fn files(environment: &Node, files: &Files) -> Vec<(PathBuf, Span)> {
    let named = environment.get("files").map(Node::items).unwrap_or_default();
    let path = |node: &Node| Some((files.directory(node.span.file).join(node.text()?), node.span));
    named.iter().filter_map(path).collect()
}

#[cfg(test)]
mod tests;
