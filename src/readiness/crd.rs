//! Definitions of kinds and of aggregated APIs. Established is not yet served by every API server: whoever
//! creates an object of the kind asks discovery too.

use serde_json::Value;

use super::condition::Condition;
use super::state::Readiness;

pub(super) fn definition(object: &Value) -> Readiness {
    if let Some(names) = Condition::find(object, "NamesAccepted").filter(Condition::is_false) {
        return Readiness::failed(names.words());
    }
    match Condition::find(object, "Established") {
        Some(established) if established.is_true() => Readiness::current("it is established"),
        Some(established) if established.is_false() && established.reason() != "Installing" => {
            Readiness::failed(established.words())
        }
        _ => Readiness::in_progress("it is not established yet"),
    }
}

pub(super) fn api_service(object: &Value) -> Readiness {
    match Condition::find(object, "Available") {
        Some(available) if available.is_true() => Readiness::current("it is available"),
        Some(available) => Readiness::in_progress(available.words()),
        None => Readiness::in_progress("it is not available yet"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, Failed, InProgress};
    use crate::readiness::table::{Row, check, object};

    fn with(kind: &str, conditions: &Value) -> Value {
        let group = if kind == "APIService" { "apiregistration.k8s.io/v1" } else { "apiextensions.k8s.io/v1" };
        object(group, kind, &json!({}), &json!({"conditions": conditions}))
    }

    #[test]
    fn definitions_and_aggregated_apis() {
        let crd = |conditions: Value| with("CustomResourceDefinition", &conditions);
        let api = |conditions: Value| with("APIService", &conditions);
        check(&[
            Row(crd(json!([])), InProgress, "it is not established yet"),
            Row(
                crd(json!([{"type": "NamesAccepted", "status": "False", "reason": "Conflict", "message": "taken"}])),
                Failed,
                "Conflict: taken",
            ),
            Row(
                crd(json!([{"type": "Established", "status": "False", "reason": "Installing"}])),
                InProgress,
                "it is not established yet",
            ),
            Row(
                crd(json!([{"type": "Established", "status": "False", "reason": "NotAccepted"}])),
                Failed,
                "NotAccepted",
            ),
            Row(crd(json!([{"type": "Established", "status": "True"}])), Current, "it is established"),
            Row(api(json!([])), InProgress, "it is not available yet"),
            Row(
                api(json!([{"type": "Available", "status": "False", "reason": "MissingEndpoints"}])),
                InProgress,
                "MissingEndpoints",
            ),
            Row(api(json!([{"type": "Available", "status": "True"}])), Current, "it is available"),
        ]);
    }
}
