//! The requests for one change, and nothing else.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::altered::altered;
use super::claim::Claiming;
use super::delete_group::runs_pods;
use super::derived;
use super::failure::Failure;
use super::going::Going;
use super::job::Job;
use super::wait_deleted::{Deleting, Deletion, wait_deleted};
use super::work_inputs::WorkInputs;
use crate::cluster::{Body, ClusterError, Ownership, Propagation, Replacement, Resource, Writer};
use crate::object::{GroupKind, Lifecycle, Manifest, SharedValue, disagreement};
use crate::plan::{Action, Confidence, Reason};

/// What was written.
pub(super) struct Written {
    /// The object as the server returned it; none when there was nothing to write.
    pub(super) live: Option<Value>,
    /// The desired object with everything filled in, for the record's digest.
    pub(super) desired: SharedValue,
    /// Fields of which the server made something else than was sent.
    pub(super) altered: Vec<String>,
    /// Whether it may still be on its way.
    pub(super) progress: Progress,
}

/// Whether there is something to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing was written, and nobody else is at it.
    None,
    /// It was written, or another run is just making it.
    Expected,
}

/// Writes one desired object: `NoOp`, `Create`, `Update` or `Replace`. Tells `deleted` as soon as the deletion of an
/// object that is replaced was accepted.
pub(super) async fn write_object(
    inputs: &WorkInputs,
    job: &Job,
    deleted: impl FnOnce() + Send,
) -> Result<Written, Failure> {
    let writer = &inputs.writer;
    let Some(manifest) = &job.manifest else { return Err(Failure::new("it has no manifest", "report this as a bug")) };
    let desired = inputs.versions.resolve(writer, manifest).await?;
    let is_crd = manifest.reference.is_crd();
    if job.change.action == Action::NoOp {
        // Another run may have brought the CRD after this one discovered the kinds of the server.
        let is_new = is_crd && !serves(writer, &desired);
        if is_new {
            writer.learn(&desired);
        }
        let progress = if is_new { Progress::Expected } else { Progress::None };
        return Ok(Written { live: None, desired, altered: Vec::new(), progress });
    }
    if let Some(place) = disagreement(&job.change.desired, &desired) {
        return Err(Failure::stale(&place));
    }
    let resource = writer.resource(&manifest.reference.group_kind(), Some(&manifest.api_version))?;
    let secret = derived::values(writer, manifest, &job.secret).await?;
    let mut body = Body { object: desired.clone(), secret };
    match (job.change.action, &job.change.precondition.uid) {
        (Action::Update, Some(uid)) => {
            if takes_over(inputs, job) {
                let named =
                    if job.change.reason == Reason::Adopt { manifest.adopts_from.clone() } else { BTreeSet::new() };
                writer.take_over(&resource, &manifest.reference, uid, &named).await?;
            }
            if job.change.confidence == Confidence::Schema && manifest.reference.is_custom() {
                writer.manage_in_version(&resource, &manifest.reference, uid).await?;
            }
            body = body.amended(&manifest.amendments).only_for(uid);
        }
        (Action::Replace, Some(uid)) => {
            let going = Going { resource: &resource, object: &manifest.reference, uid };
            let deletion = DeletionForReplacement { deleting: inputs.deleting(), going };
            if !matches!(job.change.confidence, Confidence::Unverified(_)) {
                deletion.prove(&body).await?;
            }
            deletion.send(deleted).await?;
            ensure_absent(writer, &resource, (manifest, &body)).await?;
        }
        _ if inputs.makes_the_namespace_of(&manifest.reference) => {}
        _ => ensure_absent(writer, &resource, (manifest, &body)).await?,
    }
    let sent = body.object.clone();
    let claiming = Claiming { writer, resource: &resource, job, manifest, ownership: inputs.ownership };
    let live = if job.change.confidence == Confidence::Schema {
        apply_by_new_schema(inputs, &resource, &body).await?
    } else {
        claiming.apply(body).await?
    };
    if is_crd {
        writer.learn(&desired);
    }
    let altered = altered(&sent, &live);
    Ok(Written { live: Some(live), desired, altered, progress: Progress::Expected })
}

/// Whether what other tools wrote becomes langop's first, so that the apply removes what is left out.
fn takes_over(inputs: &WorkInputs, job: &Job) -> bool {
    job.change.reason == Reason::Adopt || inputs.ownership == Ownership::Force && !job.change.takes.is_empty()
}

/// How long an API server may go on with the schema that a CRD had before this run.
const OLD_SCHEMA: Duration = Duration::from_secs(30);

