//! What in the configuration of `LiteLLM` undoes what metrics promise: that callers do not read them, that no caller fills
//! their labels, that alerts and the dashboard find what they look at.

use crate::api::GatewayMetrics;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::{Entry, Node};

/// Settings that leave metrics out.
const FEWER: [&str; 2] = ["prometheus_exclude_metrics", "prometheus_metrics_config"];
/// Settings that make labels of what a caller sends.
const CALLERS: [&str; 2] = ["custom_prometheus_metadata_labels", "custom_prometheus_tags"];
/// How many series a metric has.
const SERIES: &str = "prometheus_metrics_max_series_per_metric";

/// Looks at the settings, of a gateway with metrics of its own or without them.
pub(super) fn check(settings: &Node, has_metrics: bool, found: &mut Vec<Diagnostic>) {
    // `LiteLLM` has a page of its own as soon as `callbacks` names `prometheus`, whatever langop knows of it.
    if let Some(open) =
        settings.entry("require_auth_for_metrics_endpoint").filter(|entry| entry.node.boolean() != Some(true))
    {
        let message = "everyone who may call models would read the metrics of all, without a key";
        let error = Diagnostic::error(Code::ConfigOverride, message).at(open.key, "");
        found.push(error.hint("leave it out: `gateway.metrics.from` says who reads them, on a port of their own"));
    }
    if !has_metrics {
        return;
    }
    for chosen in FEWER.iter().filter_map(|key| settings.entry(key)) {
        found.push(warning(chosen, "metrics that are left out here are missing from alerts and dashboard"));
    }
    for chosen in CALLERS.iter().filter_map(|key| settings.entry(key)) {
        let message = "labels that callers fill make series without end, and tell whoever reads metrics what they sent";
        found.push(warning(chosen, message).hint("leave it out: agents, teams and models are labels already"));
    }
    let most = i64::from(GatewayMetrics::MOST_SERIES);
    let is_more = |entry: &&Entry| entry.node.integer().is_none_or(|series| !(1..=most).contains(&series));
    if let Some(chosen) = settings.entry(SERIES).filter(is_more) {
        let message = format!("a caller could make more than {most} series of a metric, by names of a catalogue");
        found.push(warning(chosen, &message).hint(format!("leave it out, or choose from 1 to {most}")));
    }
}

fn warning(entry: &Entry, message: &str) -> Diagnostic {
    Diagnostic::warning(Code::ConfigOverride, message).at(entry.key, "")
}
