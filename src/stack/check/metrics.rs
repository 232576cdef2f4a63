//! Rules of a gateway's metrics: who reads them, labels that others choose by, and what in the configuration of `LiteLLM`
//! undoes them.

use super::network::peer;
use super::{forbidden, form};
use crate::object::names::CONTAINER_PORT;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::{label_key_fault, label_value_fault};
use crate::stack::tree::Node;

/// Where labels of objects stand.
const LABELS: [&[&str]; 2] = [&["labels"], &["dashboard", "labels"]];
/// Forms of a peer that no reader of metrics has.
const FORMS: [&str; 3] = ["group", "dns", "service"];

pub(super) fn check(cluster: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(gateway) = cluster.node.get("gateway") else { return };
    let Some(metrics) = gateway.get("metrics") else { return };
    port(metrics, found);
    for reader in metrics.items_of("from") {
        peer(reader, found);
        for key in FORMS {
            let message = format!("who reads metrics is not named by `{key}`, but by selectors or `cidr`");
            forbidden(reader, key, Code::PeerForm, &message, found);
        }
    }
    for table in LABELS.iter().filter_map(|path| metrics.at(path)) {
        object_labels(table, found);
    }
    if let Some(labels) = metrics.at(&["rules", "labels"]) {
        alert_labels(labels, found);
    }
    if let Some(days) = metrics.get("rules").and_then(|rules| rules.entry("keyDays"))
        && gateway.get("store").is_none()
    {
        let message = "ages of keys are kept in a store, and this gateway has none";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(days.key, "");
        found.push(error.hint("`store = { }` beside `metrics` lets langop run a small one"));
    }
    if let Some(settings) = gateway.at(&["config", "litellm_settings"]) {
        undone(settings, found);
    }
}

fn port(metrics: &Node, found: &mut Vec<Diagnostic>) {
    let Some(port) = metrics.get("port").filter(|port| port.integer() == Some(CONTAINER_PORT.into())) else { return };
    let message = format!("models are called on port {CONTAINER_PORT}, and whoever calls them does not read metrics");
    let error = Diagnostic::error(Code::OutOfRange, message).at(port.span, "");
    found.push(error.hint("leave it out, or choose another"));
}

fn object_labels(labels: &Node, found: &mut Vec<Diagnostic>) {
    for (key, entry) in labels.entries() {
        if let Some(fault) = label_key_fault(key) {
            let message = format!("`{key}` is not the key of a label: {fault}");
            found.push(Diagnostic::error(Code::BadLabel, message).at(entry.key, ""));
        }
        form(&entry.node, "the value of a label", Code::BadLabel, entry.node.text().and_then(label_value_fault), found);
    }
}

/// Labels of alerts have names of Prometheus' (Prometheus, *Data model*).
fn alert_labels(labels: &Node, found: &mut Vec<Diagnostic>) {
    for (key, entry) in labels.entries() {
        let is_name = !key.starts_with(|c: char| c.is_ascii_digit())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !key.is_empty();
        if !is_name {
            let message = format!("`{key}` is not the name of an alert's label: letters, digits and `_` make one");
            found.push(Diagnostic::error(Code::BadLabel, message).at(entry.key, ""));
        }
    }
}

fn undone(settings: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(open) =
        settings.entry("require_auth_for_metrics_endpoint").filter(|entry| entry.node.boolean() == Some(false))
    {
        let message = "everyone who may call models would read the metrics of all, without a key";
        let error = Diagnostic::error(Code::ConfigOverride, message).at(open.key, "");
        found.push(error.hint("leave it out: `gateway.metrics.from` says who reads them, on a port of their own"));
    }
    for key in ["prometheus_metrics_config", "prometheus_exclude_metrics"] {
        if let Some(chosen) = settings.entry(key) {
            let message = "metrics that are left out here are missing from alerts and dashboard";
            found.push(Diagnostic::warning(Code::ConfigOverride, message).at(chosen.key, ""));
        }
    }
}
