//! How a lock is lost, in words for a user. Decides nothing but what kind of failure that is.

use std::time::Duration;

use crate::object::ErrorKind;

/// How the lock was lost under which a write was to leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// Another run has it.
    #[error("the lock was lost: another run took it")]
    Taken,
    /// What stood for it is gone.
    #[error("the lock was lost: somebody removed {0}")]
    Removed(String),
    /// It could not be renewed for so long that nobody knows whose it is.
    #[error("the lock was lost: for {} s it could not be renewed, and nobody knows whose it is: {cause}", after.as_secs())]
    Unrenewed {
        /// Since the last renewal.
        after: Duration,
        /// Why the last try failed.
        cause: String,
    },
}

impl Loss {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Taken => ErrorKind::Locked,
            Self::Removed(_) | Self::Unrenewed { .. } => ErrorKind::LockLost,
        }
    }
}
