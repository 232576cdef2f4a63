//! `drift --json`: one document with each object that is not as it was applied.

use serde::Serialize;

use super::{FORMAT_VERSION, TargetDocument};
use crate::diff::{Delta, Entry};
use crate::object::{Address, FieldWriter, ObjectRef, Path, Source};
use crate::ops::{DriftReport, DriftedObject};
use crate::plan::DriftKind;

/// The drift of a stack.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct DriftDocument<'a> {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// The stack.
    pub stack: &'a str,
    /// Where it was looked for, and as whom.
    pub target: TargetDocument<'a>,
    /// How many objects the record has.
    pub recorded: usize,
    /// Objects that are not as they were applied.
    pub drifted: Vec<DriftedDocument<'a>>,
    /// Objects that are described otherwise than they were applied.
    pub described: &'a [ObjectRef],
    /// Objects of which it could not be found out.
    pub unknown: Vec<UnknownDocument<'a>>,
}

/// An object that is not as it was applied.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct DriftedDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What the user calls it.
    pub address: Option<&'a Address>,
    /// Where it is described.
    pub source: Option<&'a Source>,
    /// `changed`, `deleted`, `terminating`, `replaced`.
    pub kind: DriftKind,
    /// Path by path, from what was applied to what is there.
    pub fields: Vec<FieldDocument<'a>>,
}

/// A field that moved.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct FieldDocument<'a> {
    /// Where it stands.
    pub path: &'a Path,
    /// What happened there, as in a plan: `before` is what was applied, `after` what is there.
    pub delta: &'a Delta,
    /// Who wrote it; empty for what was taken out, null where this identity may not look.
    pub by: Option<Vec<WriterDocument<'a>>>,
}

/// Who wrote a field.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct WriterDocument<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// `Apply` or `Update`.
    pub operation: &'a str,
    /// RFC 3339; null when that is not kept.
    pub since: Option<&'a str>,
}

/// An object of which it could not be found out.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct UnknownDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// Why.
    pub because: &'a str,
}

/// The document of a report that was made on `target`.
#[must_use]
pub(crate) fn drift<'a>(report: &'a DriftReport, target: TargetDocument<'a>) -> DriftDocument<'a> {
    let unknown = |(object, because): &'a (ObjectRef, String)| UnknownDocument { object, because };
    DriftDocument {
        format_version: FORMAT_VERSION,
        stack: &report.stack,
        target,
        recorded: report.recorded,
        drifted: report.drifted.iter().map(drifted).collect(),
        described: &report.described,
        unknown: report.unknown.iter().map(unknown).collect(),
    }
}

fn drifted(drifted: &DriftedObject) -> DriftedDocument<'_> {
    let entries = drifted.diff.entries().iter().enumerate();
    DriftedDocument {
        object: &drifted.object,
        address: drifted.address.as_ref(),
        source: drifted.source.as_ref(),
        kind: drifted.kind,
        fields: entries.map(|(at, entry)| field(drifted, at, entry)).collect(),
    }
}

fn field<'a>(drifted: &'a DriftedObject, at: usize, entry: &'a Entry) -> FieldDocument<'a> {
    let by = drifted.writers.get(at).map(|writers| writers.iter().map(writer).collect());
    FieldDocument { path: &entry.path, delta: &entry.delta, by }
}

fn writer(writer: &FieldWriter) -> WriterDocument<'_> {
    let since = Some(writer.since.as_str()).filter(|since| !since.is_empty());
    WriterDocument { manager: &writer.manager, operation: &writer.operation, since }
}
