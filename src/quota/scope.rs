//! Which pods a quota with scopes counts (Kubernetes, *Resource Quotas*, "Quota scopes").

use serde_json::Value;

use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::Pod;
use crate::object::Quantity;
use crate::object::field::{items, names, text};

/// Whether a quota with this spec counts pods with that one.
pub(super) fn counts(quota: &Value, pod: &Value) -> bool {
    let expressions = items(quota, "/scopeSelector/matchExpressions");
    names(quota, "/scopes").iter().all(|scope| matches(scope, pod)) && expressions.iter().all(|one| selects(one, pod))
}

fn selects(expression: &Value, pod: &Value) -> bool {
    let field = |pointer: &str| text(expression, pointer).unwrap_or_default();
    if field("/scopeName") != "PriorityClass" {
        return matches(field("/scopeName"), pod) == (field("/operator") != "DoesNotExist");
    }
    let class = text(pod, "/priorityClassName");
    let named = class.is_some_and(|class| names(expression, "/values").contains(&class));
    match field("/operator") {
        "In" => named,
        "NotIn" => !named,
        "DoesNotExist" => class.is_none(),
        _ => class.is_some(),
    }
}

fn matches(scope: &str, pod: &Value) -> bool {
    let ends = pod.get("activeDeadlineSeconds").and_then(Value::as_i64).is_some();
    match scope {
        "Terminating" => ends,
        "NotTerminating" => !ends,
        "BestEffort" => is_best_effort(pod),
        "NotBestEffort" => !is_best_effort(pod),
        "PriorityClass" => pod.get("priorityClassName").is_some_and(Value::is_string),
        "CrossNamespacePodAffinity" => reaches_out(pod),
        // A scope of a newer server: counting too much is an error to see, too little one to miss.
        _ => true,
    }
}

fn is_best_effort(pod: &Value) -> bool {
    let defaults = Defaults::default();
    let pod = Pod { spec: pod, defaults: &defaults };
    let nothing = |resource: &str| pod.amount(&Measure::Requests(resource.to_owned())) == Quantity::ZERO;
    nothing("cpu") && nothing("memory")
}

fn reaches_out(pod: &Value) -> bool {
    let affinities = ["podAffinity", "podAntiAffinity"].map(|kind| pod.pointer(&format!("/affinity/{kind}")));
    affinities.into_iter().flatten().any(|affinity| {
        let text = affinity.to_string();
        text.contains("\"namespaceSelector\"") || text.contains("\"namespaces\"")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_choose_pods() {
        let job = json!({"activeDeadlineSeconds": 9, "priorityClassName": "low", "containers": []});
        let service = json!({"containers": [{"resources": {"requests": {"cpu": "1"}}}]});
        let scoped = |scope: &str| json!({"scopes": [scope]});
        let class = |operator: &str| {
            json!({"scopeSelector": {"matchExpressions": [
                {"scopeName": "PriorityClass", "operator": operator, "values": ["low"]}]}})
        };
        for (quota, of_job, of_service) in [
            (json!({}), true, true),
            (scoped("Terminating"), true, false),
            (scoped("NotTerminating"), false, true),
            (scoped("BestEffort"), true, false),
            (scoped("NotBestEffort"), false, true),
            (class("In"), true, false),
            (class("NotIn"), false, true),
            (class("Exists"), true, false),
        ] {
            assert_eq!((counts(&quota, &job), counts(&quota, &service)), (of_job, of_service), "{quota}");
        }
    }
}
