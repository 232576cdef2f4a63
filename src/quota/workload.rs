//! What one desired object asks of a quota by its pods: those it keeps, those it needs beside them while they are
//! replaced, and those that an autoscaler may add.

use serde_json::Value;

use super::item::{Item, Step};
use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::{self, Pod};
use super::running::Running;
use crate::diff::Diff;
use crate::object::field::number;
use crate::object::{ObjectRef, Quantity};

/// An object that makes pods, or is one.
pub(super) struct Workload<'a> {
    pub(super) item: &'a Item<'a>,
    /// The spec of the pods that it makes.
    pub(super) spec: &'a Value,
    /// Its live pods.
    old: Vec<&'a Value>,
    /// How many it keeps; none when it keeps what is there.
    keeps: Option<i64>,
    /// How many more an autoscaler may add.
    more: i64,
    /// How many it runs now and then: a run of a `CronJob`.
    run: i64,
    /// Whether a new pod must be up before an old one goes.
    surges: bool,
    /// Whether this plan makes pods, or waits for some that are not there.
    pub(super) makes: bool,
}

/// What a workload asks for under one key.
pub(super) struct Need {
    /// All the time.
    pub(super) steady: Quantity,
    /// Beside that, for a while.
    pub(super) extra: Quantity,
    /// Beside that, when an autoscaler wants it.
    pub(super) more: Quantity,
    pub(super) makes: bool,
    /// The sum behind `steady` and `extra`.
    pub(super) words: String,
}

impl<'a> Workload<'a> {
    /// The workload that an object is; none when it makes no pods.
    pub(super) fn new(item: &'a Item<'a>, pods: &[Running<'a>], scaler: Option<&Value>) -> Option<Self> {
        let (next, object) = (item.next, item.object);
        let spec = pod::spec(next).filter(|_| is_known(object))?;
        let old: Vec<_> = pods.iter().filter(|pod| pod.is_of(object)).map(|pod| pod.spec).collect();
        let there = i64::try_from(old.len()).unwrap_or(i64::MAX);
        let fresh = item.step.makes();
        let changed = item.step == Step::Update && item.live.is_some_and(|live| template_differs(live, next));
        let (keeps, more) = keeps(item, there, scaler);
        let run = if object.kind == "CronJob" { parallel(next.pointer("/spec/jobTemplate/spec"), next) } else { 0 };
        let pods = keeps.unwrap_or(there);
        let surges = object.kind == "Deployment" && changed && there > 0 && pods > 0 && none_may_be_missing(next, pods);
        let makes = (fresh && pods + run > 0) || (changed && pods > 0) || pods > there;
        Some(Self { item, spec, old, keeps, more, run, surges, makes })
    }

    /// What it asks for under a key.
    pub(super) fn need(&self, measure: &Measure, defaults: &Defaults) -> Need {
        let amount = |spec| Pod { spec, defaults }.amount(measure);
        let each = amount(self.spec);
        let there = || self.old.iter().map(|spec| amount(spec));
        let steady = self.keeps.map_or_else(|| there().sum(), |count| each.times(count));
        let old = there().max().unwrap_or_default();
        let (surge, run) = (self.surge(each, old), each.times(self.run));
        let name = format!("{}/{}", self.item.object.kind, self.item.object.name);
        let kept = match self.keeps {
            Some(count) if count > 0 => format!("{name} {count} × {each}"),
            _ => format!("{name} {steady}"),
        };
        let words = if self.run > 0 {
            format!("a run of {name} {} × {each}", self.run)
        } else if surge.is_zero() {
            kept
        } else if old <= each {
            format!("{kept} + 1 surge pod × {surge}")
        } else {
            format!("{kept} + {surge} while its pods of {old} are replaced one by one")
        };
        Need { steady, extra: surge + run, more: each.times(self.more), makes: self.makes, words }
    }

    /// With `n` pods to replace, one new one beside the old ones: the most there is at any time is
    /// `n × larger + smaller`.
    fn surge(&self, each: Quantity, old: Quantity) -> Quantity {
        if !self.surges {
            return Quantity::ZERO;
        }
        each.min(old) + old.less(each).times(self.keeps.unwrap_or(0))
    }
}

/// Kinds whose number of pods is known here.
fn is_known(object: &ObjectRef) -> bool {
    let kinds = match object.group.as_str() {
        "" => &["Pod", "ReplicationController"][..],
        "apps" => &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"][..],
        "batch" => &["CronJob", "Job"][..],
        _ => &[],
    };
    kinds.contains(&object.kind.as_str())
}

/// How many pods it keeps, and how many more it may have.
fn keeps(item: &Item<'_>, there: i64, scaler: Option<&Value>) -> (Option<i64>, i64) {
    let (next, fresh) = (item.next, item.step.makes());
    match item.object.kind.as_str() {
        "Pod" => (fresh.then_some(1), 0),
        "Job" => (fresh.then(|| parallel(next.get("spec"), next)), 0),
        // One for each node that it fits; nodes are not read.
        "DaemonSet" => (Some(there.max(i64::from(fresh))), 0),
        "CronJob" => (None, 0),
        _ => {
            let written = number(next, "/spec/replicas");
            let count = written.unwrap_or(if fresh { 1 } else { there });
            match scaler {
                // Of none, an autoscaler makes none.
                Some(scaler) if count > 0 => {
                    let least = number(scaler, "/spec/minReplicas").unwrap_or(1).max(count);
                    let most = number(scaler, "/spec/maxReplicas").unwrap_or(least);
                    (Some(least), (most - least).max(0))
                }
                _ => (Some(count), 0),
            }
        }
    }
}

/// Pods that a Job runs at once.
fn parallel(job: Option<&Value>, object: &Value) -> i64 {
    let of_job = |pointer: &str| job.and_then(|job| number(job, pointer));
    let suspended = |value: Option<&Value>| value.and_then(|value| value.get("suspend")?.as_bool()) == Some(true);
    if suspended(job) || suspended(object.get("spec")) {
        return 0;
    }
    let at_once = of_job("/parallelism").unwrap_or(1);
    of_job("/completions").map_or(at_once, |completions| completions.min(at_once))
}

fn template_differs(live: &Value, next: &Value) -> bool {
    let template = |object: &Value| object.pointer("/spec/template").cloned().unwrap_or_default();
    !Diff::between(&template(live), &template(next)).is_empty()
}

/// Whether a rolling update must bring a pod up before it takes one down (Kubernetes, *Deployments*, "Max
/// Unavailable" and "Max Surge"; the defaults are 25 % of each, rounded down and up).
fn none_may_be_missing(deployment: &Value, pods: i64) -> bool {
    let strategy = deployment.pointer("/spec/strategy");
    if strategy.and_then(|strategy| strategy.get("type")).and_then(Value::as_str) == Some("Recreate") {
        return false;
    }
    let rolling = |field: &str| strategy.and_then(|strategy| strategy.get("rollingUpdate")?.get(field));
    let missing = share(rolling("maxUnavailable"), pods, Rounding::Down);
    let surge = share(rolling("maxSurge"), pods, Rounding::Up);
    missing == 0 && surge > 0
}

/// Where a share between two whole numbers goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Up,
    Down,
}

