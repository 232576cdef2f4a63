//! The Deployment of the gateway: its pods, how they change, and what makes them change.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec, Volume};

use crate::object::names::GATEWAY_AUTH;
use crate::object::{Manifest, labels};
use crate::render::endpoint::{Store, observers};
use crate::render::workload::{self, Parts, Workload};

use super::config_map::Files;
use super::container::{self, CONFIG_VOLUME, CREDENTIALS_VOLUME};
use super::credentials::Credentials;

pub(super) fn manifest(gateway: &Workload<'_>, credentials: &Credentials, files: &Files) -> Manifest {
    let scope = gateway.scope;
    let deployment = Deployment {
        metadata: gateway.meta(gateway.name()),
        spec: Some(DeploymentSpec {
            replicas: workload::replicas(gateway),
            selector: gateway.pods(),
            strategy: Some(workload::rolling()),
            template: PodTemplateSpec {
                metadata: Some(workload::metadata(gateway)),
                spec: Some(pod(gateway, credentials, files)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    };
    let mut manifest = gateway.manifest(&deployment);
    let pod = "/spec/template/spec";
    let resources = (format!("{pod}/containers"), "gateway.deployment.resources");
    gateway.places(&mut manifest, [resources, (format!("{pod}/initContainers"), "gateway.deployment.initContainers")]);
    if scope.gateway.goes_back() {
        manifest.annotate(labels::ROLLBACK, labels::ROLLBACK_AUTO);
    }
    // A running process keeps its environment.
    if scope.gateway.rotates_on_secret_change() {
        let store = Store::of(scope).and_then(|store| store.password);
        let secrets = credentials.secrets().into_iter().chain([GATEWAY_AUTH]);
        let secrets = secrets.chain(store.as_ref().map(|password| password.secret.as_str()));
        let told = observers(&scope.gateway, scope.cluster);
        let told = told.iter().flat_map(|one| &one.secrets).map(|(_, source)| source.secret.as_str());
        let secrets = secrets.chain(told);
        manifest.deferred.push(workload::credentials_hash(gateway, secrets));
    }
    manifest
}

fn pod(gateway: &Workload<'_>, credentials: &Credentials, files: &Files) -> PodSpec {
    let drain = container::drain(gateway.scope);
    let parts = Parts {
        containers: vec![container::container(gateway, credentials, drain)],
        volumes: volumes(credentials, files),
        ..Parts::default()
    };
    let grace = Some(container::grace(drain));
    PodSpec { termination_grace_period_seconds: grace, ..workload::spec(gateway, parts) }
}

fn volumes(credentials: &Credentials, files: &Files) -> Vec<Volume> {
    let config = Volume { name: CONFIG_VOLUME.to_owned(), projected: Some(files.volume()), ..Volume::default() };
    let keys = credentials.files().map(|keys| Volume {
        name: CREDENTIALS_VOLUME.to_owned(),
        projected: Some(keys),
        ..Volume::default()
    });
    [config, workload::tmp_volume()].into_iter().chain(keys).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, manifest, rendered};

    const POD: &str = "/spec/template/spec";

    fn pod(description: &str) -> Value {
        field(&rendered(description), "Deployment", "gateway", POD).clone()
    }

    const MODEL: &str =
        "[clusters.c]\n[models.m]\nprovider = 'openai'\nmodelName = 'm'\napiKeySecretRef = { name = 'k' }";

    #[test]
    fn another_model_is_another_pod_and_the_same_is_the_same() {
        let more = format!("{MODEL}\n[models.n]\nprovider = 'openai'\nmodelName = 'n'");
        assert_eq!(pod(MODEL), pod(MODEL));
        assert_ne!(pod(MODEL), pod(&more));
    }

    #[test]
    fn the_pod_changes_with_every_secret_that_it_reads() {
        let text = format!(
            "{MODEL}\n[clusters.c.gateway.deployment]\nenvFrom = [{{ secretRef = {{ name = 'z' }} }}]\n\
             env = [{{ name = 'R', valueFrom = {{ secretKeyRef = {{ name = 'redis', key = 'p' }} }} }}]"
        );
        let manifests = rendered(&text);
        let deferred = &manifest(&manifests, "Deployment", "gateway").deferred;
        assert_eq!(deferred[0].pointer, "/spec/template/metadata/annotations/langop.io~1credentials-hash");
        let names: Vec<_> = deferred[0].value.objects().iter().map(|secret| secret.name.as_str()).collect();
        assert_eq!(names, ["gateway-auth", "k", "redis", "z"]);
    }

    #[test]
    fn rotation_can_be_switched_off() {
        let manifests = rendered("[clusters.c]\ngateway.rotateOnSecretChange = false");
        assert!(manifest(&manifests, "Deployment", "gateway").deferred.is_empty());
    }

    #[test]
    fn a_gateway_that_goes_back_says_so_beside_its_pods() {
        let [without, with] = ["{}", "{ rollout = { rollback = 'auto' } }"].map(|gateway| {
            let manifests = rendered(&format!("[clusters.c]\ngateway = {gateway}"));
            manifest(&manifests, "Deployment", "gateway").clone()
        });
        assert_eq!(with.annotation("langop.io/rollback"), Some("auto"));
        assert_eq!(without.annotation("langop.io/rollback"), None);
        assert_eq!(with.object["spec"], without.object["spec"], "no pod starts anew for it");
    }

    #[test]
    fn the_pod_satisfies_pod_security_restricted() {
        let pod = pod(MODEL);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        assert_eq!(pod["automountServiceAccountToken"], false);
        let container = &pod["containers"][0]["securityContext"];
        assert_eq!(container["allowPrivilegeEscalation"], false);
        assert_eq!(container["readOnlyRootFilesystem"], true);
        assert_eq!(container["capabilities"], json!({ "drop": ["ALL"] }));
    }

    #[test]
    fn the_longest_call_may_end_before_the_pod_does() {
        let long = pod(&format!("{MODEL}\ntimeout = '10m'"));
        assert_eq!(long["terminationGracePeriodSeconds"], 620);
        let env = long["containers"][0]["env"].as_array().unwrap();
        assert!(env.contains(&json!({ "name": "GRACEFUL_SHUTDOWN_TIMEOUT", "value": "600" })));
        let none = pod("clusters.c = {}");
        assert_eq!(none["terminationGracePeriodSeconds"], 50);
    }

    #[test]
    fn labels_that_select_pods_are_langops() {
        let text = "[clusters.c.gateway.deployment]\npodLabels = { team = 'a', 'langop.io/kind' = 'mine' }\n\
                    podAnnotations = { note = 'n' }";
        let manifests = rendered(text);
        let meta = field(&manifests, "Deployment", "gateway", "/spec/template/metadata");
        assert_eq!(meta["labels"]["team"], "a");
        assert_eq!(meta["labels"]["langop.io/kind"], "gateway");
        assert_eq!(meta["annotations"]["note"], "n");
        let selected = field(&manifests, "Deployment", "gateway", "/spec/selector/matchLabels");
        for (key, value) in selected.as_object().unwrap() {
            assert_eq!(&meta["labels"][key], value);
        }
    }

    #[test]
    fn a_spread_without_a_selector_counts_the_gateways_pods() {
        let text = "[[clusters.c.gateway.deployment.topologySpreadConstraints]]\n\
                    maxSkew = 1\ntopologyKey = 'zone'\nwhenUnsatisfiable = 'DoNotSchedule'";
        let selector = &pod(text)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"];
        assert_eq!(selector["langop.io/kind"], "gateway");
    }

    #[test]
    fn resources_are_replaced_whole() {
        let text = "[clusters.c.gateway.deployment]\nresources.limits = { memory = '2Gi' }";
        assert_eq!(pod(text)["containers"][0]["resources"], json!({ "limits": { "memory": "2Gi" } }));
    }
}
