//! Deletes what goes with a namespace, beside its controller. That one looks at a namespace after five seconds
//! (kube-controller-manager, `namespaceDeletionGracePeriod`), and once more when there was something to delete: a namespace
//! that is empty by then goes at once.
//!
//! Policies are left to the controller, so that what still runs is isolated; and so is whatever cannot be done here.

use futures::stream::{self, StreamExt as _};

use super::delete_group::DeleteGroups;
use super::job::Job;
use super::work_inputs::WorkInputs;
use crate::cluster::Propagation;
use crate::object::ObjectRef;
use crate::plan::Reason;

/// Deletes those of the group of `root`, a namespace whose deletion was accepted, that go with it. One request each.
pub(super) async fn delete_contents(inputs: &WorkInputs, root: &ObjectRef, groups: &DeleteGroups) {
    let mut contents = Vec::new();
    for member in groups.members(root) {
        let Some(job) = inputs.jobs.get(member) else { continue };
        let goes_with = matches!(&job.change.reason, Reason::With { object } if object == root);
        if goes_with && !member.kind.ends_with("NetworkPolicy") {
            contents.push(delete(inputs, job));
        }
    }
    stream::iter(contents).for_each_concurrent(AT_ONCE, async |deletion| deletion.await).await;
}

/// Of one namespace at once; of all, as many as [`super::looks::Looks::turn`] gives.
const AT_ONCE: usize = 4;

async fn delete(inputs: &WorkInputs, job: &Job) {
    let object = &job.change.object;
    let (Some(uid), Ok(resource)) = (&job.change.precondition.uid, inputs.writer.resource(&object.group_kind(), None))
    else {
        return;
    };
    let _turn = inputs.looks.turn().await;
    // Its namespace goes: what this does not delete, the controller does, and says why it cannot.
    let _ = inputs.writer.delete(&resource, object, uid, Propagation::Background).await;
}
