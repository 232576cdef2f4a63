//! Proved things as typed ones. Everything that can be wrong was said before; what is wrong here is a
//! rule that the schema should have had, and still is a diagnostic, not a panic.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::check::SOURCES;
use super::diagnostic::{Code, Diagnostic, Files};
use super::draft::{Draft, Kind};
use super::lifecycle;
use super::model::{Item, MemberKey, SecretSpec, Stack};
use super::rule_places::RulePlaces;
use super::tree::{Node, Value};
use crate::api;
use crate::object::{SecretSource, Source};

/// How long a command that prints a secret may take: a password manager may ask a person, a pipeline must not hang.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// Puts a thing into the stack, once for each of its clusters.
pub(super) fn add(draft: &Draft, files: &Files, stack: &mut Stack, found: &mut Vec<Diagnostic>) {
    match draft.kind {
        Kind::Cluster => {
            if let Some(item) = item(draft, files, found) {
                stack.clusters.insert(draft.name.clone(), item);
            }
        }
        Kind::Model => members(draft, item(draft, files, found), &mut stack.models),
        Kind::Agent => members(draft, item(draft, files, found), &mut stack.agents),
        Kind::Tool => members(draft, item(draft, files, found), &mut stack.tools),
        Kind::Persona => members(draft, item(draft, files, found), &mut stack.personas),
        Kind::Team => members(draft, item(draft, files, found), &mut stack.teams),
        Kind::Secret => {
            let item = with_spec(draft, written(draft), secret(draft, files), files);
            members(draft, Some(item), &mut stack.secrets);
        }
    }
}

fn members<T: Clone>(draft: &Draft, item: Option<Item<T>>, into: &mut BTreeMap<MemberKey, Item<T>>) {
    let Some(item) = item else {
        return;
    };
    for cluster in &draft.clusters {
        let key = MemberKey { cluster: cluster.clone(), name: draft.name.clone() };
        into.insert(key, item.clone());
    }
}

fn item<T: DeserializeOwned>(draft: &Draft, files: &Files, found: &mut Vec<Diagnostic>) -> Option<Item<T>> {
    let written = written(draft);
    match serde_json::from_value(written.clone()) {
        Ok(spec) => Some(with_spec(draft, written, spec, files)),
        Err(error) => {
            // Serde's words name the value it met, which may be hidden.
            let reason = match error.classify() {
                serde_json::error::Category::Data if !has_hidden(&draft.node) => error.to_string(),
                _ => "it has a value of a wrong type".to_owned(),
            };
            let message = format!("`{}` cannot be read: {reason}", draft.path);
            found.push(Diagnostic::error(Code::WrongType, message).at(draft.named, ""));
            None
        }
    }
}

fn with_spec<T>(draft: &Draft, written: serde_json::Value, spec: T, files: &Files) -> Item<T> {
    Item {
        spec,
        written: pruned(written),
        address: draft.address(),
        source: files.source(draft.named),
        places: places(&draft.node, files),
        rule_places: RulePlaces::of(&draft.node, files),
        labels: draft.labels.clone(),
        annotations: draft.annotations.clone(),
    }
}

fn places(node: &Node, files: &Files) -> BTreeMap<String, Source> {
    let mut places = BTreeMap::new();
    for (key, entry) in node.entries() {
        places.insert(key.to_owned(), files.source(entry.key));
        let below = self::places(&entry.node, files).into_iter();
        places.extend(below.map(|(path, source)| (format!("{key}.{path}"), source)));
    }
    places
}

/// The spec alone: `clusters` and `lifecycle` are the description's, not the kind's.
fn written(draft: &Draft) -> serde_json::Value {
    let mut written = draft.node.to_json();
    if let Some(written) = written.as_object_mut() {
        written.remove(lifecycle::KEY);
        if draft.kind != Kind::Cluster {
            written.remove("clusters");
        }
    }
    written
}

/// Tables that say something though they are empty, or whose content is not ours to judge.
const KEPT: [&str; 4] = ["config", "params", "resources", "tls"];

/// Leaves out empty tables, which say what none says: a server-side apply that empties a map leaves null, which the
/// schemas of the kinds refuse. Lists stay as they are; an empty selector in one selects everything.
fn pruned(mut table: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = table.as_object_mut() {
        for (_, field) in fields.iter_mut().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
            *field = pruned(field.take());
        }
        fields.retain(|key, field| {
            KEPT.contains(&key.as_str()) || field.as_object().is_none_or(|table| !table.is_empty())
        });
    }
    table
}

fn secret(draft: &Draft, files: &Files) -> SecretSpec {
    let text = |node: &Node| node.text().unwrap_or_default().to_owned();
    let written = draft.node.text_at(&["commandTimeout"]).and_then(|text| api::Duration(text.to_owned()).seconds());
    let timeout = written.map_or(COMMAND_TIMEOUT, Duration::from_secs_f64);
    let source = |kind: &str, node: &Node| match kind {
        "fromEnv" => SecretSource::Env(text(node)),
        "fromFile" => SecretSource::File(beside(files, node).join(text(node))),
        _ => SecretSource::Command {
            argv: node.items().iter().map(text).collect(),
            directory: beside(files, node).to_owned(),
            timeout,
        },
    };
    let sources = SOURCES.iter().filter_map(|kind| Some((kind, draft.node.get(kind)?)));
    let keys = sources.flat_map(|(kind, table)| table.entries().map(move |(key, entry)| (kind, key, entry)));
    SecretSpec { sources: keys.map(|(kind, key, entry)| (key.to_owned(), source(kind, &entry.node))).collect() }
}

/// The directory of the description that a value is written in.
fn beside<'a>(files: &'a Files, node: &Node) -> &'a Path {
    files.directory(node.span.file)
}

fn has_hidden(node: &Node) -> bool {
    node.hidden
        || match &node.value {
            Value::List(items) => items.iter().any(has_hidden),
            Value::Map(map) => map.values().any(|entry| has_hidden(&entry.node)),
            _ => false,
        }
}
