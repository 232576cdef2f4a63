//! Waits until a quota counts what is about to be made, and sees to it that it does.
//!
//! The quota controller looks for new kinds every 30 seconds, but at a quota only when its spec changes, and else
//! every five minutes (kube-controller-manager, `--resource-quota-sync-period`). A quota that is older than the
//! kind is therefore late by up to five minutes, and until then the API server lets none of that kind in ("status
//! unknown for quota"). Taking the key out of the spec and putting it back makes the controller look at once;
//! between the two requests there is no object that it could have let in too many: this run makes them later.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::job::Job;
use super::wait::Waited;
use super::work_inputs::WorkInputs;
use crate::cluster::{Body, ClusterError};
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::quota::{counted_objects, uncounted, without_keys};
use crate::readiness::{Readiness, Standing};

const PAUSE: Duration = Duration::from_secs(1);
/// How often the controller is made to look again.
const NUDGE: Duration = Duration::from_secs(5);

/// Waits for a quota that was there before this run. One that is new waits for what it counts instead.
pub(super) async fn wait_until_counted(
    inputs: &WorkInputs,
    job: &Job,
    desired: &Value,
    say: &mut impl FnMut(Readiness),
) -> Result<Waited, ClusterError> {
    let quota = &job.change.object;
    if job.change.action == Action::Create {
        return Ok(Waited::unseen(Standing::Ready));
    }
    let waiting = waiting_objects(inputs, quota);
    let (begun, mut nudged, mut said) = (Instant::now(), None::<Instant>, String::new());
    while !waiting.is_empty() {
        let Some(live) = inputs.writer.find(quota).await? else {
            return Ok(Waited::NotReady("it was deleted by someone else".to_owned()));
        };
        let missing: Vec<_> = uncounted(&live).into_iter().filter(|key| limits_any(&waiting, key)).collect();
        if missing.is_empty() {
            break;
        }
        let reason = format!("its controller does not count {} yet", missing.join(", "));
        if begun.elapsed() > inputs.patience.idle {
            return Ok(Waited::NotReady(reason));
        }
        if reason != said {
            said.clone_from(&reason);
            say(Readiness::in_progress(reason));
        }
        if nudged.is_none_or(|last| last.elapsed() >= NUDGE) {
            nudge(inputs, job, desired, &missing).await?;
            nudged = Some(Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Waited::unseen(Standing::Ready))
}

/// The objects of this run that wait for the quota, as `plural.group`.
fn waiting_objects(inputs: &WorkInputs, quota: &ObjectRef) -> BTreeSet<String> {
    let made = inputs.jobs.values().filter(|job| matches!(job.change.action, Action::Create | Action::Replace));
    let counted = made.filter(|job| job.change.depends_on.iter().any(|dependency| dependency.on == *quota));
    // A kind that is not served yet is made by this run; its first object finds out.
    let resources = counted.filter_map(|job| inputs.writer.resource(&job.change.object.group_kind(), None).ok());
    resources.map(|resource| resource.qualified()).collect()
}

fn limits_any(waiting: &BTreeSet<String>, key: &str) -> bool {
    counted_objects(key).is_some_and(|objects| waiting.contains(&objects))
}

/// Makes the controller look at the quota at once.
async fn nudge(inputs: &WorkInputs, job: &Job, desired: &Value, missing: &[String]) -> Result<(), ClusterError> {
    let resource = inputs.writer.resource(&job.change.object.group_kind(), None)?;
    for quota in [without_keys(desired, missing), desired.clone()] {
        let body = job.change.precondition.uid.iter().fold(Body::plain(quota), |body, uid| body.only_for(uid));
        inputs.writer.apply(&resource, &body, inputs.ownership).await?;
    }
    Ok(())
}
