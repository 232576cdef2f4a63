//! `[[moved]]`: what was called `from` is called `to` now. What becomes of the objects, the plan decides.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::described::{Described, Seen, address, check_addresses};
use super::diagnostic::{Code, Diagnostic, Files};
use super::tree::Node;
use crate::object::{Address, AddressForm, Source};

/// A thing that has another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Moved {
    /// What it was called.
    pub from: Address,
    /// What it is called now, at the end of all moves.
    pub to: Address,
    /// Where that is written.
    pub source: Source,
}

/// The schema of the table.
pub(super) fn schema() -> Value {
    let address = |about: &str| json!({ "description": about, "type": "string", "minLength": 1 });
    json!({
        "description": "Things that have another name: what the record of the stack knows by the old one.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "from": address("What it was called: `model.old`, `cluster.a`, `Deployment/prod/web`."),
                "to": address("What it is called now."),
            },
            "required": ["from", "to"],
            "additionalProperties": false,
        },
    })
}

/// The moves, each to the end of its chain: what was called `a`, then `b`, is called `c` in whatever record.
pub(super) fn read(tables: &[Node], files: &Files) -> Vec<Moved> {
    let steps: BTreeMap<_, _> = tables.iter().filter_map(step).collect();
    let moved = tables.iter().filter_map(|table| {
        let (from, to) = step(table)?;
        Some(Moved { from, to: end(&steps, to), source: files.source(table.get("from")?.span) })
    });
    moved.collect()
}

fn step(table: &Node) -> Option<(Address, Address)> {
    Some((address(table, "from")?, address(table, "to")?))
}

/// A chain is never longer than all steps; the bound guards against a cycle, which is an error of its own.
fn end(steps: &BTreeMap<Address, Address>, mut to: Address) -> Address {
    for _ in 0..steps.len() {
        match steps.get(&to) {
            Some(next) => to = next.clone(),
            None => break,
        }
    }
    to
}

/// What is wrong with the moves: by themselves, with each other, and with what is described.
pub(super) fn check(tables: &[Node], described: &Described, found: &mut Vec<Diagnostic>) {
    let steps: BTreeMap<_, _> = tables.iter().filter_map(step).collect();
    let (mut sources, mut targets) = (Seen::default(), Seen::default());
    for table in tables {
        check_addresses(table, &["from", "to"], found);
        let (Some((from, to)), Some(from_node), Some(to_node)) = (step(table), table.get("from"), table.get("to"))
        else {
            continue;
        };
        let conflict = |message: String, node: &Node| Diagnostic::error(Code::MoveConflict, message).at(node.span, "");
        if from == to {
            found.push(conflict(format!("`{from}` is moved to itself"), to_node));
            continue;
        }
        if let Some(message) = other_kind(&from, &to) {
            found.push(conflict(message, to_node));
        }
        if let Some(before) = sources.before(&from, from_node.span) {
            let error = conflict(format!("`{from}` is moved twice"), from_node);
            found.push(error.also(before, "here, too").hint("one thing becomes one thing"));
        }
        if let Some(before) = targets.before(&to, to_node.span) {
            let error = conflict(format!("two things become `{to}`"), to_node);
            found.push(error.also(before, "here, too").hint("two things stay two"));
        }
        if is_in_cycle(&steps, &from) {
            let error = conflict(format!("`{from}` is moved in a circle"), from_node);
            found.push(error.hint("leave out the move that was undone"));
        } else if described.has(&from) {
            let error = conflict(format!("`{from}` is moved to `{to}`, and described all the same"), from_node);
            let error = match described.place(&from) {
                Some(place) => error.also(place, "described here"),
                None => error,
            };
            found.push(error.hint("take the description of the old one away, or the move"));
        }
        // In a chain the last move leads to what is described.
        if !described.has(&to) && !steps.contains_key(&to) && !may_be_rendered(&to) {
            let message = format!("nothing is described as `{to}`: this move does nothing");
            let hint = described.nearest(&to).map_or_else(
                || "take it out: what was called so is deleted, or described no more".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            found.push(Diagnostic::warning(Code::MoveToNothing, message).at(to_node.span, "").hint(hint));
        }
    }
}

/// Objects that clusters are made of have addresses of their own, which only rendering knows.
fn may_be_rendered(address: &Address) -> bool {
    matches!(address.form(), Some(AddressForm::Object(..)))
}

fn is_in_cycle(steps: &BTreeMap<Address, Address>, start: &Address) -> bool {
    let mut at = start;
    for _ in 0..steps.len() {
        match steps.get(at) {
            Some(next) if next == start => return true,
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// A thing stays of its kind. An object that a file of manifests described may become part of a description.
fn other_kind(from: &Address, to: &Address) -> Option<String> {
    let noun = |address: &Address| match address.form() {
        Some(AddressForm::Thing(noun, _)) => Some((noun.to_owned(), true)),
        Some(AddressForm::Object(kind, ..)) => Some((kind.to_owned(), false)),
        None => None,
    };
    let ((was, was_thing), (is, is_thing)) = (noun(from)?, noun(to)?);
    (was != is && was_thing == is_thing).then(|| format!("`{from}` cannot become `{to}`: a {was} is no {is}"))
}
