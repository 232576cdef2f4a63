//! Keeps a lease while the run works, and says so when it is lost.
//!
//! Others may take it when it has not moved for its duration. So it counts as lost well before that, counted
//! from the moment at which the last successful renewal was sent.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::claim::Claim;

/// Between two tries after a renewal that failed.
const AGAIN: Duration = Duration::from_millis(500);

/// A claim that is being kept.
pub(super) struct Renewal {
    claim: Claim,
    /// When the last renewal that came through was sent.
    kept: Instant,
    lost: watch::Sender<bool>,
}

impl Renewal {
    pub(super) fn new(claim: Claim, kept: Instant, lost: watch::Sender<bool>) -> Self {
        Self { claim, kept, lost }
    }

    /// Renews until it is told to end or the lease is lost. The claim, while it is held.
    pub(super) async fn run(mut self, mut end: oneshot::Receiver<()>) -> Option<Claim> {
        let mut next = self.kept + self.claim.terms.renew;
        loop {
            tokio::select! {
                () = sleep_until(next) => {}
                _ = &mut end => return Some(self.claim),
            }
            let asked = Instant::now();
            next = match timeout_at(self.deadline(), self.claim.renew()).await {
                Ok(Ok(true)) => {
                    self.kept = asked;
                    asked + self.claim.terms.renew
                }
                Ok(Err(_)) if Instant::now() + AGAIN < self.deadline() => Instant::now() + AGAIN,
                Ok(Ok(false) | Err(_)) | Err(_) => {
                    self.lost.send_replace(true);
                    return None;
                }
            };
        }
    }

    /// Two thirds of the duration leave others' clocks and our own work in flight some room.
    fn deadline(&self) -> Instant {
        self.kept + self.claim.terms.duration * 2 / 3
    }
}
