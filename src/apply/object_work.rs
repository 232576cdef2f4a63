//! The work on one object of a run: write it and wait until it is ready, or delete it and wait until it is gone.
//! Tells the run what happened; decides nothing about other objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use super::deadline::WaitFor;
use super::delete_group::DeleteGroups;
use super::failure::Failure;
use super::going::Going;
use super::job::Job;
use super::message::Message;
use super::quota_counting::wait_until_counted;
use super::wait::{self, Waited, Waiting};
use super::wait_deleted::{Deletion, wait_deleted};
use super::way_back;
use super::work::{self, Progress, Written};
use super::work_inputs::WorkInputs;
use crate::cluster::ClusterError;
use crate::object::{Meta, ObjectRef, digest};
use crate::plan::{Action, Confidence, Reason};
use crate::readiness::{self, Readiness, Standing, State};
use crate::state::DigestKey;

/// Writes one object and waits until it is ready.
pub(super) async fn apply_object(inputs: Arc<WorkInputs>, object: ObjectRef, sender: mpsc::UnboundedSender<Message>) {
    // The receiver outlives all work but that of an aborted run.
    let tell = |message| drop(sender.send(message));
    let Some(job) = inputs.jobs.get(&object) else { return };
    let deleted = || tell(Message::Deleted { object: object.clone() });
    let written = match work::write_object(&inputs, job, deleted).await {
        Ok(written) => written,
        Err(failure) => return tell(Message::Failed { object, failure, unhealthy: false }),
    };
    let Written { live, desired, altered, progress } = written;
    if let Some(meta) = live.as_ref().and_then(|live| Meta::from_object(&object.group, &object.kind, live)) {
        inputs.versions.put_meta(&meta);
    }
    tell(Message::Written { object: object.clone(), live: live.clone(), digest: inputs.digest(job, &desired) });
    if !altered.is_empty() {
        tell(Message::Altered { object: object.clone(), fields: altered });
    }
    let was_written = live.is_some();
    let mut say = |readiness| tell(Message::Waiting { object: object.clone(), readiness });
    let waited = match inputs.wait_ready(job, live, progress, &mut say).await {
        Ok(Waited::Ready { standing: Standing::Ready, .. }) if object.is("", "ResourceQuota") => {
            wait_until_counted(&inputs, job, &desired, &mut say).await
        }
        waited => waited,
    };
    match waited {
        Ok(Waited::Ready { standing, version }) => {
            if object.is_crd() {
                tell(Message::Established { object: object.clone() });
            }
            tell(Message::Ready { object, standing, version });
        }
        Ok(Waited::NotReady(mut reason)) => {
            if way_back::is_wanted(job, was_written) {
                let went = way_back::take(&inputs, job, &tell).await;
                reason = format!("{reason}; {went}");
            }
            let hint = "fix the cause and run again: nothing that is ready is touched";
            tell(Message::Failed { object, failure: Failure::new(&reason, hint), unhealthy: true });
        }
        Err(error) => tell(Message::Failed { object, failure: error.into(), unhealthy: true }),
    }
}

/// Deletes one object, and waits until it and all that goes with it is gone; or lets go of an object that stays.
pub(super) async fn delete_object(
    inputs: Arc<WorkInputs>,
    object: ObjectRef,
    groups: Arc<DeleteGroups>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let tell = |message| drop(sender.send(message));
    let Some(job) = inputs.jobs.get(&object) else { return };
    let done = match job.change.action {
        Action::Forget if matches!(job.change.reason, Reason::Adopted | Reason::Forgotten) => {
            work::let_go(&inputs.writer, job).await
        }
        Action::Forget => Ok(()),
        _ => inputs.delete(job, &groups, &tell).await,
    };
    match done {
        Ok(()) => tell(Message::Gone { object }),
        Err(failure) => tell(Message::Failed { object, failure, unhealthy: false }),
    }
}

/// How far an object has come that nobody waits for: what was written is asked for by the next run, unless it is ready
/// the moment it is written.
fn standing_at_once(standing: Standing, live: Option<&Value>) -> Standing {
    match live {
        None => standing,
        Some(live) if readiness::assess(live).state == State::Current => Standing::of_ready(live),
        Some(_) => Standing::Waiting,
    }
}

