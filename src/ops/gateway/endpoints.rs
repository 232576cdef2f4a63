//! Where the gateways of a plan answer. Pure.

use crate::apply::{Outcome, Run};
use crate::object::names::{GATEWAY, gateway_url};
use crate::plan::{Change, Plan};

/// Cluster and URL of every gateway of the plan whose Service is as described.
#[must_use]
pub(crate) fn endpoints(plan: &Plan, run: &Run) -> Vec<(String, String)> {
    let is_there = |change: &&Change| {
        let outcome = run.outcomes.iter().find(|(object, ..)| *object == change.object).map(|(_, _, outcome)| outcome);
        matches!(outcome, Some(Outcome::Applied | Outcome::Unchanged))
    };
    let services =
        plan.changes.iter().filter(|change| change.object.is("", "Service") && change.object.name == GATEWAY);
    let desired = services.filter(|change| !change.desired.is_null()).filter(is_there);
    desired
        .filter_map(|change| change.object.namespace.clone())
        .map(|cluster| (cluster.clone(), gateway_url(&cluster)))
        .collect()
}
