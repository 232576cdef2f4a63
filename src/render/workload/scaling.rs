//! How many pods a workload has over time, and how few a drained node may leave.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::Autoscaling;
use crate::object::Manifest;

use super::Workload;

/// CPU, as per cent of the request, that the autoscaler aims at.
const CPU_TARGET: i32 = 80;

pub(in crate::render) fn manifests(workload: &Workload<'_>) -> Vec<Manifest> {
    let autoscaling = workload.deployment.autoscaling.as_ref();
    let autoscaler = autoscaling.map(|bounds| workload.manifest(&autoscaler(workload, bounds)));
    let budget = (fewest(workload) >= 2).then(|| workload.manifest(&budget(workload)));
    autoscaler.into_iter().chain(budget).collect()
}

/// Replicas of the Deployment. Left out under an autoscaler, so that nobody fights with it.
pub(in crate::render) fn replicas(workload: &Workload<'_>) -> Option<i32> {
    let fixed = workload.deployment.replicas.unwrap_or(1);
    workload.deployment.autoscaling.is_none().then_some(fixed)
}

fn fewest(workload: &Workload<'_>) -> i32 {
    match &workload.deployment.autoscaling {
        Some(bounds) => bounds.min_replicas.unwrap_or(1),
        None => workload.deployment.replicas.unwrap_or(1),
    }
}

fn autoscaler(workload: &Workload<'_>, bounds: &Autoscaling) -> HorizontalPodAutoscaler {
    let metrics = match bounds.metrics.as_slice() {
        [] => vec![cpu()],
        metrics => metrics.to_vec(),
    };
    HorizontalPodAutoscaler {
        metadata: workload.meta(workload.name()),
        spec: HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".to_owned()),
                kind: "Deployment".to_owned(),
                name: workload.name().to_owned(),
            },
            min_replicas: Some(bounds.min_replicas.unwrap_or(1)),
            max_replicas: bounds.max_replicas,
            metrics: Some(metrics),
            ..HorizontalPodAutoscalerSpec::default()
        },
        ..HorizontalPodAutoscaler::default()
    }
}

fn cpu() -> MetricSpec {
    MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource {
            name: "cpu".to_owned(),
            target: MetricTarget {
                type_: "Utilization".to_owned(),
                average_utilization: Some(CPU_TARGET),
                ..MetricTarget::default()
            },
        }),
        ..MetricSpec::default()
    }
}

fn budget(workload: &Workload<'_>) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: workload.meta(workload.name()),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(workload.pods()),
            // A pod that is broken anyway must not keep a node from being drained.
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, find, rendered};

    fn deployment(lines: &str) -> String {
        format!("[clusters.c.gateway.deployment]\n{lines}")
    }

    #[test]
    fn an_autoscaler_alone_sets_the_replicas() {
        let manifests = rendered(&deployment("replicas = 3\nautoscaling = { minReplicas = 2, maxReplicas = 4 }"));
        assert_eq!(*field(&manifests, "Deployment", "gateway", "/spec/replicas"), json!(null));
        let spec = field(&manifests, "HorizontalPodAutoscaler", "gateway", "/spec");
        assert_eq!((&spec["minReplicas"], &spec["maxReplicas"]), (&json!(2), &json!(4)));
        assert_eq!(spec["metrics"][0]["resource"]["target"]["averageUtilization"], 80);
        assert!(find(&manifests, "PodDisruptionBudget", "gateway").is_some());
    }

    #[test]
    fn a_budget_needs_two_pods() {
        let one = rendered(&deployment("replicas = 1"));
        let two = rendered(&deployment("replicas = 2"));
        assert!(find(&one, "PodDisruptionBudget", "gateway").is_none());
        assert_eq!(*field(&two, "PodDisruptionBudget", "gateway", "/spec/maxUnavailable"), json!(1));
    }
}
