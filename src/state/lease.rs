//! The lock of a stack whose record is in a cluster: taking a Lease beside it, holding it, giving it back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::alive::{Alive, Kept};
use super::claim::{Attempt, Claim, Watched, held, is_free};
use super::epoch::Epoch;
use super::renewal::Renewal;
use super::system::{self, Part};
use super::terms::Terms;
use super::{Held, Holder, Holding, StateError};
use crate::cluster::{ClusterError, Guard, Loss, Reader, Writer};
use crate::object::field::text_map;
use crate::object::names::SYSTEM_NAMESPACE;

/// How often a waiting run looks again.
const LOOK: Duration = Duration::from_secs(1);

/// Before the next try when the lease moved under our hands.
const AGAIN: Duration = Duration::from_millis(20);

/// For how long it is tried again at the least: one that moves under everybody's hands for longer is not moved by runs.
const MOVING: Duration = Duration::from_secs(10);

/// A lease that is held and renewed in the background.
pub(super) struct HeldLease {
    holding: watch::Receiver<Holding>,
    alive: Arc<Alive>,
    epoch: Epoch,
    /// Tells the renewal to end.
    end: oneshot::Sender<()>,
    /// Ends with the lease as it was last seen; none when it is lost.
    renewal: JoinHandle<Option<Claim>>,
}

impl HeldLease {
    /// Renews the lease from now on. `asked` and `kept` are when the request that took it was sent.
    fn renewing(claim: Claim, asked: Instant, kept: Kept) -> Self {
        let alive = Arc::new(Alive::new(kept, claim.terms.unsafe_after()));
        let epoch = claim.epoch();
        let (end, ended) = oneshot::channel();
        let (sender, holding) = watch::channel(Holding::Held);
        let renewal = tokio::spawn(Renewal::new(claim, asked, Arc::clone(&alive), sender).run(ended));
        Self { holding, alive, epoch, end, renewal }
    }

    pub(super) fn holding(&self) -> watch::Receiver<Holding> {
        self.holding.clone()
    }

    /// Lets writes through as long as the lease is known to be ours.
    pub(super) fn guard(&self) -> Guard {
        self.alive.guard()
    }

    /// Who holds the lease, in the words of the record.
    pub(super) fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }

    /// Deletes the lease, if it still is ours.
    pub(super) async fn release(self) -> Result<(), StateError> {
        self.alive.lose(Loss::Removed("it at the end of the run".to_owned()));
        // The renewal may have ended by itself.
        let _ = self.end.send(());
        match self.renewal.await {
            Ok(Some(claim)) => Ok(claim.give_up().await?),
            Ok(None) | Err(_) => Ok(()),
        }
    }
}

/// How a lock is waited for.
pub(super) struct Waiting<'a> {
    pub(super) patience: Duration,
    pub(super) terms: Terms,
    /// Hears of each holder that is waited for.
    pub(super) tell: &'a (dyn Fn(&Held) + Send + Sync),
}

/// Takes the lock, waiting for it as long as `patience`; `tell` hears of each holder that is waited for. Two requests when it is free, and one a second while it is not.
///
/// # Errors
/// Somebody else holds it, the stack's name is none, or the API server refuses.
pub(super) async fn acquire(
    writer: &Writer,
    stack: &str,
    holder: &Holder,
    Waiting { patience, terms, tell }: Waiting<'_>,
) -> Result<HeldLease, StateError> {
    let mut claim = Claim::new(writer, stack, holder, terms)?;
    let begun = Instant::now();
    let mut watched = Watched::default();
    let mut told = None;
    loop {
        let (asked, kept) = (Instant::now(), Kept::now());
        let pause = match claim.attempt(&mut watched).await? {
            Attempt::Ours => return Ok(HeldLease::renewing(claim, asked, kept)),
            Attempt::Again(error) if begun.elapsed() >= patience.max(MOVING) => return Err(error.into()),
            Attempt::Again(_) => AGAIN,
            Attempt::Held if begun.elapsed() >= patience => {
                let held = Box::new(held(claim.lease()));
                return Err(StateError::Locked { stack: stack.to_owned(), held });
            }
            Attempt::Held => {
                let held = held(claim.lease());
                if told.as_ref() != Some(&held.identity) {
                    tell(&held);
                    told = Some(held.identity);
                }
                LOOK.min(patience.saturating_sub(begun.elapsed()))
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Whether there is a Lease, whoever holds it or left it behind.
pub(super) async fn is_there(reader: &Reader, stack: &str) -> Result<bool, StateError> {
    let lease = reader.get(&Part::Lock.resource(reader)?, &Part::Lock.object(stack)?).await?;
    Ok(lease.is_some())
}

/// Who holds the lock, without taking it.
pub(super) async fn peek(reader: &Reader, stack: &str) -> Result<Option<Held>, StateError> {
    let object = Part::Lock.object(stack)?;
    let resource = Part::Lock.resource(reader)?;
    let lease = reader.get(&resource, &object).await?;
    Ok(lease.filter(|lease| !is_free(lease)).map(|lease| held(&lease)))
}

/// Who holds which lock, by stack. One LIST.
pub(super) async fn held_locks(reader: &Reader) -> Result<BTreeMap<String, Held>, ClusterError> {
    let resource = Part::Lock.resource(reader)?;
    let leases = reader.list(&resource, Some(SYSTEM_NAMESPACE), Some(system::RECORD)).await?;
    let stack = |lease: &Value| text_map(lease, "/metadata/labels").remove(system::RECORD);
    Ok(leases.iter().filter(|lease| !is_free(lease)).filter_map(|lease| Some((stack(lease)?, held(lease)))).collect())
}