impl WorkInputs {
    /// What did not change has the digest that the plan proved equal; a Secret may have moved since.
    fn digest(&self, job: &Job, desired: &Value) -> String {
        let Some(manifest) = &job.manifest else { return String::new() };
        let unchanged = job.change.action == Action::NoOp;
        let desired = match (unchanged, digest::counts_values(manifest)) {
            (true, false) => return job.change.digest.clone(),
            // Values that nobody compared are not known to be live.
            (true, true) if matches!(job.change.confidence, Confidence::Unverified(_)) => return String::new(),
            // The plan may have known another key: the one inside an old record.
            (true, true) => &job.change.desired,
            (false, _) => desired,
        };
        digest::of_manifest(manifest, desired, &job.secret, self.digest_key.as_ref().map(DigestKey::as_bytes))
    }

    async fn wait_ready(
        &self,
        job: &Job,
        live: Option<Value>,
        progress: Progress,
        mut say: impl FnMut(Readiness),
    ) -> Result<Waited, ClusterError> {
        let (change, standing) = (&job.change, job.standing);
        if change.reason == Reason::Completed {
            return Ok(Waited::unseen(Standing::Completed));
        }
        // What did not change, was ready and does not run has nothing to become; nor has what nobody wrote since then.
        let may_move = standing == Standing::Waiting || wait::takes_time(&change.object) && !job.is_as_seen_ready();
        let Some(manifest) = job.manifest.as_ref().filter(|_| progress == Progress::Expected || may_move) else {
            return Ok(Waited::unseen(standing));
        };
        if self.patience.waits_for == WaitFor::WhatOthersNeed && !self.is_needed(&change.object) {
            return Ok(Waited::unseen(standing_at_once(standing, live.as_ref())));
        }
        let resource = self.writer.resource(&manifest.reference.group_kind(), Some(&manifest.api_version))?;
        let waiting = Waiting {
            writer: &self.writer,
            looks: &self.looks,
            resource: &resource,
            job,
            patience: self.patience,
            silent: &self.silent,
        };
        waiting.until_ready(live, &mut say).await
    }

    async fn delete(&self, job: &Job, groups: &DeleteGroups, tell: &impl Fn(Message)) -> Result<(), Failure> {
        work::send_delete(&self.writer, job).await?;
        tell(Message::Accepted { object: job.change.object.clone() });
        self.wait_deleted(job, tell).await?;
        // Namespaces first: what was in one is gone with it.
        let mut members: Vec<_> = groups.members(&job.change.object).to_vec();
        members.sort_by_key(|member| member.namespace.is_some());
        let mut emptied = BTreeSet::new();
        if job.change.object.is("", "Namespace") {
            emptied.insert(job.change.object.name.clone());
        }
        for member in members {
            let with_namespace = member.namespace.as_ref().is_some_and(|namespace| emptied.contains(namespace));
            if let Some(job) = self.jobs.get(&member).filter(|_| !with_namespace) {
                self.wait_deleted(job, tell).await?;
            }
            if member.is("", "Namespace") {
                emptied.insert(member.name.clone());
            }
            tell(Message::Gone { object: member });
        }
        Ok(())
    }

    async fn wait_deleted(&self, job: &Job, tell: &impl Fn(Message)) -> Result<(), Failure> {
        let object = &job.change.object;
        let Some(resource) = self.writer.served(&object.group_kind()).await? else { return Ok(()) };
        let Some(uid) = &job.change.precondition.uid else { return Ok(()) };
        let say = |reason: String| {
            let readiness = Readiness::new(State::Terminating, reason);
            tell(Message::Waiting { object: object.clone(), readiness });
        };
        let going = Going { resource: &resource, object, uid };
        match wait_deleted(self.deleting(), going, say).await? {
            Deletion::Gone => Ok(()),
            Deletion::Hangs(cause) => {
                Err(Failure::new(&format!("{object} is still there: {cause}"), "the next run goes on waiting"))
            }
        }
    }
}