/// A number, or a percentage of `pods`.
fn share(value: Option<&Value>, pods: i64, rounding: Rounding) -> i64 {
    if let Some(absolute) = value.and_then(Value::as_i64) {
        return absolute;
    }
    let text = value.and_then(Value::as_str).unwrap_or("25%");
    let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(25);
    let share = pods.saturating_mul(percent);
    if rounding == Rounding::Up { share.saturating_add(99) / 100 } else { share / 100 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rolling_update_needs_a_surge_pod_when_none_may_be_missing() {
        let rolling = |unavailable: Value, surge: Value| json!({"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": surge}}}});
        for (deployment, pods, needed) in [
            (json!({}), 1, true),
            (json!({}), 3, true),
            (json!({}), 4, false),
            (rolling(json!(0), json!(1)), 9, true),
            (rolling(json!(1), json!(0)), 1, false),
            (rolling(json!("10%"), json!("10%")), 9, true),
            (rolling(json!("10%"), json!("10%")), 10, false),
            // Neither: the controller takes one down.
            (rolling(json!("0%"), json!("0%")), 3, false),
            (json!({"spec": {"strategy": {"type": "Recreate"}}}), 1, false),
        ] {
            assert_eq!(none_may_be_missing(&deployment, pods), needed, "{deployment} {pods}");
        }
    }

    #[test]
    fn a_job_runs_no_more_pods_than_it_has_work_for() {
        for (spec, pods) in [
            (json!({}), 1),
            (json!({"parallelism": 3}), 3),
            (json!({"parallelism": 3, "completions": 2}), 2),
            (json!({"parallelism": 3, "suspend": true}), 0),
        ] {
            assert_eq!(parallel(Some(&spec), &Value::Null), pods, "{spec}");
        }
    }
}
