//! Whether what a plan makes fits into the quotas of its namespaces: an error before anything is written, not a
//! rollout that hangs. Pure.
//!
//! Of pods, it counts what each workload keeps, one surge pod or one run of a `CronJob` (the largest, for the rest
//! can wait for it), and what others use. What is to be deleted counts too, for deletes come last. Of objects, it
//! counts those that are there and those that are made. It does not know of objects that controllers make beside
//! pods, of storage, and of the nodes of a `DaemonSet` that is new.

mod limit_range;
mod measure;
mod pod;
mod quota;
mod running;
mod scope;
mod silent;
#[cfg(test)]
mod tests;
mod total;
mod verdict;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::limit_range::Defaults;
use self::measure::Measure;
use self::quota::Quota;
use self::total::{Pods, Total};
use self::workload::Workload;
use super::{Action, Change, Desired, Observed, Plan, Preview, Problem, Severity};
use crate::object::{GroupKind, ObjectRef, Quantity};

/// What there is in a namespace besides what is desired.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Its `ResourceQuota`s.
    pub quotas: Vec<Value>,
    /// Its `LimitRange`s.
    pub limit_ranges: Vec<Value>,
    /// Its pods.
    pub pods: Vec<Value>,
    /// How many objects there are, `plural.group` by `plural.group`, where no quota counts them yet.
    pub counts: BTreeMap<String, i64>,
}

/// What a plan is held against.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What should be.
    pub desired: &'a BTreeMap<ObjectRef, Desired>,
    /// What is.
    pub observed: &'a BTreeMap<ObjectRef, Observed>,
    /// What was found in the namespaces that exist; those to come have nothing in them.
    pub around: &'a BTreeMap<String, Surroundings>,
    /// The names of kinds in the keys of quotas: `languagemodels.langop.io`.
    pub plurals: &'a BTreeMap<GroupKind, String>,
}

/// One desired object as the plan leaves it.
pub(super) struct Wanted<'a> {
    object: &'a ObjectRef,
    action: Action,
    desired: &'a Desired,
    next: &'a Value,
    live: Option<&'a Value>,
}

/// Namespaces in which the plan makes or changes something: where quotas matter.
#[must_use]
pub fn namespaces(plan: &Plan) -> BTreeSet<&str> {
    plan.changes
        .iter()
        .filter(|change| writes(change))
        .filter_map(|change| change.object.namespace.as_deref())
        .collect()
}

/// Whether a key of a quota counts pods, so that the pods of its namespace must be known.
#[must_use]
pub fn counts_pods(key: &str) -> bool {
    Measure::of(key).is_some_and(|measure| measure.is_of_pods())
}

/// The objects that a key of a quota counts, as `plural.group`.
#[must_use]
pub fn counted_objects(key: &str) -> Option<String> {
    match Measure::of(key)? {
        Measure::Objects(objects) => Some(objects),
        _ => None,
    }
}

/// Whether an object makes pods.
#[must_use]
pub fn makes_pods(object: &Value) -> bool {
    pod::spec(object).is_some()
}

/// The limit of one pod of this object; none when a container has none, or it makes no pods.
#[must_use]
pub fn limit_of_pod(object: &Value, resource: &str) -> Option<Quantity> {
    let (spec, defaults) = (pod::spec(object)?, Defaults::default());
    let (pod, measure) = (pod::Pod { spec, defaults: &defaults }, Measure::Limits(resource.to_owned()));
    pod.silent(&measure).is_empty().then(|| pod.amount(&measure))
}

fn writes(change: &Change) -> bool {
    matches!(change.action, Action::Create | Action::Update | Action::Replace)
}

