//! What was found out before a plan is computed, and belongs in it.

use super::Problem;
use crate::stack::Unread;

/// Problems and effects that no change stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// What is wrong, or worth a warning.
    pub problems: Vec<Problem>,
    /// What else is to know: "dns `api.x` resolved to …".
    pub effects: Vec<String>,
    /// Description files that were not read.
    pub unread: Vec<Unread>,
}
