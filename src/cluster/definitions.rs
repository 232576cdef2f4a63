//! What a connection has found out of who defines which kinds, beside what discovery says. Knows no server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tokio::sync::Mutex;

use crate::object::Word;

/// What defines kinds beside the API server itself, by group, as far as somebody asked.
#[derive(Debug, Default)]
pub(super) struct Definitions(pub(super) Mutex<Found>);

/// What was found out so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By group, as far as somebody asked.
    pub(super) groups: BTreeMap<Word, Group>,
    /// When discovery was first seen to lag.
    pub(super) lags_since: Option<Instant>,
}

/// What defines kinds of one group.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Names of CRDs by the kind that they define.
    pub(super) crds: BTreeMap<Word, Word>,
    /// Versions that another server than the API server serves.
    pub(super) aggregated: BTreeSet<String>,
}