impl Question<'_> {
    /// Errors and warnings, namespace by namespace.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        namespaces(self.plan).into_iter().flat_map(|namespace| self.of_namespace(namespace)).collect()
    }

    fn of_namespace(&self, namespace: &str) -> Vec<Problem> {
        let nothing = Surroundings::default();
        let around = self.around.get(namespace).unwrap_or(&nothing);
        let wanted = self.wanted(namespace);
        let quotas = Quota::all(namespace, &wanted, &around.quotas);
        let defaults = Defaults::of(limit_ranges(&wanted, around));
        let running = running::running(&around.pods);
        let scaler = |object: &ObjectRef| wanted.iter().find(|scaler| scales(scaler, object)).map(|scaler| scaler.next);
        let workloads = wanted.iter().filter_map(|wanted| Workload::of(wanted, &running, scaler(wanted.object)));
        let leaving = self.leaving(namespace);
        let pods = Pods { workloads: workloads.collect(), running: &running, defaults: &defaults, leaving: &leaving };
        let mut found = Vec::new();
        for quota in &quotas {
            found.extend(silent::problems(quota, &pods.workloads, &defaults));
            for (key, hard) in quota.hard() {
                let total = match Measure::of(key) {
                    Some(Measure::Objects(objects)) => self.objects(namespace, quota, key, &objects),
                    Some(measure) => pods.total(quota, key, &measure),
                    None => continue,
                };
                found.extend(verdict::of(quota, key, hard, &total));
            }
        }
        let explained = found.iter().any(|problem| problem.severity == Severity::Error);
        if !explained && !quotas.iter().any(Quota::is_written) {
            found.extend(self.unexplained(&wanted));
        }
        found
    }

    /// What is desired in a namespace, without what already has an error.
    fn wanted(&self, namespace: &str) -> Vec<Wanted<'_>> {
        let here = |change: &&Change| change.object.namespace.as_deref() == Some(namespace);
        let wanted = |change: &'_ Change| -> Option<Wanted<'_>> {
            let (object, desired) = self.desired.get_key_value(&change.object)?;
            let observed = self.observed.get(object)?;
            let (next, live) = next(desired, observed);
            Some(Wanted { object, action: change.action, desired, next, live })
        };
        self.plan.changes.iter().filter(here).filter_map(wanted).collect()
    }

    fn leaving(&self, namespace: &str) -> Vec<&ObjectRef> {
        let deleted = self.plan.of(Action::Delete).map(|change| &change.object);
        deleted.filter(|object| object.namespace.as_deref() == Some(namespace)).collect()
    }

    fn objects(&self, namespace: &str, quota: &Quota<'_>, key: &str, objects: &str) -> Total {
        let around = self.around.get(namespace);
        let count = around.and_then(|around| around.counts.get(objects)).copied().unwrap_or_default();
        let counted = self.plan.changes.iter().filter(|change| {
            let plural = self.plurals.get(&change.object.group_kind());
            change.object.namespace.as_deref() == Some(namespace) && plural.is_some_and(|plural| plural == objects)
        });
        let counted: Vec<_> = counted.map(|change| (&change.object, change.action)).collect();
        total::of_objects(quota.used(key).unwrap_or(Quantity::units(count)), &counted)
    }

    /// Objects that the server had no room for, though by what is known here there is.
    fn unexplained(&self, wanted: &[Wanted<'_>]) -> Vec<Problem> {
        let refusal = |wanted: &Wanted<'_>| match self.observed.get(wanted.object)? {
            Observed::Absent(Preview::NoRoom { message, .. })
            | Observed::Live { next: Preview::NoRoom { message, .. }, .. } => {
                Some(verdict::refused(wanted.object, message))
            }
            _ => None,
        };
        wanted.iter().filter_map(refusal).collect()
    }
}

/// What an object will be, and what it is.
fn next<'a>(desired: &'a Desired, observed: &'a Observed) -> (&'a Value, Option<&'a Value>) {
    let becomes = |preview: &'a Preview| match preview {
        Preview::Becomes { object, .. } | Preview::NoRoom { object, .. } => object,
        _ => &desired.object,
    };
    match observed {
        Observed::Live { live, next, .. } => (becomes(next), Some(live)),
        Observed::Absent(next) => (becomes(next), None),
        _ => (&desired.object, None),
    }
}

/// Those that are desired stand for the live ones of their name.
fn limit_ranges<'a>(wanted: &'a [Wanted<'a>], around: &'a Surroundings) -> impl Iterator<Item = &'a Value> {
    let desired: Vec<_> = wanted.iter().filter(|wanted| wanted.object.is("", "LimitRange")).collect();
    let names: BTreeSet<_> = desired.iter().map(|wanted| wanted.object.name.as_str()).collect();
    let name = |range: &Value| range.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let live = around.limit_ranges.iter().filter(move |range| !names.contains(name(range).as_str()));
    desired.into_iter().map(|wanted| wanted.next).chain(live)
}

fn scales(scaler: &Wanted<'_>, object: &ObjectRef) -> bool {
    let of = |key: &str| scaler.next.pointer(&format!("/spec/scaleTargetRef/{key}")).and_then(Value::as_str);
    scaler.object.is("autoscaling", "HorizontalPodAutoscaler")
        && of("kind") == Some(object.kind.as_str())
        && of("name") == Some(object.name.as_str())
}
