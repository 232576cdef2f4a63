//! The Deployment of the gateway: its pods, how they change, and what makes them change.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, PodSpec, PodTemplateSpec, TopologySpreadConstraint, Volume};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::field::escape;
use crate::object::names::{GATEWAY, GATEWAY_AUTH};
use crate::object::role::Role;
use crate::object::{DeferredField, DeferredValue, Manifest, ObjectRef, labels};
use crate::render::scope::{Scope, listed, mapped};

use super::config_map::Files;
use super::container::{self, CONFIG_VOLUME, CREDENTIALS_VOLUME, TMP_VOLUME};
use super::credentials::Credentials;
use super::{hardening, identity, scaling};

pub(super) fn manifest(scope: &Scope<'_>, credentials: &Credentials, files: &Files) -> Manifest {
    let deployment = Deployment {
        metadata: scope.meta(GATEWAY, Role::GATEWAY),
        spec: Some(DeploymentSpec {
            replicas: scaling::replicas(scope),
            selector: scope.gateway_pods(),
            strategy: Some(one_up_before_one_down()),
            template: PodTemplateSpec {
                metadata: Some(pod_metadata(scope)),
                spec: Some(pod(scope, credentials, files)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    };
    let mut manifest = scope.manifest(&deployment);
    let pod = "/spec/template/spec";
    let resources = (format!("{pod}/containers"), "gateway.deployment.resources");
    scope.places(&mut manifest, [resources, (format!("{pod}/initContainers"), "gateway.deployment.initContainers")]);
    if scope.gateway.rotates_on_secret_change() {
        manifest.deferred.push(credentials_hash(scope, credentials));
    }
    manifest
}

/// The annotation that changes when a Secret does: a running process keeps its environment.
fn credentials_hash(scope: &Scope<'_>, credentials: &Credentials) -> DeferredField {
    let key = escape(labels::CREDENTIALS_HASH);
    let secrets = credentials.secrets().into_iter().chain([GATEWAY_AUTH]);
    let secrets: BTreeSet<_> = secrets.chain(users_secrets(scope)).collect();
    let reference = |name: &str| ObjectRef::namespaced("", "Secret", scope.cluster, name);
    DeferredField {
        pointer: format!("/spec/template/metadata/annotations/{key}"),
        value: DeferredValue::VersionHash(secrets.into_iter().map(reference).collect()),
    }
}

/// Secrets that the user's own variables come from.
fn users_secrets<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a str> {
    let single = scope.deployment.env.iter().filter_map(|variable| {
        let source = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some(source.name.as_str())
    });
    let whole = scope.deployment.env_from.iter().filter_map(|source| Some(source.secret_ref.as_ref()?.name.as_str()));
    single.chain(whole)
}

/// A model added or removed never leaves the agents without a gateway.
fn one_up_before_one_down() -> DeploymentStrategy {
    DeploymentStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(1)),
            max_unavailable: Some(IntOrString::Int(0)),
        }),
    }
}

fn pod_metadata(scope: &Scope<'_>) -> ObjectMeta {
    let annotations = mapped(scope.deployment.pod_annotations.clone());
    let mut labels = scope.deployment.pod_labels.clone();
    // Langop's win: a selector label of another value would orphan the pods.
    labels.extend(Role::GATEWAY.pod_labels(scope.cluster));
    ObjectMeta { annotations, labels: Some(labels), ..ObjectMeta::default() }
}

fn pod(scope: &Scope<'_>, credentials: &Credentials, files: &Files) -> PodSpec {
    let deployment = &scope.deployment;
    let drain = container::drain(scope);
    let gateway = container::container(scope, credentials, drain);
    let resources = gateway.resources.clone().unwrap_or_default();
    PodSpec {
        service_account_name: Some(identity::account_name(scope).to_owned()),
        automount_service_account_token: identity::mounts_token(scope),
        // Else a Service named `debug` would set `DEBUG_PORT` and its like for the proxy to read.
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(container::grace(drain)),
        security_context: Some(hardening::pod_context(deployment.security_context.as_ref())),
        containers: vec![gateway],
        init_containers: listed(hardening::init_containers(&deployment.init_containers, &resources)),
        volumes: Some(volumes(credentials, files, &deployment.volumes)),
        image_pull_secrets: listed(deployment.image_pull_secrets.clone()),
        node_selector: mapped(deployment.node_selector.clone()),
        affinity: deployment.affinity.clone(),
        tolerations: listed(deployment.tolerations.clone()),
        topology_spread_constraints: listed(spread(scope)),
        priority_class_name: deployment.priority_class_name.clone(),
        ..PodSpec::default()
    }
}

/// Langop's volumes, then the user's. A volume of the user's of the same name replaces langop's.
fn volumes(credentials: &Credentials, files: &Files, users: &[Volume]) -> Vec<Volume> {
    let config = Volume { name: CONFIG_VOLUME.to_owned(), projected: Some(files.volume()), ..Volume::default() };
    let tmp = Volume {
        name: TMP_VOLUME.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource { size_limit: Some(Quantity("1Gi".to_owned())), medium: None }),
        ..Volume::default()
    };
    let keys = credentials.files().map(|keys| Volume {
        name: CREDENTIALS_VOLUME.to_owned(),
        projected: Some(keys),
        ..Volume::default()
    });
    let kept = [config, tmp].into_iter().chain(keys);
    let kept = kept.filter(|volume| users.iter().all(|user| user.name != volume.name));
    kept.chain(users.iter().cloned()).collect()
}

/// The user's constraints; one without a selector counts the gateway's own pods.
fn spread(scope: &Scope<'_>) -> Vec<TopologySpreadConstraint> {
    let constraints = scope.deployment.topology_spread_constraints.iter().cloned();
    constraints
        .map(|mut constraint| {
            constraint.label_selector.get_or_insert_with(|| scope.gateway_pods());
            constraint
        })
        .collect()
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
