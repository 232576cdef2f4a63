//! A lock that is held, whichever store it belongs to.

use tokio::sync::watch;

use super::epoch::Epoch;
use super::file_lock::FileLock;
use super::lease::HeldLease;
use super::{Holding, StateError};
use crate::cluster::Guard;

/// The lock of one stack. Release it: a lock that is only dropped keeps others waiting for its duration.
pub struct Lock(pub(super) Kind);

pub(super) enum Kind {
    File(FileLock),
    Lease(HeldLease),
}

impl Lock {
    /// What is known of the lock while it is held.
    #[must_use]
    pub fn holding(&self) -> watch::Receiver<Holding> {
        match &self.0 {
            Kind::File(lock) => lock.holding(),
            Kind::Lease(lease) => lease.holding(),
        }
    }

    /// Lets writes through as long as the lock is known to be held: what its holder writes with is
    /// [`crate::cluster::Writer::guarded`] by it.
    #[must_use]
    pub fn guard(&self) -> Guard {
        match &self.0 {
            Kind::File(lock) => lock.guard(),
            Kind::Lease(lease) => lease.guard(),
        }
    }

    /// This holding of the lock; none of a file, whose lock no other run can take.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        match &self.0 {
            Kind::File(_) => None,
            Kind::Lease(lease) => Some(lease.epoch()),
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
