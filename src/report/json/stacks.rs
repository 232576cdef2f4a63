//! `stacks --json`: one document with every stack of a target.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::report::StackRow;
use crate::state::{Held, Holder, LockState};

/// All stacks.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct StacksDocument<'a> {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// The stacks, by name.
    pub stacks: Vec<StackDocument<'a>>,
}

/// One stack. What a record says is null where it cannot be read.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct StackDocument<'a> {
    /// Its name.
    pub name: &'a str,
    /// How many objects it has.
    pub objects: Option<usize>,
    /// How often its record was written.
    pub serial: Option<u64>,
    /// When that was last, RFC 3339, in UTC.
    pub written_at: Option<String>,
    /// The version of langop that did it.
    pub langop: Option<&'a str>,
    /// Whether a run holds its lock; null where this identity may not look.
    pub locked: Option<bool>,
    /// Who does.
    pub locked_by: Option<HolderDocument<'a>>,
    /// Why its record cannot be read.
    pub problem: Option<&'a str>,
}

/// A run that holds a lock.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct HolderDocument<'a> {
    /// In words.
    pub message: String,
    /// The host it runs on.
    pub host: Option<&'a str>,
    /// Its process.
    pub pid: Option<u32>,
    /// Since when, RFC 3339, by its own clock.
    pub since: Option<String>,
    /// The page of its CI run.
    pub url: Option<&'a str>,
}

/// The document of all stacks.
#[must_use]
pub(crate) fn stacks(stacks: &[StackRow]) -> StacksDocument<'_> {
    StacksDocument { format_version: FORMAT_VERSION, stacks: stacks.iter().map(stack).collect() }
}

fn stack(row: &StackRow) -> StackDocument<'_> {
    let stack = &row.stack;
    let record = stack.record.as_ref().ok();
    let (locked, held) = match &stack.lock {
        LockState::Free => (Some(false), None),
        LockState::Held(held) => (Some(true), Some(&**held)),
        LockState::Unknown => (None, None),
    };
    StackDocument {
        name: &stack.stack,
        objects: record.map(|record| record.entries.len()),
        serial: record.map(|record| record.serial),
        written_at: stack.written.map(|time| format!("{time:.0}")),
        langop: record.map(|record| record.written_by.as_str()),
        locked,
        locked_by: held.map(holder),
        problem: row.problem.as_deref(),
    }
}

fn holder(held: &Held) -> HolderDocument<'_> {
    let holder = held.holder.as_ref();
    let of = |value: fn(&Holder) -> Option<&str>| holder.and_then(value);
    HolderDocument {
        message: held.to_string(),
        host: of(|holder| Some(&holder.host)),
        pid: holder.map(|holder| holder.pid),
        since: holder.map(|holder| format!("{:.0}", holder.since)),
        url: of(|holder| holder.url.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples;

    #[test]
    fn the_document_of_all_stacks() {
        insta::assert_json_snapshot!(super::stacks(&samples::stacks()));
    }
}
