//! The work on one object of a run: put it up and wait until it is ready, or take it down and wait until it
//! is gone. Tells the run what happened; decides nothing about other objects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use super::counted;
use super::gone;
use super::job::Job;
use super::known::Versions;
use super::uproot::Roots;
use super::wait::{self, Patience, Waited};
use super::work::{self, Failure, Written};
use crate::cluster::{ClusterError, Writer};
use crate::object::{Meta, ObjectRef, digest};
use crate::plan::{Action, Reason};
use crate::readiness::{Readiness, State};

/// What work tells the run.
pub(super) enum Message {
    Written { object: ObjectRef, live: Option<Value>, digest: String },
    Waiting { object: ObjectRef, readiness: Readiness },
    Ready { object: ObjectRef },
    Gone { object: ObjectRef },
    Failed { object: ObjectRef, failure: Failure, unhealthy: bool },
}

/// Shared by all work of a run.
pub(super) struct Tools {
    pub(super) writer: Writer,
    pub(super) versions: Versions,
    pub(super) jobs: BTreeMap<ObjectRef, Job>,
    pub(super) force: bool,
    pub(super) patience: Patience,
    /// Keys the digests of secret values.
    pub(super) key: Vec<u8>,
}

/// Writes one object and waits until it is ready.
pub(super) async fn put_up(tools: Arc<Tools>, object: ObjectRef, sender: mpsc::UnboundedSender<Message>) {
    // The receiver outlives all work but that of an aborted run.
    let tell = |message| drop(sender.send(message));
    let Some(job) = tools.jobs.get(&object) else { return };
    let fresh = in_fresh_namespace(&tools, &object);
    let written = match work::write(&tools.writer, &tools.versions, job, fresh, tools.force).await {
        Ok(written) => written,
        Err(failure) => return tell(Message::Failed { object, failure, unhealthy: false }),
    };
    let Written { live, desired, settling } = written;
    if let Some(meta) = live.as_ref().and_then(|live| Meta::read(&object.group, &object.kind, live)) {
        tools.versions.put_meta(&meta);
    }
    tell(Message::Written { object: object.clone(), live: live.clone(), digest: tools.digest(job, &desired) });
    let mut say = |readiness| tell(Message::Waiting { object: object.clone(), readiness });
    let waited = match tools.wait(job, live, settling, &mut say).await {
        Ok(Waited::Ready) => counted::wait(&tools, job, &desired, &mut say).await,
        waited => waited,
    };
    match waited {
        Ok(Waited::Ready) => tell(Message::Ready { object }),
        Ok(Waited::NotReady(reason)) => {
            let hint = "fix the cause and run again: nothing that is ready is touched";
            tell(Message::Failed { object, failure: Failure::new(&reason, hint), unhealthy: true });
        }
        Err(error) => tell(Message::Failed { object, failure: error.into(), unhealthy: true }),
    }
}

/// Deletes one root, and waits until it and all that goes with it is gone; or lets go of one object.
pub(super) async fn take_down(
    tools: Arc<Tools>,
    object: ObjectRef,
    roots: Arc<Roots>,
    sender: mpsc::UnboundedSender<Message>,
) {
    let tell = |message| drop(sender.send(message));
    let Some(job) = tools.jobs.get(&object) else { return };
    let done = match job.change.action {
        Action::Forget if job.change.reason == Reason::Kept && job.change.object.is("", "Namespace") => {
            work::release(&tools.writer, job).await
        }
        Action::Forget => Ok(()),
        _ => tools.delete(job, &roots, &tell).await,
    };
    match done {
        Ok(()) => tell(Message::Gone { object }),
        Err(failure) => tell(Message::Failed { object, failure, unhealthy: false }),
    }
}

fn in_fresh_namespace(tools: &Tools, object: &ObjectRef) -> bool {
    let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
    let job = namespace.and_then(|namespace| tools.jobs.get(&namespace));
    job.is_some_and(|job| job.change.action == Action::Create)
}

impl Tools {
    /// What did not change has the digest that the plan proved equal; a Secret may have moved since.
    fn digest(&self, job: &Job, desired: &Value) -> String {
        if job.change.action == Action::NoOp {
            return job.change.digest.clone();
        }
        job.manifest.as_ref().map_or_else(String::new, |manifest| digest::of(manifest, desired, &job.secret, &self.key))
    }

    async fn wait(
        &self,
        job: &Job,
        live: Option<Value>,
        settling: bool,
        mut say: impl FnMut(Readiness),
    ) -> Result<Waited, ClusterError> {
        // What did not change and does not run has nothing to become.
        if !settling && !wait::takes_time(&job.change.object) {
            return Ok(Waited::Ready);
        }
        let Some(manifest) = &job.manifest else { return Ok(Waited::Ready) };
        let resource = self.writer.resource(&manifest.reference.group_kind(), Some(&manifest.api_version))?;
        wait::until_ready(&self.writer, &resource, &job.change.object, live, self.patience, |readiness, _| {
            say(readiness);
        })
        .await
    }

    async fn delete(&self, job: &Job, roots: &Roots, tell: &impl Fn(Message)) -> Result<(), Failure> {
        work::delete(&self.writer, job).await?;
        self.gone(job, tell).await?;
        // Namespaces first: what was in one is gone with it.
        let mut members: Vec<_> = roots.members(&job.change.object).to_vec();
        members.sort_by_key(|member| member.namespace.is_some());
        let mut emptied = BTreeSet::new();
        for member in members {
            let with_namespace = member.namespace.as_ref().is_some_and(|namespace| emptied.contains(namespace));
            if let Some(job) = self.jobs.get(&member).filter(|_| !with_namespace) {
                self.gone(job, tell).await?;
            }
            if member.is("", "Namespace") {
                emptied.insert(member.name.clone());
            }
            tell(Message::Gone { object: member });
        }
        Ok(())
    }

    async fn gone(&self, job: &Job, tell: &impl Fn(Message)) -> Result<(), Failure> {
        let object = &job.change.object;
        let Some(resource) = self.writer.served(&object.group_kind()).await? else { return Ok(()) };
        let Some(uid) = &job.change.precondition.uid else { return Ok(()) };
        let say = |reason: String| {
            let readiness = Readiness::new(State::Terminating, reason);
            tell(Message::Waiting { object: object.clone(), readiness });
        };
        match tokio::time::timeout(self.patience.total, gone::wait(&self.writer, &resource, object, uid, say)).await {
            Ok(gone) => Ok(gone?),
            Err(_) => Err(Failure::new("it is still there", "see what blocks it above; the next run goes on waiting")),
        }
    }
}
