//! A lock that is held, whichever store it belongs to.

use tokio::sync::watch;

use super::StateError;
use super::file_lock::FileLock;
use super::lease::HeldLease;

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
