//! Observes one object with what is sent in the place of what is described ([`crate::object::amend`]): fields that others
//! keep, fields whose changes are ignored, counts that are scaled. Reads the object first where a rule or an autoscaler
//! is about it.

use serde_json::Value;

use super::allocated;
use super::autoscaled::Autoscalers;
use super::dry_run::{Existence, ObjectDryRun};
use super::takeover::Takeover;
use crate::cluster::{ClusterError, Ownership};
use crate::object::amend::{Because, Sides};
use crate::object::takeover::is_taken;
use crate::object::{Amendment, FIELD_MANAGER, ManagedFields, Meta, ObjectRef, Path, masked};
use crate::plan::{Observed, Preview};

/// The count of replicas of every kind that an autoscaler scales.
const REPLICAS: &str = "/spec/replicas";

/// One object that is observed so.
pub(super) struct Amending<'a> {
    pub(super) takeover: Takeover<'a>,
    pub(super) dry_run: ObjectDryRun<'a>,
    pub(super) autoscalers: &'a Autoscalers<'a>,
    /// Its metadata, where a list had it.
    pub(super) listed: Option<&'a Meta>,
}

/// What was observed of one object.
pub(super) struct Answer {
    pub(super) object: ObjectRef,
    pub(super) observed: Observed,
    /// What is not sent as described.
    pub(super) amendments: Vec<Amendment>,
}

impl Amending<'_> {
    /// Costs what [`ObjectDryRun::observe`] does; one GET before it where something may not be sent as described; and once
    /// more, with a LIST, where replicas would change that an autoscaler on the server scales.
    pub(super) async fn observe(mut self) -> Answer {
        let object = self.dry_run.manifest.reference.clone();
        let (observed, amendments) = match self.try_observe().await {
            Ok(answer) => answer,
            // Without the live object nobody knows what must not be sent.
            Err(error) => (self.dry_run.hidden(&error), Vec::new()),
        };
        Answer { object, observed, amendments }
    }

    async fn try_observe(&mut self) -> Result<(Observed, Vec<Amendment>), ClusterError> {
        let amendments = match self.look().await? {
            Some(live) => self.amendments(&live),
            None => Vec::new(),
        };
        let observed = self.observe_once(&amendments).await;
        if !moves_replicas(&observed) || amendments.iter().any(|amendment| amendment.because == Because::Scaled) {
            return Ok((observed, amendments));
        }
        let (Observed::Live { meta, live, .. }, Some(by)) =
            (&observed, self.autoscalers.live(&self.dry_run.manifest.reference).await?)
        else {
            return Ok((observed, amendments));
        };
        let scaled = self.sides(live, &self.entries(meta), |sides| scaled(sides, &by));
        let amendments = [amendments, scaled].concat();
        Ok((self.observe_once(&amendments).await, amendments))
    }

    async fn observe_once(&self, amendments: &[Amendment]) -> Observed {
        let mut dry_run = self.dry_run.clone();
        dry_run.body = dry_run.body.amended(amendments);
        let sent = dry_run.body.object.clone();
        let observed = self.takeover.applied_to(dry_run.observe().await, &sent).await;
        observed.with_next(|live, next| allocated::marked(live, &sent, next))
    }

    /// The live object, where anything may not be sent as described. Values of a Secret are compared where both are at
    /// hand: it is read again then.
    async fn look(&mut self) -> Result<Option<Value>, ClusterError> {
        if self.dry_run.existence == Existence::NamespacePending || !self.may_differ() {
            return Ok(None);
        }
        let resource = match self.dry_run.resource().await {
            Ok(resource) => resource,
            Err(ClusterError::UnknownKind(_) | ClusterError::UnknownVersion { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let read = self.dry_run.live.take();
        let found = self.dry_run.look(&resource, read).await?;
        if !self.dry_run.manifest.reference.is("", "Secret") {
            self.dry_run.live.clone_from(&found);
        }
        Ok(found)
    }

    fn may_differ(&self) -> bool {
        let manifest = self.dry_run.manifest;
        let ruled = !manifest.rules.ownership.is_empty() || !manifest.rules.ignored.is_empty();
        let is_scaled = || match self.listed {
            Some(meta) => {
                meta.managed_fields.iter().any(|entry| entry.subresource == "scale")
                    || self.autoscalers.described(&manifest.reference).is_some()
            }
            None => self.takeover.adopts && self.dry_run.body.object.pointer(REPLICAS).is_some(),
        };
        ruled || is_scaled()
    }

    fn amendments(&self, live: &Value) -> Vec<Amendment> {
        let manifest = self.dry_run.manifest;
        let Ok(meta) = self.dry_run.meta(live) else { return Vec::new() };
        let autoscaler = self.autoscalers.described(&manifest.reference);
        self.sides(live, &self.entries(&meta), |sides| {
            let mut amendments = sides.amendments(&manifest.rules);
            let known = amendments.iter().any(|amendment| amendment.because == Because::Scaled);
            if let Some(by) = autoscaler.filter(|_| !known) {
                amendments.extend(scaled(sides, by));
            }
            amendments
        })
    }

    fn sides<T>(&self, live: &Value, entries: &[ManagedFields], read: impl FnOnce(Sides<'_>) -> T) -> T {
        let described = masked(&self.dry_run.body.object, self.dry_run.manifest);
        read(Sides { described: &described, live, entries })
    }

    /// Who manages what once the apply is sent: what tools manage is langop's then, where it is taken over.
    fn entries(&self, meta: &Meta) -> Vec<ManagedFields> {
        let taken = self.takeover.adopts || self.takeover.ownership == Ownership::Force;
        let then = |entry: &ManagedFields| {
            let mut entry = entry.clone();
            if taken && is_taken(&entry, self.takeover.named()) {
                FIELD_MANAGER.clone_into(&mut entry.manager);
                "Apply".clone_into(&mut entry.operation);
            }
            entry
        };
        meta.managed_fields.iter().map(then).collect()
    }
}

fn scaled(sides: Sides<'_>, by: &str) -> Vec<Amendment> {
    if sides.described.pointer(REPLICAS).is_none() {
        return Vec::new();
    }
    let replicas = Path::root().field("spec").field("replicas");
    sides.kept(&[replicas], Because::Scaled, &[by.to_owned()])
}

/// Whether the apply would change the count of replicas, or cannot.
fn moves_replicas(observed: &Observed) -> bool {
    match observed {
        Observed::Live { live, next: Preview::Becomes { object, .. }, .. } => {
            live.pointer(REPLICAS) != object.pointer(REPLICAS)
        }
        Observed::Live { next: Preview::Conflict(claims), .. } => {
            claims.iter().any(|claim| claim.field == "spec.replicas")
        }
        _ => false,
    }
}
