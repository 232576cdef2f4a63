//! Resource quotas. One limits nothing until its controller has copied `spec.hard` into `status.hard`;
//! pods that come earlier are refused with "status unknown".

use serde_json::Value;

use super::state::Readiness;
use crate::object::equality::equal;
use crate::quota::uncounted;

pub(super) fn assess(object: &Value) -> Readiness {
    let hard = |part: &str| object.pointer(&format!("/{part}/hard")).cloned().unwrap_or_default();
    let (spec, status) = (hard("spec"), hard("status"));
    let waits: Vec<&str> = spec
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, amount)| !same(amount, status.get(key.as_str())))
        .map(|(key, _)| key.as_str())
        .collect();
    if waits.is_empty() {
        return match uncounted(object).as_slice() {
            [] => Readiness::current("it is enforced"),
            pending => Readiness::current(format!(
                "it is enforced, and lets in no {} until it counts them",
                pending.join(", ")
            )),
        };
    }
    Readiness::in_progress(format!("not enforced yet: {}", waits.join(", ")))
}

fn same(wanted: &Value, found: Option<&Value>) -> bool {
    let hard = |amount: &Value| serde_json::json!({"hard": {"amount": amount}});
    found.is_some_and(|found| equal(&hard(wanted), &hard(found)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, InProgress};
    use crate::readiness::table::{Row, check, object};

    #[test]
    fn quotas() {
        let quota = |hard: Value, status: Value| {
            let used: serde_json::Map<_, _> =
                status.as_object().unwrap().keys().map(|key| (key.clone(), json!("0"))).collect();
            object("v1", "ResourceQuota", &json!({"hard": hard}), &json!({"hard": status, "used": used}))
        };
        let hard = json!({"limits.cpu": "1", "limits.memory": "1Gi"});
        let late = json!({"hard": hard, "used": {"limits.cpu": "0"}});
        let late = object("v1", "ResourceQuota", &json!({"hard": hard}), &late);
        check(&[
            Row(quota(hard.clone(), json!({})), InProgress, "not enforced yet: limits.cpu, limits.memory"),
            Row(
                quota(hard.clone(), json!({"limits.cpu": "2", "limits.memory": "1Gi"})),
                InProgress,
                "not enforced yet: limits.cpu",
            ),
            Row(quota(hard, json!({"limits.cpu": "1000m", "limits.memory": "1024Mi"})), Current, "it is enforced"),
            Row(quota(json!({}), json!({})), Current, "it is enforced"),
            Row(late, Current, "it is enforced, and lets in no limits.memory until it counts them"),
        ]);
    }
}
