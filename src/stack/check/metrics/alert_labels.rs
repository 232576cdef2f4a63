//! Rules of the labels of alerts: names that Prometheus knows and nobody else sets, and values that are what they say.

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::{Entry, Node};

/// Labels that an alert has already: of Prometheus, of langop, and those by which its expressions tell series apart. A second
/// value would make one alert of several, which Prometheus refuses.
const TAKEN: [&str; 14] = [
    "alertname",
    "fallback_model",
    "key",
    "langop_cluster",
    "limit",
    "model",
    "model_id",
    "namespace",
    "of",
    "pod",
    "requested_model",
    "secret",
    "severity",
    "user",
];

pub(super) fn check(labels: &Node, found: &mut Vec<Diagnostic>) {
    for (key, entry) in labels.entries() {
        found.extend(name(key, entry));
        found.extend(value(&entry.node));
    }
}

/// Names are those of Prometheus' labels (Prometheus, *Data model*).
fn name(key: &str, entry: &Entry) -> Option<Diagnostic> {
    if TAKEN.contains(&key) || key.starts_with("__") {
        let message = format!("alerts have a label `{key}` already, which says something else");
        let error = Diagnostic::error(Code::ReservedLabel, message).at(entry.key, "");
        return Some(error.hint(match key {
            "severity" => "an alert has the severity that it has; an Alertmanager can choose by `alertname` too",
            _ => "choose another name",
        }));
    }
    let is_name = !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !key.is_empty();
    if is_name {
        return None;
    }
    let message = format!("`{key}` is not the name of an alert's label: letters, digits and `_` make one");
    let error = Diagnostic::error(Code::BadLabel, message).at(entry.key, "");
    Some(error.hint("such as `team`, with no digit at its beginning"))
}

/// A template would be filled by Prometheus, and of one that it cannot read all alerts are refused.
fn value(node: &Node) -> Option<Diagnostic> {
    node.text().filter(|text| text.contains("{{"))?;
    let message = format!("`{}` is a template, and the label of an alert is a plain text here", node.shown());
    let error = Diagnostic::error(Code::BadLabel, message).at(node.span, "");
    Some(error.hint("write the value itself, without `{{`: what an alert is about, its own labels say"))
}
