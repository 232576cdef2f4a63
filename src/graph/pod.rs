//! What a pod needs before it can start: its account, secrets, configuration, claims and classes.

use super::field::Field;
use super::found::Found;
use super::template::{Template, template};

const SECRET: (&str, &str) = ("", "Secret");
const CONFIG_MAP: (&str, &str) = ("", "ConfigMap");

/// What the pods of a manifest refer to.
pub(super) fn references(found: &mut Found<'_>) {
    let manifest = found.manifest;
    let Some(Template { spec, .. }) = template(manifest) else {
        return;
    };
    found.near(("", "ServiceAccount"), spec.at("serviceAccountName"));
    let class = spec.at("priorityClassName");
    found.global(("scheduling.k8s.io", "PriorityClass"), class);
    found.global(("node.k8s.io", "RuntimeClass"), spec.at("runtimeClassName"));
    for secret in spec.each("imagePullSecrets") {
        found.near(SECRET, secret.at("name"));
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
        found.near(SECRET, variable.at("valueFrom.secretKeyRef.name"));
        found.near(CONFIG_MAP, variable.at("valueFrom.configMapKeyRef.name"));
    }
    for source in container.each("envFrom") {
        found.near(SECRET, source.at("secretRef.name"));
        found.near(CONFIG_MAP, source.at("configMapRef.name"));
    }
}

fn volume_sources(found: &mut Found<'_>, volume: &Field<'_>) {
    found.near(SECRET, volume.at("secret.secretName"));
    found.near(CONFIG_MAP, volume.at("configMap.name"));
    found.near(SECRET, volume.at("csi.nodePublishSecretRef.name"));
    let claim = volume.at("persistentVolumeClaim.claimName");
    found.near(("", "PersistentVolumeClaim"), claim);
    let class = volume.at("ephemeral.volumeClaimTemplate.spec.storageClassName");
    found.global(("storage.k8s.io", "StorageClass"), class);
    for source in volume.each("projected.sources") {
        found.near(SECRET, source.at("secret.name"));
        found.near(CONFIG_MAP, source.at("configMap.name"));
    }
}
