//! A lock that is held, whichever store it belongs to, and what can be said about one that someone else
//! holds.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::file_lock::FileLock;
use super::lease::HeldLease;
use super::{Holder, StateError};

/// How long a lease lasts and how often it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// After this long without renewal others may take it.
    pub duration: Duration,
    /// Between two renewals.
    pub renew: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { duration: Duration::from_secs(30), renew: Duration::from_secs(10) }
    }
}

/// The lock of one stack. Release it: a lock that is only dropped keeps others waiting for its duration.
pub struct Lock(pub(super) Kind);

pub(super) enum Kind {
    File(FileLock),
    Lease(HeldLease),
}

impl Lock {
    /// Turns true when the lock is lost: nothing new may be started.
    #[must_use]
    pub fn lost(&self) -> watch::Receiver<bool> {
        match &self.0 {
            Kind::File(lock) => lock.lost(),
            Kind::Lease(lease) => lease.lost(),
        }
    }

    /// Gives the lock back. A lock that was lost is left to who has it now.
    pub async fn release(self) -> Result<(), StateError> {
        match self.0 {
            Kind::File(lock) => lock.release(),
            Kind::Lease(lease) => lease.release().await,
        }
    }
}

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
