//! The lock of a stack whose record is in a cluster: a Lease beside it (Kubernetes, *Leases*). Decides who
//! may take it; clocks of other machines play no part in that.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::lock::Terms;
use super::renewal::Renewal;
use super::system::{self, Part, Version};
use super::{Held, Holder, StateError};
use crate::cluster::{ClusterError, Reader, Resource, Writer};

/// Who holds it, as JSON; `spec.holderIdentity` is for people.
const HOLDER: &str = "langop.io/holder";

/// How often a waiting run looks again.
const LOOK: Duration = Duration::from_secs(1);

/// Before the next try when the lease moved under our hands.
const AGAIN: Duration = Duration::from_millis(20);

/// A lease that is held and renewed in the background.
pub(super) struct HeldLease {
    lost: watch::Receiver<bool>,
    /// Tells the renewal to end.
    end: oneshot::Sender<()>,
    /// Ends with the lease as it was last seen; none when it is lost.
    renewal: JoinHandle<Option<Claim>>,
}

impl HeldLease {
    pub(super) fn lost(&self) -> watch::Receiver<bool> {
        self.lost.clone()
    }

    /// Deletes the lease, if it still is ours.
    pub(super) async fn release(self) -> Result<(), StateError> {
        // The renewal may have ended by itself.
        let _ = self.end.send(());
        match self.renewal.await {
            Ok(Some(claim)) => Ok(claim.give_up().await?),
            Ok(None) | Err(_) => Ok(()),
        }
    }
}

/// Takes the lock, waiting for it as long as `patience`.
pub(super) async fn take(
    writer: &Writer,
    stack: &str,
    holder: &Holder,
    patience: Duration,
    terms: Terms,
) -> Result<HeldLease, StateError> {
    Part::Lock.of(stack)?;
    let resource = Part::Lock.resource(writer)?;
    let mut claim = Claim {
        writer: writer.clone(),
        resource,
        stack: stack.to_owned(),
        holder: holder.clone(),
        terms,
        lease: Value::Null,
    };
    let begun = Instant::now();
    let mut watched = Watched::default();
    loop {
        let asked = Instant::now();
        let pause = match claim.attempt(&mut watched).await? {
            Attempt::Ours => return Ok(claim.hold(asked)),
            Attempt::Again => AGAIN,
            Attempt::Held if begun.elapsed() >= patience => {
                let held = Box::new(held(&claim.lease));
                return Err(StateError::Locked { stack: stack.to_owned(), held });
            }
            Attempt::Held => LOOK.min(patience.saturating_sub(begun.elapsed())),
        };
        tokio::time::sleep(pause).await;
    }
}

/// Who holds the lock, without taking it.
pub(super) async fn peek(reader: &Reader, stack: &str) -> Result<Option<Held>, StateError> {
    let object = Part::Lock.of(stack)?;
    let resource = Part::Lock.resource(reader)?;
    let lease = reader.get(&resource, &object).await?;
    Ok(lease.filter(|lease| !is_free(lease)).map(|lease| held(&lease)))
}

/// How a try to take the lock ended.
enum Attempt {
    Ours,
    /// Someone else has it.
    Held,
    /// It moved meanwhile, or our own request came through and its answer got lost: the next look tells.
    Again,
}

/// A run's wish for the lock, and the lease as it was last seen.
pub(super) struct Claim {
    writer: Writer,
    resource: Resource,
    stack: String,
    holder: Holder,
    pub(super) terms: Terms,
    lease: Value,
}

impl Claim {
    /// One try. The lease that stands in the way, if one does, is in `self.lease`.
    async fn attempt(&mut self, watched: &mut Watched) -> Result<Attempt, ClusterError> {
        let answer = match self.look().await? {
            None => system::create(&self.writer, &self.resource, &self.next(None)).await,
            // Ours already: the answer that said so got lost.
            Some(lease) if self.is_ours(&lease) => Ok(lease),
            Some(lease) => {
                let expired = watched.unmoved_for(&lease) >= duration(&lease);
                self.lease = lease;
                if !expired && !is_free(&self.lease) {
                    return Ok(Attempt::Held);
                }
                self.writer.replace(&self.resource, &self.next(Some(&self.lease))).await
            }
        };
        match answer {
            Ok(lease) => {
                self.lease = lease;
                Ok(Attempt::Ours)
            }
            Err(ClusterError::Conflict(_) | ClusterError::NotFound(_)) => Ok(Attempt::Again),
            Err(error) => Err(error),
        }
    }

    /// Renews the lease. False when it is not ours any more.
    pub(super) async fn renew(&mut self) -> Result<bool, ClusterError> {
        match self.writer.replace(&self.resource, &self.next(Some(&self.lease))).await {
            Ok(lease) => {
                self.lease = lease;
                Ok(true)
            }
            Err(ClusterError::Conflict(_) | ClusterError::NotFound(_)) => self.still_ours().await,
            Err(error) => Err(error),
        }
    }

