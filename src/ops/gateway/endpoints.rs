//! Where the gateways of a plan answer. Pure.

use crate::apply::{Outcome, Run};
use crate::object::names::{GATEWAY, gateway_url};
use crate::object::role::gateway_deployment;
use crate::object::{ObjectRef, Word};
use crate::plan::Plan;

/// Cluster and URL of every gateway of the plan that answers: its Service is as described, and its pods are ready.
#[must_use]
pub(crate) fn endpoints(plan: &Plan, run: &Run) -> Vec<(String, String)> {
    let is_ready = |wanted: &ObjectRef| {
        let outcome = run.outcomes.iter().find(|(object, ..)| object == wanted).map(|(_, _, outcome)| outcome);
        matches!(outcome, Some(Outcome::Applied | Outcome::Unchanged))
    };
    let answers = |cluster: &Word| is_ready(&gateway_deployment(cluster));
    let services =
        plan.changes.iter().filter(|change| change.object.is("", "Service") && change.object.name == GATEWAY);
    let desired = services.filter(|change| !change.desired.is_null()).filter(|change| is_ready(&change.object));
    desired
        .filter_map(|change| change.object.namespace.clone())
        .filter(answers)
        .map(|cluster| (cluster.to_string(), gateway_url(&cluster)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::plan::{Action, Change, Reason};

    fn create(object: ObjectRef) -> Change {
        Change { desired: json!({}).into(), ..Change::bare(object, Action::Create, Reason::Absent) }
    }

    /// The endpoints of a plan whose gateway's Service and Deployment ended so.
    fn shown(service: &Outcome, deployment: &Outcome) -> usize {
        let objects = [ObjectRef::namespaced("", "Service", "prod", GATEWAY), gateway_deployment("prod")];
        let plan = Plan { changes: objects.iter().cloned().map(create).collect(), ..Plan::default() };
        let outcomes = objects.into_iter().zip([service, deployment]);
        let outcomes = outcomes.map(|(object, outcome)| (object, Action::Create, outcome.clone()));
        let run = Run {
            outcomes: outcomes.collect(),
            elapsed: Duration::ZERO,
            interrupted: false,
            forbidden: std::collections::BTreeSet::new(),
            recorded: None,
            rolled_back: std::collections::BTreeMap::new(),
            unrecorded: None,
        };
        endpoints(&plan, &run).len()
    }

    #[test]
    fn a_gateway_answers_when_its_service_and_its_pods_are_there() {
        let failed = Outcome::Failed { error: "not ready".into(), hint: None, unhealthy: true, deleted: false };
        let skipped = Outcome::Skipped { because: "interrupted".into() };
        assert_eq!(shown(&Outcome::Applied, &Outcome::Applied), 1);
        assert_eq!(shown(&Outcome::Unchanged, &Outcome::Unchanged), 1);
        for bad in [failed, skipped] {
            assert_eq!((shown(&Outcome::Applied, &bad), shown(&bad, &Outcome::Applied)), (0, 0));
        }
    }
}