/// Applies an object that was checked against the schema of a CRD of this run. The server takes a moment to
/// learn it; until then it refuses what the old one does not have.
async fn apply_by_new_schema(inputs: &WorkInputs, resource: &Resource, body: &Body) -> Result<Value, ClusterError> {
    let (begun, patience) = (Instant::now(), OLD_SCHEMA.min(inputs.patience.idle));
    loop {
        match inputs.writer.apply(resource, body, inputs.ownership).await {
            // A field that its schema lacks is an internal error to server-side apply (structured-merge-diff).
            Err(ClusterError::Invalid { .. } | ClusterError::Rejected { code: 400 | 500, .. })
                if begun.elapsed() < patience =>
            {
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            answer => return answer,
        }
    }
}

/// Whether the kind that a CRD defines is served, as far as this run knows.
fn serves(writer: &Writer, crd: &Value) -> bool {
    writer.resource(&GroupKind::defined_by(crd), None).is_ok()
}

/// An apply is an upsert: it would merge into an object that appeared after the plan.
async fn ensure_absent(
    writer: &Writer,
    resource: &Resource,
    (manifest, body): (&Manifest, &Body),
) -> Result<(), Failure> {
    // CRDs are shared: another stack may bring the same one at the same time.
    if manifest.lifecycle == Lifecycle::Shared {
        return Ok(());
    }
    match writer.metadata(resource, &manifest.reference).await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(appeared()),
        // Who may make it and not look at it is told by a creation that is only tried.
        Err(ClusterError::Forbidden(_)) => match writer.dry_run_create(resource, body).await {
            Ok(()) | Err(ClusterError::NotFound(_)) => Ok(()),
            Err(ClusterError::Conflict(_)) => Err(appeared()),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn appeared() -> Failure {
    Failure::new("it appeared after the plan was made", "plan again")
}

/// The deletion of an object that is made again.
struct DeletionForReplacement<'a> {
    deleting: Deleting<'a>,
    going: Going<'a>,
}

impl DeletionForReplacement<'_> {
    /// What the plan proved may have changed since: a value that only apply knows, a policy of the cluster.
    async fn prove(&self, body: &Body) -> Result<(), Failure> {
        let Going { resource, object, .. } = self.going;
        let writer = self.deleting.writer;
        let live = writer.get(resource, object).await?.unwrap_or_default();
        match writer.replacement(resource, body, &live).await? {
            Replacement::Accepted => Ok(()),
            Replacement::Refused(message) => Err(Failure::new(&message, "nothing was deleted; plan again")),
            Replacement::Unknown(because) => {
                let error = format!("nothing proves any more that the API server would take the new object: {because}");
                Err(Failure::new(&error, "nothing was deleted; plan again"))
            }
        }
    }

    async fn send(&self, accepted: impl FnOnce()) -> Result<(), Failure> {
        delete(self.deleting.writer, self.going, Propagation::Foreground).await?;
        accepted();
        match wait_deleted(self.deleting, self.going, |_| ()).await? {
            Deletion::Gone => Ok(()),
            Deletion::Hangs(cause) => Err(Failure::new(
                &format!("the old object is still there: {cause}"),
                "run again when it is gone: the new one is made then",
            )),
        }
    }
}

/// Sends the delete of one object. What runs pods is gone only when they are.
pub(super) async fn send_delete(writer: &Writer, job: &Job) -> Result<(), Failure> {
    let object = &job.change.object;
    // A kind that the server does not have any more took its objects with it.
    let Some(resource) = writer.served(&object.group_kind()).await? else { return Ok(()) };
    let Some(uid) = &job.change.precondition.uid else {
        return Err(Failure::new("its uid is not known", "plan again"));
    };
    let propagation = if runs_pods(object) { Propagation::Foreground } else { Propagation::Background };
    delete(writer, Going { resource: &resource, object, uid }, propagation).await
}

/// Deletes an object, which may be gone or going already. A 409 is of its uid, or of whatever else stands in the way: what
/// is there now tells which.
async fn delete(writer: &Writer, going: Going<'_>, propagation: Propagation) -> Result<(), Failure> {
    let Going { resource, object, uid } = going;
    let refusal = match writer.delete(resource, object, uid, propagation).await {
        Ok(_) => return Ok(()),
        Err(error @ ClusterError::Conflict(_)) => error,
        Err(error) => return Err(error.into()),
    };
    match writer.metadata(resource, object).await? {
        None => Ok(()),
        Some(found) if found.uid != uid => Err(Failure::new("someone else made it again", "plan again")),
        Some(found) if found.terminating => Ok(()),
        Some(_) => Err(Failure::new(&format!("its deletion was refused: {refusal}"), "run again")),
    }
}

/// Lets go of an object that stays: what langop wrote in its own name leaves it, because it would claim it.
pub(super) async fn let_go(writer: &Writer, job: &Job) -> Result<(), Failure> {
    let object = &job.change.object;
    let Some(uid) = &job.change.precondition.uid else { return Ok(()) };
    let Some(resource) = writer.served(&object.group_kind()).await? else { return Ok(()) };
    match writer.let_go(&resource, object, uid).await {
        // It went meanwhile: with its namespace, or by its owner's hand.
        Err(ClusterError::NotFound(_)) => Ok(()),
        answer => Ok(answer?),
    }
}
