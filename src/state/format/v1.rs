//! Format 1, which is read and not written any more. It did not say what was adopted: only of namespaces that is known,
//! for those were kept.

use serde::Deserialize;

use super::v3;

pub(super) const FORMAT: u64 = 1;

/// A record.
pub(super) type Record = v3::Record<Mark>;

/// How an object is kept.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mark {
    Kept,
    Shared,
    CreateOnce,
}

/// The same in the next format.
pub(super) fn upgraded(record: Record) -> v3::Record {
    record.map_marks(|mark| match mark {
        Mark::Kept => vec![v3::Mark::Kept, v3::Mark::Adopted],
        Mark::Shared => vec![v3::Mark::Shared],
        Mark::CreateOnce => vec![v3::Mark::CreateOnce],
    })
}
