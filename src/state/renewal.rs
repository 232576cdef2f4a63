//! Keeps a lease while the run works, and says so when it is lost.
//!
//! Others may take it when it has not moved for its duration. So it counts as lost well before that, counted
//! from the moment at which the last successful renewal was sent.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::alive::{Alive, Kept};
use super::claim::Claim;

/// Between two tries after a renewal that failed.
const AGAIN: Duration = Duration::from_millis(500);

/// A claim that is being kept.
pub(super) struct Renewal {
    claim: Claim,
    /// When the last renewal that came through was sent.
    kept: Instant,
    alive: Arc<Alive>,
    lost: watch::Sender<bool>,
}

impl Renewal {
    pub(super) fn new(claim: Claim, kept: Instant, alive: Arc<Alive>, lost: watch::Sender<bool>) -> Self {
        Self { claim, kept, alive, lost }
    }

    /// Renews until it is told to end or the lease is lost. The claim, while it is held.
    pub(super) async fn run(mut self, mut end: oneshot::Receiver<()>) -> Option<Claim> {
        let mut next = self.kept + self.claim.terms.renew;
        loop {
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.alive.hurried() => {}
                _ = &mut end => return Some(self.claim),
            }
            let (asked, kept) = (Instant::now(), Kept::now());
            next = match timeout_at(self.deadline(), self.claim.renew()).await {
                Ok(Ok(true)) => {
                    self.kept = asked;
                    self.alive.keep(kept);
                    asked + self.claim.terms.renew
                }
                Ok(Err(_)) if Instant::now() + AGAIN < self.deadline() => Instant::now() + AGAIN,
                Ok(Ok(false) | Err(_)) | Err(_) => {
                    self.alive.lose();
                    self.lost.send_replace(true);
                    return None;
                }
            };
        }
    }

    fn deadline(&self) -> Instant {
        self.kept + self.claim.terms.unsafe_after()
    }
}
