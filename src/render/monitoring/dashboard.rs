//! The dashboard of a gateway: what its agents call, what that costs, and what is left of limits and budgets.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::with;
use crate::api::{GatewayMetrics, MetricsDashboard};
use crate::object::names::GATEWAY_DASHBOARD;
use crate::object::role::Role;
use crate::object::{Manifest, hex};
use crate::render::scope::Scope;

/// What panels are drawn over; all of it is there at once.
const WIDTH: usize = 12;
const HEIGHT: usize = 8;

/// A panel: its title, Grafana's name of its unit, what its lines are called, and their expression. `NS` stands for the
/// matcher of the cluster, and what is of the form `[RATE]` for Grafana's own interval.
struct Panel(&'static str, &'static str, &'static str, &'static str);

const PANELS: [Panel; 12] = [
    Panel(
        "Calls by agent",
        "reqps",
        "{{user}}",
        "sum by (user) (rate(litellm_proxy_total_requests_metric_total{NS}[RATE]))",
    ),
    Panel(
        "Failed calls by model",
        "reqps",
        "{{requested_model}} {{exception_status}}",
        "sum by (requested_model, exception_status) (rate(litellm_proxy_failed_requests_metric_total{NS}[RATE]))",
    ),
    Panel(
        "Time to answer, 95 of 100",
        "s",
        "{{model_id}}",
        "histogram_quantile(0.95, sum by (le, model_id) (rate(litellm_request_total_latency_metric_bucket{NS}[RATE])))",
    ),
    Panel(
        "Time at the provider, 95 of 100",
        "s",
        "{{model_id}}",
        "histogram_quantile(0.95, sum by (le, model_id) (rate(litellm_llm_api_latency_metric_bucket{NS}[RATE])))",
    ),
    Panel(
        "Tokens a second by model",
        "short",
        "{{model_id}}",
        "sum by (model_id) (rate(litellm_total_tokens_metric_total{NS}[RATE]))",
    ),
    Panel(
        "Dollars an hour by agent",
        "currencyUSD",
        "{{user}}",
        "sum by (user) (increase(litellm_spend_metric_total{NS}[1h]))",
    ),
    Panel(
        "Budgets: part that is spent",
        "percentunit",
        "{{of}}",
        "max by (of) (langop_budget_spent_usd{NS}) / max by (of) (langop_budget_limit_usd{NS})",
    ),
    Panel(
        "Calls refused for a budget",
        "short",
        "{{of}} {{why}}",
        "sum by (of, why) (increase(langop_budget_refusals_total{NS}[RATE]))",
    ),
    Panel(
        "Models: part of the limit of requests",
        "percentunit",
        "{{model_id}}",
        "sum by (model_id) (increase(litellm_deployment_total_requests_total{NS}[5m])) / 5 / \
         max by (model_id) (langop_model_requests_limit{NS})",
    ),
    Panel(
        "Agents: part of the limit of requests",
        "percentunit",
        "{{user}}",
        "sum by (user) (increase(litellm_proxy_total_requests_metric_total{NS}[5m])) / 5 / \
         max by (user) (langop_agent_requests_limit{NS})",
    ),
    Panel(
        "Calls that a fallback answered",
        "short",
        "{{requested_model}} by {{fallback_model}}",
        "sum by (requested_model, fallback_model) (increase(litellm_deployment_successful_fallbacks_total{NS}[RATE]))",
    ),
    Panel(
        "Deployments: 0 answers, 1 failed, 2 is rested",
        "short",
        "{{model_id}}",
        "max by (model_id) (litellm_deployment_state{NS})",
    ),
];

/// The `ConfigMap` that Grafana's sidecar finds.
pub(super) fn config_map(scope: &Scope<'_>, metrics: &GatewayMetrics, settings: &MetricsDashboard) -> Manifest {
    let file = format!("langop-{}.json", scope.cluster);
    let metadata = scope.meta(GATEWAY_DASHBOARD, Role::GATEWAY);
    let labels = with(&settings.labels(), metadata.labels.clone().unwrap_or_default());
    let folder = settings.folder.iter().map(|folder| ("grafana_folder".to_owned(), folder.clone()));
    let annotations: BTreeMap<_, _> = folder.collect();
    let annotations = (!annotations.is_empty()).then_some(annotations);
    let text = format!("{:#}\n", dashboard(scope, metrics.interval()));
    scope.manifest(&ConfigMap {
        metadata: ObjectMeta { labels: Some(labels), annotations, ..metadata },
        data: Some(BTreeMap::from([(file, text)])),
        ..ConfigMap::default()
    })
}

fn dashboard(scope: &Scope<'_>, interval: &str) -> Value {
    let panels = PANELS.iter().enumerate().map(|(at, one)| panel((scope.cluster, interval), at, one));
    json!({
        // At most forty characters.
        "uid": format!("langop-{}", hex(&Sha256::digest(scope.cluster)[..8])),
        "title": format!("Gateway {}", scope.cluster),
        "tags": ["langop"],
        "editable": false,
        "schemaVersion": 39,
        "time": { "from": "now-6h", "to": "now" },
        "refresh": "1m",
        "templating": { "list": [{ "name": "datasource", "type": "datasource", "query": "prometheus" }] },
        "panels": panels.collect::<Vec<_>>(),
    })
}

fn panel((cluster, interval): (&str, &str), at: usize, Panel(title, unit, legend, expr): &Panel) -> Value {
    let expr = expr.replace("{NS}", &format!("{{namespace=\"{cluster}\"}}")).replace("[RATE]", "[$__rate_interval]");
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    json!({
        "id": at + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": { "x": at % 2 * WIDTH, "y": at / 2 * HEIGHT, "w": WIDTH, "h": HEIGHT },
        "fieldConfig": { "defaults": { "unit": unit, "min": 0 }, "overrides": [] },
        // Of it Grafana makes its own interval for rates, of four at least, whatever it is told of the Prometheus.
        "targets": [{
            "refId": "A", "datasource": source, "expr": expr, "legendFormat": legend, "interval": interval,
        }],
    })
}
