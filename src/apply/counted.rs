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
use super::task::Tools;
use super::wait::Waited;
use crate::cluster::{Body, ClusterError};
use crate::object::ObjectRef;
use crate::plan::{Action, capacity};
use crate::readiness::{Readiness, uncounted};

const PAUSE: Duration = Duration::from_secs(1);
/// How often the controller is made to look again.
const NUDGE: Duration = Duration::from_secs(5);

/// Waits for a quota that was there before this run. One that is new waits for what it counts instead.
pub(super) async fn wait(
    tools: &Tools,
    job: &Job,
    desired: &Value,
    say: &mut impl FnMut(Readiness),
) -> Result<Waited, ClusterError> {
    let quota = &job.change.object;
    if !quota.is("", "ResourceQuota") || job.change.action == Action::Create {
        return Ok(Waited::Ready);
    }
    let needed = needed(tools, quota);
    let (begun, mut nudged, mut said) = (Instant::now(), None::<Instant>, String::new());
    while !needed.is_empty() {
        let Some(live) = tools.writer.find(quota).await? else {
            return Ok(Waited::NotReady("it was deleted by someone else".to_owned()));
        };
        let missing: Vec<_> = uncounted(&live).into_iter().filter(|key| needs(&needed, key)).collect();
        if missing.is_empty() {
            break;
        }
        let reason = format!("its controller does not count {} yet", missing.join(", "));
        if begun.elapsed() > tools.patience.idle {
            return Ok(Waited::NotReady(reason));
        }
        if reason != said {
            said.clone_from(&reason);
            say(Readiness::in_progress(reason));
        }
        if nudged.is_none_or(|last| last.elapsed() >= NUDGE) {
            nudge(tools, job, desired, &missing).await?;
            nudged = Some(Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Waited::Ready)
}

/// The objects of this run that wait for the quota, as `plural.group`.
fn needed(tools: &Tools, quota: &ObjectRef) -> BTreeSet<String> {
    let made = tools.jobs.values().filter(|job| matches!(job.change.action, Action::Create | Action::Replace));
    let counted = made.filter(|job| job.change.depends_on.iter().any(|dependency| dependency.on == *quota));
    // A kind that is not served yet is made by this run; its first object finds out.
    let resources = counted.filter_map(|job| tools.writer.resource(&job.change.object.group_kind(), None).ok());
    resources.map(|resource| resource.qualified()).collect()
}

fn needs(needed: &BTreeSet<String>, key: &str) -> bool {
    capacity::counted_objects(key).is_some_and(|objects| needed.contains(&objects))
}

async fn nudge(tools: &Tools, job: &Job, desired: &Value, missing: &[String]) -> Result<(), ClusterError> {
    let resource = tools.writer.resource(&job.change.object.group_kind(), None)?;
    let mut without = desired.clone();
    if let Some(hard) = without.pointer_mut("/spec/hard").and_then(Value::as_object_mut) {
        hard.retain(|key, _| !missing.contains(key));
    }
    for body in [without, desired.clone()] {
        let body = Body::plain(body);
        let body = job.change.precondition.uid.iter().fold(body, |body, uid| body.only_for(uid));
        tools.writer.apply(&resource, &body, tools.force).await?;
    }
    Ok(())
}
