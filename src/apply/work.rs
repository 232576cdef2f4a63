//! Carries out one change: the requests for it and nothing else.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::gone;
use super::job::Job;
use super::known::Versions;
use super::uproot::runs_pods;
use crate::cluster::{Body, ClusterError, Propagation, Resource, Writer};
use crate::object::{GroupKind, Lifecycle, Manifest, ObjectRef};
use crate::plan::{Action, Confidence};

/// What was written.
pub(super) struct Written {
    /// The object as the server returned it; none when there was nothing to write.
    pub(super) live: Option<Value>,
    /// The desired object with everything filled in, for the record's digest.
    pub(super) desired: Value,
    /// Whether it may still be on its way although nothing was written.
    pub(super) settling: bool,
}

/// Why a change was not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) hint: Option<String>,
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self { hint: error.hint(), error: error.to_string() }
    }
}

impl Failure {
    pub(super) fn new(error: &str, hint: &str) -> Self {
        Self { error: error.to_owned(), hint: Some(hint.to_owned()) }
    }
}

/// Writes one desired object: `NoOp`, `Create`, `Update` or `Replace`.
pub(super) async fn write(
    writer: &Writer,
    versions: &Versions,
    job: &Job,
    fresh: bool,
    force: bool,
) -> Result<Written, Failure> {
    let Some(manifest) = &job.manifest else { return Err(Failure::new("it has no manifest", "report this as a bug")) };
    let desired = versions.resolve(writer, manifest).await?;
    let is_crd = manifest.reference.is("apiextensions.k8s.io", "CustomResourceDefinition");
    if job.change.action == Action::NoOp {
        // Another run may have brought the CRD after this one discovered the kinds of the server.
        let settling = is_crd && !serves(writer, &desired);
        if settling {
            writer.learn(&desired);
        }
        return Ok(Written { live: None, desired, settling });
    }
    let resource = writer.resource(&manifest.reference.group_kind(), Some(&manifest.api_version))?;
    let body = Body { object: desired.clone(), secret: job.secret.clone() };
    let body = match (job.change.action, &job.change.precondition.uid) {
        (Action::Update, Some(uid)) => body.only_for(uid),
        (Action::Replace, Some(uid)) => {
            remove(writer, &resource, &manifest.reference, uid).await?;
            body
        }
        _ => {
            absent(writer, &resource, manifest, fresh).await?;
            body
        }
    };
    let live = if job.change.confidence == Confidence::Schema {
        by_new_schema(writer, &resource, &body, force).await?
    } else {
        writer.apply(&resource, &body, force).await?
    };
    if is_crd {
        writer.learn(&desired);
    }
    Ok(Written { live: Some(live), desired, settling: true })
}

/// How long an API server may go on with the schema that a CRD had before this run.
const OLD_SCHEMA: Duration = Duration::from_secs(30);

/// Applies an object that was checked against the schema of a CRD of this run. The server takes a moment to
/// learn it; until then it refuses what the old one does not have.
async fn by_new_schema(writer: &Writer, resource: &Resource, body: &Body, force: bool) -> Result<Value, ClusterError> {
    let begun = Instant::now();
    loop {
        match writer.apply(resource, body, force).await {
            // A field that its schema lacks is an internal error to server-side apply (structured-merge-diff).
            Err(
                ClusterError::Invalid { .. }
                | ClusterError::Rejected { code: 400, .. }
                | ClusterError::Unavailable { code: 500, .. },
            ) if begun.elapsed() < OLD_SCHEMA => {
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

/// An apply is an upsert: it would merge into an object that appeared after the plan. Nothing can have
/// appeared in a namespace that this run made.
async fn absent(writer: &Writer, resource: &Resource, manifest: &Manifest, fresh: bool) -> Result<(), Failure> {
    // CRDs are shared: another stack may bring the same one at the same time.
    if fresh || manifest.lifecycle == Lifecycle::Shared {
        return Ok(());
    }
    match writer.metadata(resource, &manifest.reference).await {
        Ok(None) | Err(ClusterError::NotFound(_) | ClusterError::Forbidden(_)) => Ok(()),
        Ok(Some(_)) => Err(Failure::new("it appeared after the plan was made", "plan again")),
        Err(error) => Err(error.into()),
    }
}

async fn remove(writer: &Writer, resource: &Resource, object: &ObjectRef, uid: &str) -> Result<(), Failure> {
    writer.delete(resource, object, uid, Propagation::Foreground).await?;
    let patience = Duration::from_mins(1);
    match tokio::time::timeout(patience, gone::wait(writer, resource, object, uid, |_| ())).await {
        Ok(gone) => Ok(gone?),
        Err(_) => Err(Failure::new("the old object is still there", "see its finalizers with `kubectl get -o yaml`")),
    }
}

/// Sends the delete of one object. What runs pods is gone only when they are.
pub(super) async fn delete(writer: &Writer, job: &Job) -> Result<(), Failure> {
    let object = &job.change.object;
    // A kind that is not served any more took its objects with it.
    let Ok(resource) = writer.resource(&object.group_kind(), None) else { return Ok(()) };
    let Some(uid) = &job.change.precondition.uid else {
        return Err(Failure::new("its uid is not known", "plan again"));
    };
    let propagation = if runs_pods(object) { Propagation::Foreground } else { Propagation::Background };
    match writer.delete(&resource, object, uid, propagation).await {
        Ok(_) => Ok(()),
        Err(ClusterError::Conflict(_)) => Err(Failure::new("someone else made it again", "plan again")),
        Err(error) => Err(error.into()),
    }
}

/// Lets go of an object that stays: langop's labels leave it, because they would claim it.
pub(super) async fn release(writer: &Writer, job: &Job) -> Result<(), Failure> {
    let object = &job.change.object;
    let resource = writer.resource(&object.group_kind(), None)?;
    let Some(uid) = &job.change.precondition.uid else { return Ok(()) };
    let bare = json!({"apiVersion": resource.api.api_version, "kind": object.kind,
        "metadata": {"name": object.name, "namespace": object.namespace}});
    writer.apply(&resource, &Body::plain(bare).only_for(uid), false).await?;
    Ok(())
}
