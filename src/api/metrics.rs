//! The metrics of a gateway: the port that they are read on and who may, and the monitor, the alerts and the dashboard that
//! come of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::network::NetworkPeer;
use super::schema::rules;
use crate::object::names::{METRICS_PORT, PROXY_PORT};

/// Metrics for Prometheus, on a port of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayMetrics {
    /// The port of each pod that they are read on. Not 4000, on which models are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1024, max = 65535), extend(
        "default" = METRICS_PORT,
        "x-kubernetes-validations" = rules(&[(NOT_THE_PROXYS, "port 4000 is the one on which models are called")]),
    ))]
    pub port: Option<i32>,
    /// Who may read them: pods of other namespaces or addresses; left out, all pods of the namespace `monitoring`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend(
        "x-kubernetes-list-type" = "atomic",
        "x-kubernetes-validations" = rules(&[
            (
                "self.all(peer, !has(peer.group) && !has(peer.dns) && !has(peer.service))",
                "metrics are read by whom namespaceSelector, podSelector or cidr names",
            ),
            ("self.size() > 0", "an empty list would be the default: name who reads metrics, or leave it out"),
        ]),
    ))]
    pub from: Vec<NetworkPeer>,
    /// How often Prometheus reads them, from `5s` to `60s`: alerts and dashboard look at five minutes, and need several samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^([5-9]|[1-5][0-9]|60)s$"), extend("default" = "30s"))]
    pub interval: Option<String>,
    /// Labels of the monitor and of the rules, by which a Prometheus chooses them, such as `release`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<MetricsRules>,
    /// The dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<MetricsDashboard>,
}

/// The port of the proxy, as a rule of the schema knows it.
const NOT_THE_PROXYS: &str = "self != 4000";
const _: () = assert!(PROXY_PORT == 4000, "the rule and the description above name it");

impl GatewayMetrics {
    /// The namespace that Prometheus runs in when nobody says another: that of its usual installations.
    pub const DEFAULT_NAMESPACE: &'static str = "monitoring";
    /// The most series of one metric. A caller may choose a name of a catalogue; what is beyond is counted as `other`.
    pub const MOST_SERIES: u32 = 2000;

    /// The port.
    #[must_use]
    pub fn port(&self) -> i32 {
        self.port.unwrap_or(METRICS_PORT)
    }

    /// How often they are read, every `30s` by default.
    #[must_use]
    pub fn interval(&self) -> &str {
        self.interval.as_deref().unwrap_or("30s")
    }

    /// Who may read them.
    #[must_use]
    pub fn from(&self) -> &[NetworkPeer] {
        static DEFAULT: LazyLock<[NetworkPeer; 1]> = LazyLock::new(|| {
            let label = ("kubernetes.io/metadata.name".to_owned(), GatewayMetrics::DEFAULT_NAMESPACE.to_owned());
            let name = BTreeMap::from([label]);
            let namespaces = LabelSelector { match_labels: Some(name), ..LabelSelector::default() };
            [NetworkPeer { namespace_selector: Some(namespaces), ..NetworkPeer::default() }]
        });
        if self.from.is_empty() { &*DEFAULT } else { &self.from }
    }

    /// The alerts; none where they are switched off.
    #[must_use]
    pub fn rules(&self) -> Option<MetricsRules> {
        Some(self.rules.clone().unwrap_or_default()).filter(|rules| rules.enabled.unwrap_or(true))
    }

    /// Days after which a key is old; none where nobody asks, or alerts are switched off.
    #[must_use]
    pub fn key_days(&self) -> Option<i32> {
        self.rules()?.key_days
    }

    /// The dashboard; none where it is switched off.
    #[must_use]
    pub fn dashboard(&self) -> Option<MetricsDashboard> {
        Some(self.dashboard.clone().unwrap_or_default()).filter(|dashboard| dashboard.enabled.unwrap_or(true))
    }
}

/// Alerts on what is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricsRules {
    /// Whether there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// Percent of a budget that are spent before it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100), extend("default" = 80))]
    pub budget_percent: Option<i32>,
    /// Percent of a limit of requests or tokens that are used for some minutes before it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100), extend("default" = 90))]
    pub limit_percent: Option<i32>,
    /// Days before the end of the gateway's certificate at which it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365), extend("default" = 14))]
    pub certificate_days: Option<i32>,
    /// Days for which the gateway has known a key of a provider, of a callback or of its own, before it is told; left out, no
    /// ages of keys are kept. Needs `gateway.store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub key_days: Option<i32>,
    /// Labels of each alert beside `severity`, by which an Alertmanager chooses whom it tells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl MetricsRules {
    /// Percent of a budget.
    #[must_use]
    pub fn budget_percent(&self) -> i32 {
        self.budget_percent.unwrap_or(80)
    }

    /// Percent of a limit.
    #[must_use]
    pub fn limit_percent(&self) -> i32 {
        self.limit_percent.unwrap_or(90)
    }

    /// Days before the end of a certificate.
    #[must_use]
    pub fn certificate_days(&self) -> i32 {
        self.certificate_days.unwrap_or(14)
    }
}

/// A dashboard of Grafana in a `ConfigMap`, for the sidecar that looks for such.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricsDashboard {
    /// Whether there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// Labels by which the sidecar knows it; left out, `grafana_dashboard` with the value `1`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The folder of Grafana that it is shown in, as the annotation `grafana_folder`; left out, none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub folder: Option<String>,
}

impl MetricsDashboard {
    /// Labels by which the sidecar knows it.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        if self.labels.is_empty() {
            return BTreeMap::from([("grafana_dashboard".to_owned(), "1".to_owned())]);
        }
        self.labels.clone()
    }
}
