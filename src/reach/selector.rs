//! Whether a label selector selects these labels (Kubernetes, *Labels and Selectors*).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// Labels of a pod or a namespace.
pub(super) type Labels = BTreeMap<String, String>;

/// An empty selector selects everything.
pub(super) fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    let equal = selector.match_labels.iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    equal && selector.match_expressions.iter().flatten().all(|expression| holds(expression, labels))
}

/// `NotIn` holds for what has no such label; an operator that nobody knows holds for nothing.
fn holds(expression: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let label = labels.get(&expression.key);
    let among = || label.is_some_and(|value| expression.values.iter().flatten().any(|one| one == value));
    match expression.operator.as_str() {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn selectors_select_what_kubernetes_says() {
        let labels = Labels::from([("app".to_owned(), "db".to_owned())]);
        let expression = |key: &str, operator: &str, values: Value| json!({ "matchExpressions": [{ "key": key, "operator": operator, "values": values }] });
        let rows = [
            (json!({}), true),
            (json!({ "matchLabels": { "app": "db" } }), true),
            (json!({ "matchLabels": { "app": "web" } }), false),
            (json!({ "matchLabels": { "tier": "db" } }), false),
            (expression("app", "In", json!(["web", "db"])), true),
            (expression("tier", "In", json!(["db"])), false),
            (expression("app", "NotIn", json!(["db"])), false),
            (expression("tier", "NotIn", json!(["db"])), true),
            (expression("app", "Exists", json!([])), true),
            (expression("tier", "DoesNotExist", json!([])), true),
            (expression("app", "DoesNotExist", json!([])), false),
        ];
        for (selector, expected) in rows {
            let typed: LabelSelector = serde_json::from_value(selector.clone()).unwrap();
            assert_eq!(selects(&typed, &labels), expected, "{selector}");
        }
    }
}
