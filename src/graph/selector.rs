//! Label selectors, as far as the order of writing needs them. When in doubt a selector matches: waiting
//! for one object too many costs a moment, running unprotected does not.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::object::field::{items, map, text};

/// Labels of a pod template.
pub(super) type Labels = BTreeMap<String, String>;

/// Whether a `LabelSelector` selects something with these labels. An empty one selects everything
/// (Kubernetes, *Labels and Selectors*).
pub(super) fn matches(selector: &Value, labels: &Labels) -> bool {
    let wanted = map(selector, "/matchLabels").into_iter().flatten();
    let equal = wanted.into_iter().all(|(key, value)| one_of(key, std::slice::from_ref(value), labels));
    let expressed = items(selector, "/matchExpressions").iter().all(|expression| holds(expression, labels));
    equal && expressed
}

fn holds(expression: &Value, labels: &Labels) -> bool {
    let values = items(expression, "/values");
    let (Some(key), Some(operator)) = (text(expression, "/key"), text(expression, "/operator")) else {
        return true;
    };
    let beyond = beyond_the_pod(key);
    match operator {
        "In" => one_of(key, values, labels),
        "NotIn" => beyond || !one_of(key, values, labels),
        "Exists" => beyond || labels.contains_key(plain(key)),
        "DoesNotExist" => beyond || !labels.contains_key(plain(key)),
        _ => true,
    }
}

fn one_of(key: &str, values: &[Value], labels: &Labels) -> bool {
    let live = labels.get(plain(key)).map(String::as_str);
    beyond_the_pod(key) || values.iter().any(|value| value.as_str() == live && live.is_some())
}

/// Cilium writes the source of a label before it: `k8s:app`, `any:app`.
fn plain(key: &str) -> &str {
    let stripped = key.strip_prefix("k8s:").or_else(|| key.strip_prefix("any:"));
    stripped.unwrap_or(key)
}

/// Labels that Cilium derives from namespace, service account and identity: not in a pod template.
fn beyond_the_pod(key: &str) -> bool {
    let key = plain(key);
    key.starts_with("io.kubernetes.pod.") || key.starts_with("io.cilium.k8s.") || key.starts_with("reserved:")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::field::text_map;

    #[test]
    fn selectors_follow_the_documentation() {
        let pod = text_map(&json!({"app": "gateway", "tier": "front"}), "");
        let rows = [
            (json!({}), true),
            (json!({"matchLabels": {"app": "gateway"}}), true),
            (json!({"matchLabels": {"app": "other"}}), false),
            (json!({"matchLabels": {"missing": "x"}}), false),
            (json!({"matchLabels": {"k8s:app": "gateway"}}), true),
            (json!({"matchLabels": {"any:app": "other"}}), false),
            (json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "x"}}), true),
            (expression("In", &["a", "gateway"]), true),
            (expression("In", &["a"]), false),
            (expression("NotIn", &["a"]), true),
            (expression("NotIn", &["gateway"]), false),
            (expression("Exists", &[]), true),
            (expression("DoesNotExist", &[]), false),
            (expression("Later", &[]), true),
        ];
        for (selector, expected) in rows {
            assert_eq!(matches(&selector, &pod), expected, "{selector}");
        }
    }

    fn expression(operator: &str, values: &[&str]) -> Value {
        json!({"matchExpressions": [{"key": "app", "operator": operator, "values": values}]})
    }
}
