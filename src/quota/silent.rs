//! Containers that say no limit where a quota asks for one: the API server refuses their pods.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::Pod;
use super::resource_quota::Quota;
use super::scope;
use super::workload::Workload;
use crate::object::field::{items, text};

/// One error for each workload that this plan makes pods of.
pub(super) fn findings(quota: &Quota<'_>, workloads: &[Workload<'_>], defaults: &Defaults) -> Vec<Finding> {
    let made = workloads.iter().filter(|workload| workload.makes && scope::counts(quota.spec, workload.spec));
    made.filter_map(|workload| finding(quota, workload, defaults)).collect()
}

fn finding(quota: &Quota<'_>, workload: &Workload<'_>, defaults: &Defaults) -> Option<Finding> {
    let pod = Pod { spec: workload.spec, defaults };
    let mut silent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, _) in quota.hard() {
        let names = Measure::parse(key).map(|measure| pod.silent(&measure)).unwrap_or_default();
        for name in names {
            silent.entry(name).or_default().push(key);
        }
    }
    let (first, _) = silent.first_key_value()?;
    let each: Vec<_> = silent.iter().map(|(name, keys)| format!("`{name}` says no {}", keys.join(" and "))).collect();
    let list = if is_init(workload, first) { "initContainers" } else { "containers" };
    Some(Finding {
        kind: Kind::NoLimit,
        object: workload.item.object.clone(),
        place: Some(format!("/spec/template/spec/{list}")),
        message: format!("{} refuses containers that do not say what it counts: {}", quota.object, each.join(", ")),
        hint: Some(
            "set `resources.limits` of each container (`resources` that are written replace langop's as a whole), or \
             add a LimitRange with defaults to the namespace"
                .to_owned(),
        ),
    })
}

fn is_init(workload: &Workload<'_>, name: &str) -> bool {
    items(workload.spec, "/initContainers").iter().any(|container| text(container, "/name") == Some(name))
}
