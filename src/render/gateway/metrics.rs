//! What the proxy is told of its metrics: which it keeps, by which labels, and where they are read. No label is one that a
//! caller fills as it likes: such a one makes series without end, and says to everybody what a caller said to one.

use k8s_openapi::api::core::v1::{ContainerPort, EnvVar};
use serde_json::{Value, json};

use crate::object::names::METRICS_PORT_NAME;
use crate::render::scope::Scope;
use crate::render::workload;

/// The variable that tells the module of metrics its port.
const PORT: &str = "LANGOP_METRICS_PORT";
/// Labels of `LiteLLM`'s metrics that are left out: what callers choose (`end_user`, `route`, `user_agent`), what says who a
/// person is, and what says once more what `user` and `model_id` say.
const LABELS: [&str; 12] = [
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
    "user_agent",
    "user_email",
];
/// A metric that is left out: it has the name of the model as the caller wrote it, also one that there is not.
const METRICS: [&str; 1] = ["litellm_llm_api_failed_requests_metric"];
/// The most series of one metric. A caller may choose a name of a catalogue; what is beyond is counted as `other`.
const MOST_SERIES: u32 = 2000;

/// What the configuration says of them.
pub(super) fn settings() -> Value {
    json!({ "litellm_settings": {
        "callbacks": ["prometheus", "metrics.metrics"],
        "prometheus_exclude_labels": LABELS,
        "prometheus_exclude_metrics": METRICS,
        "prometheus_metrics_max_series_per_metric": MOST_SERIES,
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

/// The same as a variable.
pub(super) fn variable(scope: &Scope<'_>) -> Option<EnvVar> {
    scope.gateway.metrics.as_ref().map(|metrics| workload::variable(PORT, &metrics.port().to_string()))
}
