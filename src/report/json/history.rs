//! `rollback --list --json`: one document with the entries of a history. What they hold is not in it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::report::HistoryRow;
use crate::state::{Did, Ended, Inventory};

/// The history of a stack.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct HistoryDocument<'a> {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// The stack.
    pub stack: &'a str,
    /// How often its record was written.
    pub serial: u64,
    /// What its last applies left, the newest first.
    pub entries: Vec<EntryDocument<'a>>,
}

/// One entry. What it says is null where it cannot be read.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct EntryDocument<'a> {
    /// The serial of the record when the apply ended, which `--to` takes.
    pub serial: Option<u64>,
    /// When that was, RFC 3339, in UTC.
    pub applied_at: Option<String>,
    /// The version of langop that did it.
    pub langop: Option<&'a str>,
    /// `healthy`, `not-waited-for`, `failed` or `interrupted`.
    pub ended: Option<&'static str>,
    /// Whether it is what was applied last.
    pub present: bool,
    /// Where a rollback came from, and what it went back to.
    pub rollback: Option<RollbackDocument>,
    /// The serials to which gateways went back by themselves, by cluster.
    pub rolled_back: Option<&'a BTreeMap<String, u64>>,
    /// The image of each gateway, by cluster.
    pub images: Option<&'a BTreeMap<String, String>>,
    /// How many objects it has beside the definitions of langop's kinds.
    pub objects: Option<usize>,
    /// Why it cannot be gone back to.
    pub problem: Option<&'a str>,
}

/// From which serial a rollback came, and to which.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct RollbackDocument {
    /// The serial of the record before.
    pub from: u64,
    /// The serial of the entry.
    pub to: u64,
}

/// The document of a history.
#[must_use]
pub(crate) fn history<'a>(inventory: &'a Inventory, rows: &'a [HistoryRow]) -> HistoryDocument<'a> {
    HistoryDocument {
        format_version: FORMAT_VERSION,
        stack: &inventory.stack,
        serial: inventory.serial,
        entries: rows.iter().map(|row| entry(row, inventory.runs)).collect(),
    }
}

fn entry(row: &HistoryRow, present: u64) -> EntryDocument<'_> {
    let entry = row.found.entry.as_ref().ok();
    EntryDocument {
        serial: entry.map(|entry| entry.serial),
        applied_at: entry.map(|entry| entry.at.to_string()),
        langop: entry.map(|entry| entry.langop.as_str()),
        ended: entry.map(|entry| ended(entry.ended)),
        present: row.found.run == present,
        rollback: entry.and_then(|entry| rollback(entry.did)),
        rolled_back: entry.map(|entry| &entry.rolled_back),
        images: entry.map(|entry| &entry.images),
        objects: entry.filter(|entry| entry.withheld.is_none()).map(|entry| entry.objects.len()),
        problem: row.problem.as_deref().or_else(|| entry?.obstacle()),
    }
}

fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Healthy => "healthy",
        Ended::Unseen => "not-waited-for",
        Ended::Failed => "failed",
        Ended::Interrupted => "interrupted",
    }
}

fn rollback(did: Did) -> Option<RollbackDocument> {
    match did {
        Did::Apply => None,
        Did::Rollback { from, to } => Some(RollbackDocument { from, to }),
    }
}
