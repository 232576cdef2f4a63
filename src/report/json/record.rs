//! `state list --json`: one document with the objects that a record has. No digest is in it: it says nothing to others.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::object::{Address, ObjectRef};
use crate::state::{Entry, Inventory};

/// The record of a stack.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct RecordDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// The stack.
    pub stack: &'a str,
    /// How often the record was written.
    pub serial: u64,
    /// Stays the same as long as the record lives.
    pub lineage: String,
    /// The version of langop that wrote it last.
    pub langop: &'a str,
    /// What the stack owns, in order.
    pub objects: Vec<EntryDocument<'a>>,
}

/// One object of a stack.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct EntryDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What the user calls it.
    pub address: &'a Address,
    /// Its uid; null when nobody confirmed that it was made.
    pub uid: Option<&'a str>,
    /// `apiVersion` that it was written in.
    pub api_version: &'a str,
    /// Whether it was there before the stack and was taken over.
    pub adopted: bool,
}

/// The document of a record.
#[must_use]
pub(crate) fn record(inventory: &Inventory) -> RecordDocument<'_> {
    RecordDocument {
        format_version: FORMAT_VERSION,
        stack: &inventory.stack,
        serial: inventory.serial,
        lineage: inventory.lineage.to_string(),
        langop: &inventory.written_by,
        objects: inventory.entries.iter().map(entry).collect(),
    }
}

fn entry<'a>((object, entry): (&'a ObjectRef, &'a Entry)) -> EntryDocument<'a> {
    EntryDocument {
        object,
        address: &entry.address,
        uid: entry.uid.as_deref(),
        api_version: &entry.api_version,
        adopted: entry.adopted,
    }
}
