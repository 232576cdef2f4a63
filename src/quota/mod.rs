//! Whether what a plan makes fits into the quotas of its namespaces: an error before anything is written, not a
//! rollout that hangs. Pure.
//!
//! Of pods, it counts what each workload keeps, one surge pod or one run of a `CronJob` (the largest, for the rest
//! can wait for it), and what others use. What is to be deleted counts too, for deletes come last. Of objects, it
//! counts those that are there and those that are made; of langop's own kinds, what leaves goes first where there is no
//! room for both. It does not know of objects that controllers make beside
//! pods, of storage, and of the nodes of a `DaemonSet` that is new.

mod finding;
mod item;
mod limit_range;
mod measure;
mod pod;
mod resource_quota;
mod running;
mod scope;
mod silent;
mod total;
mod usage;
mod verdict;
mod workload;

pub(crate) use finding::Finding;
pub(crate) use item::{Item, Step};
pub(crate) use measure::counted_objects;
pub(crate) use pod::{limit_of_pod, makes_pods};
pub(crate) use running::limits_that_stay;
pub(crate) use usage::{Needed, Usage, uncounted, without_keys};

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::limit_range::Defaults;
use self::measure::Measure;
use self::resource_quota::Quota;
use self::total::{Pods, Total};
use self::workload::Workload;
use crate::object::field::text;
use crate::object::names::GROUP;
use crate::object::{GroupKind, ObjectRef, Quantity};

/// One namespace, as it is and as a plan leaves it.
#[derive(Clone, Debug)]
pub(crate) struct CapacityInputs<'a> {
    /// Its name.
    pub namespace: &'a str,
    /// What is desired in it, without what already has an error.
    pub items: Vec<Item<'a>>,
    /// Every object of it that the plan says something about.
    pub steps: Vec<(&'a ObjectRef, Step)>,
    /// What was found there; nothing in a namespace to come.
    pub usage: &'a Usage,
    /// The names of kinds in the keys of quotas: `languagemodels.langop.io`.
    pub plurals: &'a BTreeMap<GroupKind, String>,
}

impl CapacityInputs<'_> {
    /// Everything that does not fit, and all that only just does.
    #[must_use]
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let quotas = self.quotas();
        let defaults = Defaults::from_ranges(self.limit_ranges());
        let running = running::running(&self.usage.pods);
        let workloads = self.items.iter().filter_map(|item| Workload::new(item, &running, self.scaler(item.object)));
        let leaving: Vec<_> = self.with_step(Step::Delete).collect();
        let pods = Pods { workloads: workloads.collect(), running: &running, defaults: &defaults, leaving: &leaving };
        let mut found = Vec::new();
        for quota in &quotas {
            found.extend(silent::findings(quota, &pods.workloads, &defaults));
            for (key, hard) in quota.hard() {
                let total = match Measure::parse(key) {
                    Some(Measure::Objects(objects)) if takes_turns(&objects) => {
                        self.objects(quota, key, &objects).in_turn(hard)
                    }
                    Some(Measure::Objects(objects)) => self.objects(quota, key, &objects),
                    Some(measure) => pods.total(quota, key, &measure),
                    None => continue,
                };
                found.extend(verdict::judge(quota, key, hard, &total));
            }
        }
        found
    }

    /// Whether something of the object's kind goes before it is made, if there is no room for both.
    #[must_use]
    pub(crate) fn makes_room_for(&self, object: &ObjectRef) -> bool {
        let kind = object.group_kind();
        object.group == GROUP && self.with_step(Step::Delete).any(|leaving| leaving.group_kind() == kind)
    }

    /// Whether the plan makes or changes a quota here.
    #[must_use]
    pub(crate) fn writes_a_quota(&self) -> bool {
        self.quotas().iter().any(Quota::is_written)
    }

    fn quotas(&self) -> Vec<Quota<'_>> {
        Quota::all(self.namespace, &self.items, &self.usage.quotas)
    }

    fn with_step(&self, step: Step) -> impl Iterator<Item = &ObjectRef> {
        self.steps.iter().filter(move |(_, its)| *its == step).map(|(object, _)| *object)
    }

    /// What an autoscaler of the object will be.
    fn scaler(&self, object: &ObjectRef) -> Option<&Value> {
        self.items.iter().find(|scaler| scales(scaler, object)).map(|scaler| scaler.next)
    }

    /// Those that are desired stand for the live ones of their name.
    fn limit_ranges(&self) -> impl Iterator<Item = &Value> {
        let desired: Vec<_> = self.items.iter().filter(|item| item.object.is("", "LimitRange")).collect();
        let names: BTreeSet<_> = desired.iter().map(|item| item.object.name.as_str()).collect();
        let is_replaced = move |range: &Value| names.contains(text(range, "/metadata/name").unwrap_or_default());
        let live = self.usage.limit_ranges.iter().filter(move |range| !is_replaced(range));
        desired.into_iter().map(|item| item.next).chain(live)
    }

    fn objects(&self, quota: &Quota<'_>, key: &str, objects: &str) -> Total {
        let there = Quantity::units(self.usage.counts.get(objects).copied().unwrap_or_default());
        let counted = self
            .steps
            .iter()
            .filter(|(object, _)| self.plurals.get(&object.group_kind()).is_some_and(|plural| plural == objects));
        let counted: Vec<_> = counted.copied().collect();
        total::of_objects(quota.used(key).unwrap_or(there), &counted)
    }
}

/// Whether objects of this resource may go before others are made: nobody but langop acts on its own kinds.
fn takes_turns(objects: &str) -> bool {
    objects.split_once('.').is_some_and(|(_, group)| group == GROUP)
}

fn scales(scaler: &Item<'_>, object: &ObjectRef) -> bool {
    let target = |key: &str| text(scaler.next, &format!("/spec/scaleTargetRef/{key}"));
    scaler.object.is("autoscaling", "HorizontalPodAutoscaler")
        && target("kind") == Some(object.kind.as_str())
        && target("name") == Some(object.name.as_str())
}
