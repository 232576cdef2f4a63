//! Containers that say no limit where a quota asks for one: the API server refuses their pods.

use std::collections::BTreeMap;

use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::Pod;
use super::quota::Quota;
use super::workload::Workload;
use super::{scope, verdict};
use crate::plan::{Problem, Severity};

/// One error for each workload that this plan makes pods of.
pub(super) fn problems(quota: &Quota<'_>, workloads: &[Workload<'_>], defaults: &Defaults) -> Vec<Problem> {
    let made = workloads.iter().filter(|workload| workload.makes && scope::counts(quota.spec, workload.spec));
    made.filter_map(|workload| problem(quota, workload, defaults)).collect()
}

fn problem(quota: &Quota<'_>, workload: &Workload<'_>, defaults: &Defaults) -> Option<Problem> {
    let pod = Pod { spec: workload.spec, defaults };
    let mut silent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, _) in quota.hard() {
        let names = Measure::of(key).map(|measure| pod.silent(&measure)).unwrap_or_default();
        for name in names {
            silent.entry(name).or_default().push(key);
        }
    }
    let (first, _) = silent.first_key_value()?;
    let each: Vec<_> = silent.iter().map(|(name, keys)| format!("`{name}` says no {}", keys.join(" and "))).collect();
    let desired = workload.wanted.desired;
    let list = if is_init(workload, first) { "initContainers" } else { "containers" };
    Some(Problem {
        severity: Severity::Error,
        code: "no-limit".to_owned(),
        object: Some(workload.wanted.object.clone()),
        address: Some(desired.address.clone()),
        source: desired.place(&format!("/spec/template/spec/{list}")),
        message: format!(
            "{} refuses containers that do not say what it counts: {}",
            verdict::named(quota),
            each.join(", ")
        ),
        hint: Some(
            "set `resources.limits` of each container (`resources` that are written replace langop's as a whole), or \
             add a LimitRange with defaults to the namespace"
                .to_owned(),
        ),
    })
}

fn is_init(workload: &Workload<'_>, name: &str) -> bool {
    let init = workload.spec.get("initContainers").and_then(serde_json::Value::as_array);
    init.into_iter().flatten().any(|container| container.get("name").and_then(serde_json::Value::as_str) == Some(name))
}
