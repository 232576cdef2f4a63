//! How long a lease lasts.

use std::time::Duration;

/// After this long without renewal others may take a lock.
pub(super) const LEASE_DURATION: Duration = Duration::from_secs(30);

/// How long a lease lasts and how often it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// After this long without renewal others may take it.
    pub duration: Duration,
    /// Between two renewals.
    pub renew: Duration,
}

impl Terms {
    /// How long after its last renewal a lease is safe to write under: two thirds of its duration leave others' clocks
    /// and our own work in flight some room.
    pub(super) fn unsafe_after(self) -> Duration {
        self.duration * 2 / 3
    }

    /// How long after its last renewal a lease is asked for again before it is given up. Nothing is written meanwhile, so
    /// that it may be longer than others wait: a lease that nobody took is still ours.
    pub(super) fn lost_after(self) -> Duration {
        self.duration * 4
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self { duration: LEASE_DURATION, renew: LEASE_DURATION / 3 }
    }
}
