//! The store that langop runs for a gateway: one small Valkey with a volume, reached by the gateway alone. It has one
//! pod, for what it holds are counters: while it restarts, limits are what `onOutage` says.

mod claim;
mod container;
mod secret;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{DeploymentSpec, GatewayStore};
use crate::object::Manifest;
use crate::object::names::{GATEWAY_STORE, STORE_PORT};
use crate::object::role::Role;

use super::scope::Scope;
use super::workload::{self, Parts, User, Workload};

/// The user that the image is made for.
const USER: User = User { id: 999, group: 999, volumes: Some(999) };
/// Seconds from the end's announcement to the kill: what is in memory is written within one.
const GRACE: i64 = 30;

/// Everything of the store but its network policies; nothing when the gateway has none, or one that is there already.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let Some(store) = scope.gateway.store.as_ref().filter(|store| store.host.is_none()) else { return Vec::new() };
    let placed = placed(&scope.deployment);
    let workload = Workload::new(scope, scope.item, Role::STORE, (GATEWAY_STORE, USER), &placed);
    let mut manifests = vec![
        secret::manifest(scope),
        claim::manifest(&workload, store),
        workload::service(&workload, vec![port()]),
        stateful_set(&workload, store),
    ];
    manifests.extend(workload::identity(&workload));
    manifests
}

/// It runs where the gateway may run, and nothing else that is written for the gateway's pods is for its own.
fn placed(gateway: &DeploymentSpec) -> DeploymentSpec {
    DeploymentSpec {
        image_pull_policy: gateway.image_pull_policy,
        image_pull_secrets: gateway.image_pull_secrets.clone(),
        node_selector: gateway.node_selector.clone(),
        tolerations: gateway.tolerations.clone(),
        priority_class_name: gateway.priority_class_name.clone(),
        ..DeploymentSpec::default()
    }
}

fn port() -> ServicePort {
    ServicePort {
        name: Some(container::PORT_NAME.to_owned()),
        port: STORE_PORT,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(container::PORT_NAME.to_owned())),
        ..ServicePort::default()
    }
}

fn stateful_set(workload: &Workload<'_>, store: &GatewayStore) -> Manifest {
    let parts = Parts {
        containers: vec![container::container(workload, store)],
        volumes: vec![claim::volume()],
        ..Parts::default()
    };
    let pod = PodSpec { termination_grace_period_seconds: Some(GRACE), ..workload::spec(workload, parts) };
    let set = StatefulSet {
        metadata: workload.meta(workload.name()),
        spec: Some(StatefulSetSpec {
            replicas: Some(1),
            selector: workload.pods(),
            service_name: Some(workload.name().to_owned()),
            // In order, a pod that never gets ready is never replaced by one of a later revision.
            pod_management_policy: Some("Parallel".to_owned()),
            template: PodTemplateSpec { metadata: Some(workload::metadata(workload)), spec: Some(pod) },
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    };
    let mut manifest = workload.manifest(&set);
    let resources = ("/spec/template/spec/containers".to_owned(), "gateway.store.resources");
    workload.places(&mut manifest, [resources]);
    // A running process keeps its password.
    manifest.deferred.push(workload::credentials_hash(workload, [GATEWAY_STORE]));
    manifest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, find, rendered};

    const OWN: &str = "[clusters.c.gateway]\nstore = {}\n";

    #[test]
    fn a_store_is_one_hardened_pod_with_a_volume_and_a_password() {
        let manifests = rendered(OWN);
        let set = field(&manifests, "StatefulSet", "gateway-store", "/spec");
        assert_eq!(set["replicas"], 1);
        let pod = &set["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["fsGroup"], 999);
        assert_eq!(pod["automountServiceAccountToken"], false);
        let container = &pod["containers"][0];
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(container["securityContext"]["capabilities"], json!({ "drop": ["ALL"] }));
        let claim = field(&manifests, "PersistentVolumeClaim", "gateway-store", "/spec");
        assert_eq!(claim["resources"]["requests"]["storage"], "1Gi");
        assert_eq!(pod["volumes"][0]["persistentVolumeClaim"], json!({ "claimName": "gateway-store" }));
        assert!(find(&manifests, "Secret", "gateway-store").is_some());
        let service = field(&manifests, "Service", "gateway-store", "/spec");
        assert_eq!(service["selector"], set["selector"]["matchLabels"]);
    }

    #[test]
    fn without_one_and_with_one_that_is_there_already_nothing_runs() {
        for text in ["clusters.c = {}", "[clusters.c.gateway.store]\nhost = 'redis.stores.svc'"] {
            let manifests = rendered(text);
            assert!(!manifests.iter().any(|one| one.reference.name == "gateway-store"), "{text}");
        }
    }

    #[test]
    fn it_runs_where_the_gateway_may_and_is_not_the_gateways_in_anything_else() {
        let text = format!(
            "{OWN}[clusters.c.gateway.deployment]\nreplicas = 3\nnodeSelector = {{ pool = 'llm' }}\n\
             env = [{{ name = 'A', value = 'b' }}]\npodLabels = {{ team = 'a' }}"
        );
        let manifests = rendered(&text);
        let set = field(&manifests, "StatefulSet", "gateway-store", "/spec");
        assert_eq!(set["replicas"], 1);
        assert_eq!(set["template"]["spec"]["nodeSelector"], json!({ "pool": "llm" }));
        assert_eq!(set["template"]["metadata"]["labels"].get("team"), None);
        assert_eq!(set["template"]["spec"]["containers"][0]["env"].as_array().unwrap().len(), 1);
    }
}
