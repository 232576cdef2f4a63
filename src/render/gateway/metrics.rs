//! What the proxy is told of its metrics: which it keeps, by which labels, and where they are read. No label is one that a
//! caller fills as it likes: such a one makes series without end, and says to everybody what a caller said to one.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ContainerPort, EnvVar};
use serde_json::{Value, json};

use crate::api::GatewayMetrics;
use crate::object::names::{GATEWAY_AUTH, HMAC_SECRET, MASTER_KEY, METRICS_PORT_NAME};
use crate::render::endpoint::{SecretKey, observers};
use crate::render::scope::Scope;
use crate::render::workload;

use super::credentials::Credentials;

/// The variable that tells the module of metrics which variables are keys whose age it tells.
const KEYS: &str = "LANGOP_METRICS_KEYS";
/// The variable that tells the module of metrics its port.
const PORT: &str = "LANGOP_METRICS_PORT";
/// Labels of `LiteLLM`'s metrics that are left out: what callers choose (`end_user`, `route`, `user_agent`), what says who a
/// person is, and what says once more what `user`, `team` and `model_id` say.
const LABELS: [&str; 13] = [
    "api_base",
    "api_key_alias",
    "client_ip",
    "end_user",
    "hashed_api_key",
    "org_alias",
    "org_id",
    "project_alias",
    "project_id",
    "route",
    "team_alias",
    "user_agent",
    "user_email",
];
/// A metric that is left out: it has the name of the model as the caller wrote it, also one that there is not.
const METRICS: [&str; 1] = ["litellm_llm_api_failed_requests_metric"];

/// What the configuration says of them.
pub(super) fn settings() -> Value {
    json!({ "litellm_settings": {
        "callbacks": ["prometheus", "metrics.metrics"],
        "prometheus_exclude_labels": LABELS,
        "prometheus_exclude_metrics": METRICS,
        "prometheus_metrics_max_series_per_metric": GatewayMetrics::MOST_SERIES,
        // Else agents would read them where they call models.
        "require_auth_for_metrics_endpoint": true,
    } })
}

/// The port that they are read on, as a port of the container.
pub(super) fn port(scope: &Scope<'_>) -> Option<ContainerPort> {
    scope.gateway.metrics.as_ref().map(|metrics| ContainerPort {
        name: Some(METRICS_PORT_NAME.to_owned()),
        container_port: metrics.port(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    })
}

/// The same as a variable, and which keys' ages are told.
pub(super) fn variables(scope: &Scope<'_>, credentials: &Credentials) -> Vec<EnvVar> {
    let Some(metrics) = &scope.gateway.metrics else { return Vec::new() };
    let port = workload::variable(PORT, &metrics.port().to_string());
    let keys = metrics.key_days().map(|_| workload::variable(KEYS, &json!(keys(scope, credentials)).to_string()));
    [port].into_iter().chain(keys).collect()
}

/// Each variable with a key, and where that comes from: those of providers, of whom is told of calls, and its own.
fn keys(scope: &Scope<'_>, credentials: &Credentials) -> BTreeMap<String, String> {
    let shown = |variable: &str, key: &SecretKey| (variable.to_owned(), format!("{}/{}", key.secret, key.key));
    let own = [("LITELLM_MASTER_KEY", MASTER_KEY), ("LANGOP_GATEWAY_HMAC_SECRET", HMAC_SECRET)];
    let own = own.map(|(variable, key)| (variable.to_owned(), format!("{GATEWAY_AUTH}/{key}")));
    let told = observers(&scope.gateway, scope.cluster);
    let told = told.iter().flat_map(|one| &one.secrets).map(|(variable, key)| shown(variable, key));
    credentials.named().map(|(variable, key)| shown(variable, key)).chain(told).chain(own).collect()
}
