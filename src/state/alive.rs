//! Whether a lease that was taken is still known to be held, right now.
//!
//! Two clocks say how old the last renewal is. The monotonic one cannot be set, and stands still while the machine
//! sleeps (`clock_gettime(2)`, `CLOCK_MONOTONIC`); the wall clock goes on. The older age counts.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt as _;
use tokio::sync::{Notify, watch};

use crate::cluster::{Guard, Loss};

/// When the last renewal that came through was sent, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    monotonic: Instant,
    wall: SystemTime,
}

impl Kept {
    pub(super) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    fn age(self) -> Duration {
        // A wall clock that was set back says nothing.
        let by_wall = self.wall.elapsed().unwrap_or_default();
        self.monotonic.elapsed().max(by_wall)
    }
}

/// What is known of a lease, for those that renew it and those that write under it.
pub(super) struct Alive {
    /// Or how it was lost.
    kept: watch::Sender<Result<Kept, Loss>>,
    /// Older than this it may be somebody else's.
    limit: Duration,
    hurry: Notify,
}

impl Alive {
    pub(super) fn new(kept: Kept, limit: Duration) -> Self {
        Self { kept: watch::Sender::new(Ok(kept)), limit, hurry: Notify::new() }
    }

    /// It was renewed.
    pub(super) fn keep(&self, kept: Kept) {
        let _ = self.kept.send_replace(Ok(kept));
    }

    /// It is somebody else's, or may be.
    pub(super) fn lose(&self, loss: Loss) {
        let _ = self.kept.send_replace(Err(loss));
    }

    /// Returns when somebody wants to write and the last renewal is too old for that.
    pub(super) async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// Returns when the lease is known to be held, or known to be lost. Waits for a renewal where the last one is too old.
    async fn check(&self) -> Result<(), Loss> {
        let mut kept = self.kept.subscribe();
        loop {
            let last = kept.borrow_and_update().clone()?;
            if last.age() < self.limit {
                return Ok(());
            }
            self.hurry.notify_one();
            // The sender is here.
            let _ = kept.changed().await;
        }
    }

    /// Lets writes through as long as the lease is known to be held.
    pub(super) fn guard(self: &Arc<Self>) -> Guard {
        let alive = Arc::clone(self);
        Guard::new(move || {
            let alive = Arc::clone(&alive);
            async move { alive.check().await }.boxed()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);

    /// The last renewal as a machine finds it that slept since: its monotonic clock stood still.
    fn slept() -> Kept {
        Kept { wall: SystemTime::now() - Duration::from_secs(45), ..Kept::now() }
    }

    #[tokio::test]
    async fn writes_pass_while_the_lease_is_held() {
        let alive = Arc::new(Alive::new(Kept::now(), LIMIT));
        assert_eq!(alive.guard().check().await, Ok(()));
        alive.lose(Loss::Taken);
        assert_eq!(alive.guard().check().await, Err(Loss::Taken));
    }

    #[tokio::test]
    async fn nothing_is_written_until_a_renewal_came_through_or_the_lease_is_lost() {
        let stopped = || Kept { monotonic: Instant::now().checked_sub(LIMIT).unwrap(), ..Kept::now() };
        for kept in [slept(), stopped()] {
            for outcome in [Ok(()), Err(Loss::Taken)] {
                let alive = Arc::new(Alive::new(kept, LIMIT));
                let guard = alive.guard();
                let asked = tokio::spawn(async move { guard.check().await });
                alive.hurried().await;
                assert!(!asked.is_finished());
                match outcome.clone() {
                    Ok(()) => alive.keep(Kept::now()),
                    Err(loss) => alive.lose(loss),
                }
                assert_eq!(asked.await.unwrap(), outcome);
            }
        }
    }

    #[test]
    fn a_wall_clock_that_was_set_back_changes_nothing() {
        let kept = Kept { wall: SystemTime::now() + Duration::from_hours(1), ..Kept::now() };
        assert!(kept.age() < LIMIT);
    }
}
