//! What a pod needs before it can start: its account, secrets, configuration, claims and classes.

use super::dependency::Wait;
use super::field::Field;
use super::found::Found;
use super::template::{Template, template};
use crate::object::names::{gateway_url, store_host};
use crate::object::role::{gateway_deployment, gateway_store};

const SECRET: (&str, &str) = ("", "Secret");
const CONFIG_MAP: (&str, &str) = ("", "ConfigMap");

/// What the pods of a manifest refer to.
pub(super) fn references(found: &mut Found<'_>) {
    let manifest = found.manifest;
    let Some(Template { spec, .. }) = template(manifest) else {
        return;
    };
    found.namespaced(("", "ServiceAccount"), spec.at("serviceAccountName"));
    let class = spec.at("priorityClassName");
    found.cluster_scoped(("scheduling.k8s.io", "PriorityClass"), class);
    found.cluster_scoped(("node.k8s.io", "RuntimeClass"), spec.at("runtimeClassName"));
    for secret in spec.each("imagePullSecrets") {
        found.namespaced(SECRET, secret.at("name"));
    }
    for containers in ["initContainers", "containers", "ephemeralContainers"] {
        for container in spec.each(containers) {
            environment(found, &container);
        }
    }
    for volume in spec.each("volumes") {
        volume_sources(found, &volume);
    }
}

fn environment(found: &mut Found<'_>, container: &Field<'_>) {
    for variable in container.each("env") {
        found.namespaced(SECRET, variable.at("valueFrom.secretKeyRef.name"));
        found.namespaced(CONFIG_MAP, variable.at("valueFrom.configMapKeyRef.name"));
        gateway(found, &variable);
    }
    for source in container.each("envFrom") {
        found.namespaced(SECRET, source.at("secretRef.name"));
        found.namespaced(CONFIG_MAP, source.at("configMapRef.name"));
    }
}

/// A program that is told where the gateway answers calls it at once: a task would fail without, and a service would be
/// restarted until it is there.
fn gateway(found: &mut Found<'_>, variable: &Field<'_>) {
    let Some(cluster) = found.manifest.reference.namespace.as_deref() else { return };
    if variable.text("value") == Some(&gateway_url(cluster)) {
        found.wait_for(gateway_deployment(cluster), Wait::Ready, variable.path.clone());
    }
    // Without its store a gateway would count in each pod first, or refuse.
    if variable.text("value") == Some(&store_host(cluster)) {
        found.wait_for(gateway_store(cluster), Wait::Ready, variable.path.clone());
    }
}

fn volume_sources(found: &mut Found<'_>, volume: &Field<'_>) {
    found.namespaced(SECRET, volume.at("secret.secretName"));
    found.namespaced(CONFIG_MAP, volume.at("configMap.name"));
    found.namespaced(SECRET, volume.at("csi.nodePublishSecretRef.name"));
    let claim = volume.at("persistentVolumeClaim.claimName");
    found.namespaced(("", "PersistentVolumeClaim"), claim);
    let class = volume.at("ephemeral.volumeClaimTemplate.spec.storageClassName");
    found.cluster_scoped(("storage.k8s.io", "StorageClass"), class);
    for source in volume.each("projected.sources") {
        found.namespaced(SECRET, source.at("secret.name"));
        found.namespaced(CONFIG_MAP, source.at("configMap.name"));
    }
}
