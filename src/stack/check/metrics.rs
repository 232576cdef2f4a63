//! Rules of a gateway's metrics: who reads them, and labels of objects that others choose by.

mod alert_labels;
mod undone;

use super::form;
use super::network::peer;
use crate::api::GatewayMetrics;
use crate::object::names::CONTAINER_PORT;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::{label_key_fault, label_value_fault};
use crate::stack::tree::{Node, Value};

/// Where labels of objects stand.
const LABELS: [&[&str]; 2] = [&["labels"], &["dashboard", "labels"]];
/// Forms of a peer that no reader of metrics has.
const FORMS: [&str; 3] = ["group", "dns", "service"];

pub(super) fn check(cluster: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(gateway) = cluster.node.get("gateway") else { return };
    let metrics = gateway.get("metrics");
    if let Some(settings) = gateway.at(&["config", "litellm_settings"]) {
        undone::check(settings, metrics.is_some(), found);
    }
    let Some(metrics) = metrics else { return };
    port(metrics, found);
    readers(metrics, found);
    for table in LABELS.iter().filter_map(|path| metrics.at(path)) {
        object_labels(table, found);
    }
    if let Some(labels) = metrics.at(&["rules", "labels"]) {
        alert_labels::check(labels, found);
    }
    if let Some(days) = metrics.get("rules").and_then(|rules| rules.entry("keyDays"))
        && gateway.get("store").is_none()
    {
        let message = "ages of keys are kept in a store, and this gateway has none";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(days.key, "");
        found.push(error.hint("`store = { }` beside `metrics` lets langop run a small one"));
    }
}

fn port(metrics: &Node, found: &mut Vec<Diagnostic>) {
    let Some(port) = metrics.get("port").filter(|port| port.integer() == Some(CONTAINER_PORT.into())) else { return };
    let message = format!("models are called on port {CONTAINER_PORT}, and whoever calls them does not read metrics");
    let error = Diagnostic::error(Code::OutOfRange, message).at(port.span, "");
    found.push(error.hint("leave it out, or choose another"));
}

fn readers(metrics: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(from) = metrics.entry("from").filter(|from| is_empty_list(&from.node)) {
        let message = "metrics that nobody reads are not shown, and an empty list would be the default";
        let error = Diagnostic::error(Code::EmptyRule, message).at(from.node.span, "");
        let default = GatewayMetrics::DEFAULT_NAMESPACE;
        found.push(error.hint(format!("name who reads them; left out, pods of the namespace `{default}` do")));
    }
    for reader in metrics.items_of("from") {
        peer(reader, found);
        for entry in FORMS.iter().filter_map(|key| Some((key, reader.entry(key)?))) {
            let (key, entry) = entry;
            let message = format!("who reads metrics is not named by `{key}`, but by selectors or `cidr`");
            let error = Diagnostic::error(Code::PeerForm, message).at(entry.key, "");
            found.push(error.hint("the pods of a Prometheus are those of its namespace: `namespaceSelector`"));
        }
        if let Some(who) = everybody(reader) {
            let message = format!("{who} may read what each agent calls, and what that costs");
            let warning = Diagnostic::warning(Code::OpenMetrics, message).at(reader.span, "");
            found.push(warning.hint("name the namespace of the Prometheus by its labels, or its own network"));
        }
    }
}

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.value, Value::List(items) if items.is_empty())
}

/// Who is admitted, where that is everybody of a kind.
fn everybody(peer: &Node) -> Option<&'static str> {
    if peer.text_at(&["cidr"]).is_some_and(|cidr| cidr.ends_with("/0")) {
        return Some("everybody who has a way to the gateway's pods");
    }
    let selects_all = |selector: &Node| {
        let labels = selector.get("matchLabels").into_iter().flat_map(Node::entries);
        labels.count() == 0 && selector.items_of("matchExpressions").is_empty()
    };
    let all = |key: &str| peer.get(key).map(selects_all);
    match (all("namespaceSelector"), all("podSelector")) {
        (Some(true), None | Some(true)) => Some("pods of every namespace"),
        (None, Some(true)) => Some("every pod of the cluster's namespace, agents and tools among them,"),
        _ => None,
    }
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