    /// Looks again after a conflict: someone may have labelled the lease, or our own request came through.
    async fn still_ours(&mut self) -> Result<bool, ClusterError> {
        match self.look().await? {
            Some(lease) if self.is_ours(&lease) => {
                self.lease = lease;
                let renewed = self.writer.replace(&self.resource, &self.next(Some(&self.lease))).await?;
                self.lease = renewed;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn give_up(mut self) -> Result<(), ClusterError> {
        let Ok(object) = Part::Lock.of(&self.stack) else { return Ok(()) };
        for _ in 0..3 {
            let Version { uid, resource_version } = Version::of(&self.lease)?;
            match self.writer.delete_version(&self.resource, &object, &uid, &resource_version).await {
                Err(ClusterError::Conflict(_)) => {}
                answer => return answer.map(drop),
            }
            match self.look().await? {
                Some(lease) if self.is_ours(&lease) => self.lease = lease,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    async fn look(&self) -> Result<Option<Value>, ClusterError> {
        let Ok(object) = Part::Lock.of(&self.stack) else { return Ok(None) };
        self.writer.get(&self.resource, &object).await
    }

    fn is_ours(&self, lease: &Value) -> bool {
        holder(lease).is_some_and(|holder| holder.run == self.holder.run)
    }

    /// The lease with us as its holder, renewed now, over `current` or new.
    fn next(&self, current: Option<&Value>) -> Value {
        let mut lease = system::skeleton(&self.stack, &self.resource);
        let now = format!("{:.6}", Timestamp::now());
        let ours = current.is_some_and(|current| self.is_ours(current));
        let transitions = current.and_then(|lease| lease.pointer("/spec/leaseTransitions")?.as_i64());
        let acquired = current.filter(|_| ours).and_then(|lease| lease.pointer("/spec/acquireTime").cloned());
        if let Some(Ok(version)) = current.map(Version::of) {
            lease["metadata"]["uid"] = json!(version.uid);
            lease["metadata"]["resourceVersion"] = json!(version.resource_version);
        }
        let holder = serde_json::to_string(&self.holder).unwrap_or_default();
        lease["metadata"]["annotations"] = json!({ HOLDER: holder });
        lease["spec"] = json!({
            "holderIdentity": format!("{}/{}/{}", self.holder.host, self.holder.pid, self.holder.run),
            "leaseDurationSeconds": self.terms.duration.as_secs().max(1),
            "acquireTime": acquired.unwrap_or_else(|| json!(now)),
            "renewTime": now,
            "leaseTransitions": transitions.map_or(0, |count| count + i64::from(!ours)),
        });
        lease
    }

    fn hold(self, asked: Instant) -> HeldLease {
        let (end, ended) = oneshot::channel();
        let (lost, receiver) = watch::channel(false);
        let renewal = tokio::spawn(Renewal::new(self, asked, lost).run(ended));
        HeldLease { lost: receiver, end, renewal }
    }
}

/// How long a lease has not moved, by our own monotonic clock.
#[derive(Default)]
struct Watched {
    seen: Option<(String, Instant)>,
}

impl Watched {
    fn unmoved_for(&mut self, lease: &Value) -> Duration {
        let now = lease.get("spec").map(Value::to_string).unwrap_or_default();
        match &self.seen {
            Some((then, since)) if *then == now => since.elapsed(),
            _ => {
                self.seen = Some((now, Instant::now()));
                Duration::ZERO
            }
        }
    }
}

/// Given back without being deleted, or held by a process of this machine that has ended.
fn is_free(lease: &Value) -> bool {
    identity(lease).is_empty() || holder(lease).is_some_and(|holder| holder.has_ended())
}

fn identity(lease: &Value) -> &str {
    lease.pointer("/spec/holderIdentity").and_then(Value::as_str).unwrap_or_default()
}

/// Who wrote the annotation, unless someone without one took the lease since.
fn holder(lease: &Value) -> Option<Holder> {
    let text = lease.get("metadata")?.get("annotations")?.get(HOLDER)?.as_str()?;
    let holder: Holder = serde_json::from_str(text).ok()?;
    identity(lease).ends_with(&holder.run.to_string()).then_some(holder)
}

fn held(lease: &Value) -> Held {
    let renewed = lease.pointer("/spec/renewTime").and_then(Value::as_str);
    Held {
        holder: holder(lease),
        identity: identity(lease).to_owned(),
        renewed: renewed.and_then(|time| time.parse().ok()),
    }
}

fn duration(lease: &Value) -> Duration {
    let seconds = lease.pointer("/spec/leaseDurationSeconds").and_then(Value::as_u64);
    seconds.map_or(Terms::default().duration, Duration::from_secs)
}
