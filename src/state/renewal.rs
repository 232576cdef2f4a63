//! Keeps a lease while the run works, and says so when it is in doubt or lost.
//!
//! Others may take it when it has not moved for its duration. So nothing is written from well before that on, counted from
//! the moment at which the last successful renewal was sent. What a server that does not answer says of the lease, it says
//! when it answers again: as long as nobody took it, it is still ours.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::Holding;
use super::alive::{Alive, Kept};
use super::claim::Claim;
use crate::cluster::Loss;

/// Between two tries after a renewal that failed.
const AGAIN: Duration = Duration::from_millis(500);

/// A claim that is being kept.
pub(super) struct Renewal {
    claim: Claim,
    /// When the last renewal that came through was sent.
    kept: Instant,
    alive: Arc<Alive>,
    holding: watch::Sender<Holding>,
}

impl Renewal {
    pub(super) fn new(claim: Claim, kept: Instant, alive: Arc<Alive>, holding: watch::Sender<Holding>) -> Self {
        Self { claim, kept, alive, holding }
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
            let limit = self.claim.terms.renew;
            let renewed = tokio::select! {
                renewed = timeout(limit, self.claim.renew()) => renewed,
                _ = &mut end => return Some(self.claim),
            };
            let failure = match renewed {
                Ok(Ok(None)) => {
                    self.keep(asked, kept);
                    next = asked + self.claim.terms.renew;
                    continue;
                }
                Ok(Ok(Some(loss))) => return self.lose(loss),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {} s", limit.as_secs()),
            };
            let after = self.kept.elapsed();
            if after >= self.claim.terms.lost_after() {
                return self.lose(Loss::Unrenewed { after, cause: failure });
            }
            if after >= self.claim.terms.unsafe_after() {
                self.holding.send_replace(Holding::Doubtful(after));
            }
            next = Instant::now() + AGAIN;
        }
    }

    fn keep(&mut self, asked: Instant, kept: Kept) {
        self.kept = asked;
        self.alive.keep(kept);
        self.holding.send_if_modified(|holding| {
            let was_doubtful = *holding != Holding::Held;
            *holding = Holding::Held;
            was_doubtful
        });
    }

    fn lose(self, loss: Loss) -> Option<Claim> {
        self.alive.lose(loss.clone());
        self.holding.send_replace(Holding::Lost(loss));
        None
    }
}
