//! One stack of a target, as `langop stacks` shows it.

use crate::state::StackRecord;

/// One stack of a target.
#[derive(Debug)]
pub(crate) struct StackRow {
    /// What the store has of it.
    pub stack: StackRecord,
    /// Why its record cannot be read, with all causes.
    pub problem: Option<String>,
}
