//! What became of objects that no run has seen ready: asked for those alone, so that a plan of a healthy stack costs
//! nothing more.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::OpsError;
use super::hidden::Hidden;
use super::observe::{AT_ONCE, Observation};
use crate::apply::{self, Ending, Life};
use crate::cluster::{ClusterError, Reader};
use crate::object::ObjectRef;
use crate::plan::{Action, Observed, Owned, Plan, Problem, Reason, Unhealthy};
use crate::readiness::{self, Standing, State, goes_when_ended};
use crate::state::Inventory;

/// Notes which of the objects that are gone ran to their end: a Job may finish, and be removed by its TTL, after the run
/// that made it. Up to two requests for each that may have.
pub(super) async fn learn_endings(
    reader: &Reader,
    inventory: &Inventory,
    observation: &Observation,
    owned: &mut BTreeMap<ObjectRef, Owned>,
) -> Result<(), OpsError> {
    for (object, owned) in owned.iter_mut().filter(|(_, owned)| owned.standing == Standing::Waiting) {
        let absent = matches!(observation.observed.get(object), Some(Observed::Absent(_)));
        let goes = observation.desired.get(object).is_some_and(|desired| goes_when_ended(&desired.object));
        let entry = inventory.entries.get(object);
        let life = entry.and_then(|entry| Some((entry.uid.as_deref()?, entry.resource_version.as_deref()?)));
        let Some((uid, version)) = life.filter(|_| absent && goes) else { continue };
        let resource = reader.resource(&object.group_kind(), None)?;
        if apply::ending(reader, &resource, &Life { object, uid, version }).await? == Ending::Completed {
            owned.standing = Standing::Completed;
        }
    }
    Ok(())
}

/// Objects that are as described and not ready, and a warning about those that may not be seen. One GET for each that no
/// run has seen ready, and where it still is not up to three LISTs for the cause.
pub(super) async fn unhealthy(
    reader: &Reader,
    inventory: &Inventory,
    plan: &Plan,
    observation: &Observation,
) -> Result<(Vec<Unhealthy>, Option<Problem>), OpsError> {
    let unchanged = plan.with_action(Action::NoOp).filter(|change| change.reason != Reason::Completed);
    let recorded = unchanged.filter(|change| {
        inventory.entries.get(&change.object).is_some_and(|entry| entry.standing == Standing::Waiting)
    });
    let looks = recorded
        .map(|change| &change.object)
        .map(async |object| look(reader, object, observation.observed.get(object)).await);
    let found: Vec<_> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    let (mut unhealthy, mut hidden) = (Vec::new(), BTreeSet::new());
    for seen in found {
        match seen {
            Seen::Well => {}
            Seen::Unhealthy(object) => unhealthy.push(object),
            Seen::Hidden(object) => drop(hidden.insert(object.to_string())),
        }
    }
    let unread = Hidden { code: "health-unread", verb: "get", resource: "what no run has seen ready" };
    Ok((unhealthy, unread.warning("whether it is healthy by now", &hidden)))
}

/// What a look at an object shows.
enum Seen {
    /// It is ready, or gone: then the plan makes it.
    Well,
    Unhealthy(Unhealthy),
    /// It is not known to be ready, nor not to be.
    Hidden(ObjectRef),
}

/// Whether one object is ready.
async fn look(reader: &Reader, object: &ObjectRef, observed: Option<&Observed>) -> Result<Seen, ClusterError> {
    let live = match observed {
        Some(Observed::Live { live, .. }) => Some(live.clone()),
        _ => match reader.find(object).await {
            Err(ClusterError::Forbidden(_)) => return Ok(Seen::Hidden(object.clone())),
            answer => answer?,
        },
    };
    let Some(live) = live else { return Ok(Seen::Well) };
    let readiness = readiness::assess(&live);
    if matches!(readiness.state, State::Current | State::Unknown) {
        return Ok(Seen::Well);
    }
    let reason = apply::with_cause(&readiness.reason, apply::cause(reader, object, &live).await?);
    Ok(Seen::Unhealthy(Unhealthy { object: object.clone(), state: readiness.state, reason }))
}
