//! `state list --json`: one document with what a stack owns, by its record.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::object::ObjectRef;
use crate::state::{Entry, Inventory};

/// The record of a stack. It has no values, only identities.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct RecordDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// The stack.
    pub stack: &'a str,
    /// Stays the same as long as the record lives.
    pub lineage: String,
    /// How often the record was written.
    pub serial: u64,
    /// The version of langop that wrote it last.
    pub langop: &'a str,
    /// What the stack owns, by group, kind, namespace and name.
    pub objects: Vec<EntryDocument<'a>>,
}

/// One object of a stack, as of the last apply.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct EntryDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What the user calls it.
    pub address: &'a str,
    /// `apiVersion` it was written in.
    pub api_version: &'a str,
    /// Its uid; null when nobody confirmed that it was made.
    pub uid: Option<&'a str>,
    /// Whether it was there before the stack, which lets go of it and does not delete it.
    pub adopted: bool,
}

/// The document of a record.
#[must_use]
pub(crate) fn record(inventory: &Inventory) -> RecordDocument<'_> {
    RecordDocument {
        format_version: FORMAT_VERSION,
        stack: &inventory.stack,
        lineage: inventory.lineage.to_string(),
        serial: inventory.serial,
        langop: &inventory.written_by,
        objects: inventory.entries.iter().map(|(object, entry)| of_entry(object, entry)).collect(),
    }
}

fn of_entry<'a>(object: &'a ObjectRef, entry: &'a Entry) -> EntryDocument<'a> {
    EntryDocument {
        object,
        address: entry.address.as_str(),
        api_version: &entry.api_version,
        uid: entry.uid.as_deref(),
        adopted: entry.adopted,
    }
}
