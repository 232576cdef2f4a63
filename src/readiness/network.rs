//! Services and network policies. Unlike kstatus, a load balancer is waited for: whoever asks for one wants
//! its address, as in Helm and Terraform. An Ingress is not: many controllers never write its status.

use serde_json::Value;

use super::condition::Condition;
use super::state::Readiness;
use crate::object::field::{items, text};

pub(super) fn service(object: &Value) -> Readiness {
    let kind = text(object, "/spec/type").unwrap_or("ClusterIP");
    if kind == "ExternalName" {
        return Readiness::current("it is a name");
    }
    if text(object, "/spec/clusterIP").is_none_or(str::is_empty) {
        return Readiness::in_progress("it has no cluster address yet");
    }
    if kind != "LoadBalancer" || !items(object, "/spec/externalIPs").is_empty() {
        return Readiness::current("it has an address");
    }
    if items(object, "/status/loadBalancer/ingress").is_empty() {
        return Readiness::in_progress("its load balancer has no address yet");
    }
    Readiness::current("its load balancer has an address")
}

/// Cilium reports a policy that it cannot read (condition `Valid`, since 1.16); older ones say nothing.
pub(super) fn cilium_policy(object: &Value) -> Readiness {
    match Condition::find(object, "Valid") {
        Some(valid) if valid.is_false() => Readiness::failed(valid.words()),
        _ => Readiness::current("it exists"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, Failed, InProgress};
    use crate::readiness::table::{Row, check, object};

    #[test]
    fn services() {
        let of = |spec: Value, status: Value| object("v1", "Service", &spec, &status);
        let balanced = json!({"type": "LoadBalancer", "clusterIP": "10.0.0.1"});
        check(&[
            Row(of(json!({}), json!({})), InProgress, "it has no cluster address yet"),
            Row(of(json!({"clusterIP": "None"}), json!({})), Current, "it has an address"),
            Row(of(json!({"type": "ExternalName"}), json!({})), Current, "it is a name"),
            Row(of(balanced.clone(), json!({})), InProgress, "its load balancer has no address yet"),
            Row(
                of(balanced, json!({"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}})),
                Current,
                "its load balancer has an address",
            ),
            Row(
                of(json!({"type": "LoadBalancer", "clusterIP": "10.0.0.1", "externalIPs": ["1.2.3.4"]}), json!({})),
                Current,
                "it has an address",
            ),
        ]);
    }

    #[test]
    fn policies_ingresses_autoscalers_and_webhooks() {
        let admission = "admissionregistration.k8s.io/v1";
        let no_metrics = json!({"conditions": [{"type": "ScalingActive", "status": "False",
            "reason": "FailedGetResourceMetric"}]});
        let invalid = json!({"conditions": [{"type": "Valid", "status": "False", "message": "bad port"}]});
        check(&[
            Row(object("networking.k8s.io/v1", "Ingress", &json!({}), &json!({})), Current, "it exists"),
            Row(object("networking.k8s.io/v1", "NetworkPolicy", &json!({}), &json!({})), Current, "it exists"),
            // Their status tells of what stands around them, such as a metrics server, or there is none.
            Row(object("autoscaling/v2", "HorizontalPodAutoscaler", &json!({}), &no_metrics), Current, "it exists"),
            Row(object("batch/v1", "CronJob", &json!({}), &json!({})), Current, "it exists"),
            Row(object(admission, "ValidatingWebhookConfiguration", &json!({}), &json!({})), Current, "it exists"),
            Row(object(admission, "MutatingWebhookConfiguration", &json!({}), &json!({})), Current, "it exists"),
            Row(object("cilium.io/v2", "CiliumNetworkPolicy", &json!({}), &json!({})), Current, "it exists"),
            Row(object("cilium.io/v2", "CiliumNetworkPolicy", &json!({}), &invalid), Failed, "bad port"),
        ]);
    }
}
