//! What is made of a gateway's metrics for those who look at them: a monitor by which a Prometheus finds its pods, alerts on
//! what the description declares, and a dashboard. Kinds of Prometheus' operator are made only where the target has them.

mod alerts;
mod dashboard;
mod promql;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::scope::Scope;
use crate::api::GatewayMetrics;
use crate::object::names::{GATEWAY, METRICS_PORT_NAME};
use crate::object::role::Role;
use crate::object::{GroupKind, Manifest, ObjectRef};

/// The group of Prometheus' operator.
const GROUP: &str = "monitoring.coreos.com";
/// Its version of both kinds.
const VERSION: &str = "monitoring.coreos.com/v1";
const MONITOR: &str = "PodMonitor";
const RULE: &str = "PrometheusRule";

/// The kinds that are made of metrics only where they are known.
pub(super) fn kinds(metrics: &GatewayMetrics) -> Vec<GroupKind> {
    let rules = metrics.rules().map(|_| RULE);
    [MONITOR].into_iter().chain(rules).map(|kind| GroupKind::new(GROUP, kind)).collect()
}

/// Everything that is made of the metrics of the cluster's gateway.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let Some(metrics) = &scope.gateway.metrics else { return Vec::new() };
    let is_known = |kind: &str| scope.target.optional_kinds.contains(&GroupKind::new(GROUP, kind));
    let monitor = is_known(MONITOR).then(|| monitor(scope, metrics));
    let rules = metrics.rules().filter(|_| is_known(RULE));
    let rules = rules.map(|rules| object(scope, metrics, RULE, &json!({ "groups": alerts::groups(scope, &rules) })));
    let dashboard = metrics.dashboard().map(|settings| dashboard::config_map(scope, metrics, &settings));
    monitor.into_iter().chain(rules).chain(dashboard).collect()
}

fn monitor(scope: &Scope<'_>, metrics: &GatewayMetrics) -> Manifest {
    let endpoint = json!({ "port": METRICS_PORT_NAME, "path": "/metrics", "interval": metrics.interval() });
    let spec = json!({
        "selector": { "matchLabels": Role::GATEWAY.selector(scope.cluster) },
        "podMetricsEndpoints": [endpoint],
    });
    object(scope, metrics, MONITOR, &spec)
}

fn object(scope: &Scope<'_>, metrics: &GatewayMetrics, kind: &str, spec: &Value) -> Manifest {
    let reference = ObjectRef::namespaced(GROUP, kind, scope.cluster, GATEWAY);
    let mut metadata = scope.meta(GATEWAY, Role::GATEWAY);
    metadata.labels = Some(with(&metrics.labels, metadata.labels.unwrap_or_default()));
    let object = json!({ "apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec });
    scope.custom(reference, VERSION, object)
}

/// The user's labels; langop's win.
fn with(labels: &BTreeMap<String, String>, own: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = labels.clone();
    all.extend(own);
    all
}
