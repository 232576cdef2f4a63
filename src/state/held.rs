//! What can be said about a lock that someone else holds.

use std::fmt;

use jiff::Timestamp;

use super::Holder;

/// What is known about who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The run, if the lock was written by a langop.
    pub holder: Option<Holder>,
    /// The holder in the lock's own words.
    pub identity: String,
    /// When the lock was last renewed, by the holder's clock; none for file locks.
    pub renewed: Option<Timestamp>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            Some(holder) => write!(f, "{holder}")?,
            None => write!(f, "`{}`", self.identity)?,
        }
        match &self.renewed {
            Some(renewed) => write!(f, ", last seen {renewed:.0}"),
            None => Ok(()),
        }
    }
}
