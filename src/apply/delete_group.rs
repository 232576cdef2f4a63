//! Which deletes need a request, and what goes with each: the content of a namespace, what an owner owns. Pure.
//!
//! What runs pods always has a request of its own, and goes before the namespace or owner that would take it along:
//! what isolates pods, and is taken along too, must outlive them. The namespace controller does not see to that: an
//! owner's policies go at once while its pods take their grace period, and a namespace with pods left is looked at
//! again only after half of that.

use std::collections::BTreeMap;

use crate::object::ObjectRef;
use crate::plan::{Action, Change, Dependency, Reason, Wait};

/// Deletes that need a request of their own, each with everything that goes with it.
#[derive(Debug, Default)]
pub(super) struct DeleteGroups {
    members: BTreeMap<ObjectRef, Vec<ObjectRef>>,
    /// Dependencies between the objects that need a request, lifted from those of what goes with them.
    pub(super) dependencies: BTreeMap<ObjectRef, Vec<Dependency>>,
}

impl DeleteGroups {
    /// Groups the deletes of a plan.
    pub(super) fn new<'a>(changes: impl Iterator<Item = &'a Change>) -> Self {
        let deletes: BTreeMap<_, _> =
            changes.filter(|change| change.action == Action::Delete).map(|change| (&change.object, change)).collect();
        let mut groups = Self::default();
        for object in deletes.keys() {
            let root = root(&deletes, object);
            let members = groups.members.entry(root.clone()).or_default();
            if *object != root {
                members.push((*object).clone());
            }
        }
        for (object, change) in &deletes {
            let from = root(&deletes, object);
            // A budget or an autoscaler names the workload that it is about: that must not turn the order around.
            let goes_before = |on: &ObjectRef| taker(&deletes, on).is_some_and(|taker| taker.on == *from);
            let going_too = change.depends_on.iter().filter(|dependency| deletes.contains_key(&dependency.on));
            let lifted = going_too
                .map(|dependency| Dependency { on: root(&deletes, &dependency.on).clone(), ..dependency.clone() });
            let lifted = lifted.chain(taker(&deletes, object).into_iter().filter(|_| *object == from));
            let others = lifted.filter(|dependency| dependency.on != *from && !goes_before(&dependency.on));
            groups.dependencies.entry(from.clone()).or_default().extend(others);
        }
        groups
    }

    /// What goes with an object that is deleted by a request of its own.
    pub(super) fn members(&self, root: &ObjectRef) -> &[ObjectRef] {
        self.members.get(root).map_or(&[], Vec::as_slice)
    }
}

/// What would take the object along, as what goes after it.
fn taker(deletes: &BTreeMap<&ObjectRef, &Change>, object: &ObjectRef) -> Option<Dependency> {
    let Reason::With { object: next } = &deletes.get(object)?.reason else { return None };
    let on = deletes.get_key_value(next).map(|(next, _)| root(deletes, next).clone())?;
    Some(Dependency { on, wait: Wait::Exists, why: "what isolates its pods outlives them".to_owned() })
}

/// Whether deleting the object ends pods.
pub(super) fn runs_pods(object: &ObjectRef) -> bool {
    match (object.group.as_str(), object.kind.as_str()) {
        ("apps", kind) => kind != "ControllerRevision",
        ("batch", _) => true,
        ("", kind) => ["Pod", "ReplicationController"].contains(&kind),
        _ => false,
    }
}

fn root<'a>(deletes: &BTreeMap<&'a ObjectRef, &'a Change>, object: &'a ObjectRef) -> &'a ObjectRef {
    let mut at = object;
    // A chain is never longer than the plan; the bound guards against a cycle of owners.
    for _ in 0..deletes.len() {
        if runs_pods(at) {
            break;
        }
        match deletes.get(at).map(|change| &change.reason) {
            Some(Reason::With { object: next }) => match deletes.get_key_value(next) {
                Some((next, _)) => at = next,
                None => break,
            },
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Limit;
    use crate::apply::schedule::Schedule;
    use crate::graph::Graph;
    use crate::object::ObjectRef;

    fn with(object: ObjectRef, next: &ObjectRef) -> Change {
        going(object, Reason::With { object: next.clone() })
    }

    fn going(object: ObjectRef, reason: Reason) -> Change {
        Change::bare(object, Action::Delete, reason)
    }

    #[test]
    fn pods_end_before_what_takes_their_policies_along() {
        ends_first(None);
    }

    #[test]
    fn what_goes_along_and_is_about_the_workload_does_not_turn_the_order_around() {
        ends_first(Some(("policy", "PodDisruptionBudget", "spec.selector")));
        ends_first(Some(("autoscaling", "HorizontalPodAutoscaler", "spec.scaleTargetRef.name")));
        ends_first(Some(("example.com", "Tuner", "spec.workloadRef")));
    }

    /// The gateway ends first, also where something of its namespace waited for it when it was made.
    fn ends_first(about: Option<(&str, &str, &str)>) {
        let cluster = ObjectRef::cluster_scoped("langop.io", "LanguageCluster", "c");
        let namespace = ObjectRef::of_namespace("c");
        let policy = ObjectRef::namespaced("networking.k8s.io", "NetworkPolicy", "c", "gateway-ingress");
        let gateway = ObjectRef::namespaced("apps", "Deployment", "c", "gateway");
        let budget = ObjectRef::namespaced("policy", "PodDisruptionBudget", "c", "gateway");
        let changes = [
            going(cluster.clone(), Reason::Destroyed),
            with(namespace.clone(), &cluster),
            with(policy.clone(), &namespace),
            with(gateway.clone(), &namespace),
            with(budget.clone(), &namespace),
        ];
        let (mut changes, mut members) = (changes.to_vec(), vec![namespace.clone(), policy, budget]);
        if let Some((group, kind, field)) = about {
            let object = ObjectRef::namespaced(group, kind, "c", "about");
            let needs = Dependency { on: gateway.clone(), wait: Wait::Exists, why: field.to_owned() };
            changes.push(Change { depends_on: vec![needs], ..with(object.clone(), &namespace) });
            members.push(object);
        }
        let roots = DeleteGroups::new(changes.iter());
        assert_eq!(roots.members(&gateway), []);
        members.sort();
        assert_eq!(roots.members(&cluster), members);
        let graph = Graph::breaking_cycles(roots.dependencies.keys().cloned(), roots.dependencies.clone());
        let mut schedule = Schedule::reversed(&graph, Limit::new(9, 9));
        assert_eq!(schedule.start_next(), Some(gateway.clone()));
        assert_eq!(schedule.start_next(), None);
        // Accepted is not enough: its pods are still there.
        schedule.applied(&gateway);
        assert_eq!(schedule.start_next(), None);
        schedule.ready(&gateway);
        assert_eq!(schedule.start_next(), Some(cluster));
    }
}
