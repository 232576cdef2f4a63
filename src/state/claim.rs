//! One run's claim to a Lease (Kubernetes, *Leases*). Decides who may take it; clocks of other machines play no part in
//! that.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::epoch::{self, Epoch};
use super::system::{self, Part, Version};
use super::terms::{LEASE_DURATION, Terms};
use super::{Held, Holder, StateError, config_map};
use crate::cluster::{ClusterError, Loss, Resource, Writer};
use crate::object::field::{number, text};

/// Who holds it, as JSON; `spec.holderIdentity` is for people.
const HOLDER: &str = "langop.io/holder";

/// How a try to take the lock ended.
pub(super) enum Attempt {
    Ours,
    /// Someone else has it.
    Held,
    /// It moved meanwhile, or our own request came through and its answer got lost: the next look tells.
    Again(ClusterError),
}

/// A run that wants the lock or has it, and the lease as it was last seen.
pub(super) struct Claim {
    writer: Writer,
    resource: Resource,
    stack: String,
    holder: Holder,
    pub(super) terms: Terms,
    lease: Value,
    /// The count of the record's last holder: a new lease goes on from there.
    recorded: Option<i64>,
}

impl Claim {
    pub(super) fn new(writer: &Writer, stack: &str, holder: &Holder, terms: Terms) -> Result<Self, StateError> {
        Part::Lock.object(stack)?;
        let resource = Part::Lock.resource(writer)?;
        let (writer, stack, holder) = (writer.clone(), stack.to_owned(), holder.clone());
        Ok(Self { writer, resource, stack, holder, terms, lease: Value::Null, recorded: None })
    }

    /// The lease as it was last seen.
    pub(super) fn lease(&self) -> &Value {
        &self.lease
    }

    /// This holding of the lock, once it is ours.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch { count: epoch::of_lease(&self.lease), run: self.holder.run }
    }

    /// One try. The lease that stands in the way, if one does, is [`Claim::lease`].
    pub(super) async fn attempt(&mut self, watched: &mut Watched) -> Result<Attempt, ClusterError> {
        let answer = match self.read_lease().await? {
            None => {
                // Leases are deleted when they are given back, and their count with them.
                self.recorded = config_map::count(&self.writer, &self.stack).await?;
                system::create(&self.writer, &self.resource, &self.next(None)).await
            }
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
            Err(error @ (ClusterError::Conflict(_) | ClusterError::NotFound(_))) => Ok(Attempt::Again(error)),
            Err(error) => Err(error),
        }
    }

    /// Renews the lease. How it was lost when it is not ours any more.
    pub(super) async fn renew(&mut self) -> Result<Option<Loss>, ClusterError> {
        match self.writer.replace(&self.resource, &self.next(Some(&self.lease))).await {
            Ok(lease) => {
                self.lease = lease;
                Ok(None)
            }
            Err(ClusterError::Conflict(_) | ClusterError::NotFound(_)) => self.still_ours().await,
            Err(error) => Err(error),
        }
    }

    /// Looks again after a conflict: someone may have labelled the lease, or our own request came through.
    async fn still_ours(&mut self) -> Result<Option<Loss>, ClusterError> {
        match self.read_lease().await? {
            Some(lease) if self.is_ours(&lease) => {
                self.lease = lease;
                let renewed = self.writer.replace(&self.resource, &self.next(Some(&self.lease))).await?;
                self.lease = renewed;
                Ok(None)
            }
            Some(_) => Ok(Some(Loss::Taken)),
            // Who takes it deletes it in the end, and has put its count to the record.
            None => Ok(Some(match config_map::count(&self.writer, &self.stack).await? {
                Some(count) if count > self.epoch().count => Loss::Taken,
                _ => Loss::Removed("its Lease".to_owned()),
            })),
        }
    }

    /// Deletes the lease, if it still is ours.
    pub(super) async fn give_up(mut self) -> Result<(), ClusterError> {
        let Ok(object) = Part::Lock.object(&self.stack) else { return Ok(()) };
        for _ in 0..3 {
            let Version { uid, resource_version, .. } = Version::read(&self.lease)?;
            match self.writer.delete_version(&self.resource, &object, &uid, &resource_version).await {
                Err(ClusterError::Conflict(_)) => {}
                answer => return answer.map(drop),
            }
            match self.read_lease().await? {
                Some(lease) if self.is_ours(&lease) => self.lease = lease,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    async fn read_lease(&self) -> Result<Option<Value>, ClusterError> {
        let Ok(object) = Part::Lock.object(&self.stack) else { return Ok(None) };
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
        let transitions = current.and_then(|lease| number(lease, "/spec/leaseTransitions"));
        let acquired = current.filter(|_| ours).and_then(|lease| lease.pointer("/spec/acquireTime").cloned());
        if let Some(Ok(version)) = current.map(Version::read) {
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
            "leaseTransitions": transitions.map_or(self.recorded.map_or(0, |count| count + 1), |count| count + i64::from(!ours)),
        });
        lease
    }
}

/// How long a lease has not moved, by our own monotonic clock.
#[derive(Default)]
pub(super) struct Watched {
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
pub(super) fn is_free(lease: &Value) -> bool {
    identity(lease).is_empty() || holder(lease).is_some_and(|holder| holder.has_ended())
}

fn identity(lease: &Value) -> &str {
    text(lease, "/spec/holderIdentity").unwrap_or_default()
}

/// Who wrote the annotation, unless someone without one took the lease since.
fn holder(lease: &Value) -> Option<Holder> {
    let written = lease.get("metadata")?.get("annotations")?.get(HOLDER)?.as_str()?;
    let holder: Holder = serde_json::from_str(written).ok()?;
    identity(lease).ends_with(&holder.run.to_string()).then_some(holder)
}

/// What a lease says about its holder.
pub(super) fn held(lease: &Value) -> Held {
    let renewed = text(lease, "/spec/renewTime");
    Held {
        holder: holder(lease),
        identity: identity(lease).to_owned(),
        renewed: renewed.and_then(|time| time.parse().ok()),
    }
}

fn duration(lease: &Value) -> Duration {
    let seconds = lease.pointer("/spec/leaseDurationSeconds").and_then(Value::as_u64);
    seconds.map_or(LEASE_DURATION, Duration::from_secs)
}
