//! One entry of a history, as `langop rollback --list` shows it.

use crate::state::Found;

/// One entry of a history.
#[derive(Debug)]
pub(crate) struct HistoryRow {
    /// What the store has of it.
    pub found: Found,
    /// Why it cannot be read, with all causes.
    pub problem: Option<String>,
}
