//! References by name outside pod templates: roles, scale targets, backends, storage, webhooks, and the
//! members that a langop.io object names. One function a field of Kubernetes.

use super::dependency::Wait;
use super::field::Field;
use super::found::Found;
use crate::object::names::{GROUP, MODEL_KIND, PERSONA_KIND, TOOL_KIND};
use crate::object::{ObjectRef, Word, group_of};

const RBAC: &str = "rbac.authorization.k8s.io";
const SECRET: (&str, &str) = ("", "Secret");
const SERVICE: (&str, &str) = ("", "Service");
const STORAGE_CLASS: (&str, &str) = ("storage.k8s.io", "StorageClass");

/// What the object names.
pub(super) fn references(found: &mut Found<'_>) {
    let reference = &found.manifest.reference;
    match (reference.group.as_str(), reference.kind.as_str()) {
        (RBAC, _) => role_binding(found),
        ("networking.k8s.io", "Ingress") => ingress(found),
        ("", "ServiceAccount") => service_account(found),
        ("", "Secret") => account_token(found),
        ("", "PersistentVolumeClaim" | "PersistentVolume") => storage(found),
        ("apps", "StatefulSet") => stateful_set(found),
        ("admissionregistration.k8s.io", _) => webhooks(found),
        ("apiregistration.k8s.io", "APIService") => service_of(found, "spec.service"),
        ("apiextensions.k8s.io", _) => {
            service_of(found, "spec.conversion.webhook.clientConfig.service");
        }
        (GROUP, _) => members(found),
        _ => {}
    }
    scale_target(found);
}

fn role_binding(found: &mut Found<'_>) {
    let root = found.root();
    match root.text("roleRef.kind") {
        Some("Role") => found.namespaced((RBAC, "Role"), root.at("roleRef.name")),
        Some("ClusterRole") => found.cluster_scoped((RBAC, "ClusterRole"), root.at("roleRef.name")),
        _ => {}
    }
    for subject in root.each("subjects") {
        if subject.text("kind") == Some("ServiceAccount") {
            let own = found.manifest.reference.namespace.clone();
            let namespace = subject.text("namespace").map(Word::from).or(own);
            found.named(("", "ServiceAccount"), namespace, subject.at("name"));
        }
    }
}

fn service_account(found: &mut Found<'_>) {
    let root = found.root();
    // Not `secrets`: its tokens wait for the account themselves.
    for secret in root.each("imagePullSecrets") {
        found.namespaced(SECRET, secret.at("name"));
    }
}

/// A token is taken away again when its account is not there.
fn account_token(found: &mut Found<'_>) {
    let key = "kubernetes.io/service-account.name";
    let namespace = found.manifest.reference.namespace.clone();
    if let (Some(account), Some(namespace)) = (found.manifest.annotation(key), namespace) {
        let on = ObjectRef::namespaced("", "ServiceAccount", &namespace, account);
        found.wait_for(on, Wait::Exists, format!("metadata.annotations[{key}]"));
    }
}

/// `HorizontalPodAutoscaler`, and other autoscalers that borrowed its field.
fn scale_target(found: &mut Found<'_>) {
    let Some(target) = found.root().at("spec.scaleTargetRef") else {
        return;
    };
    let (Some(kind), Some(name)) = (target.text("kind"), target.text("name")) else {
        return;
    };
    let group = group_of(target.text("apiVersion").unwrap_or("apps/v1"));
    let on = ObjectRef {
        namespace: found.manifest.reference.namespace.clone(),
        ..ObjectRef::cluster_scoped(group, kind, name)
    };
    found.wait_for(on, Wait::Exists, target.path);
}

fn ingress(found: &mut Found<'_>) {
    let root = found.root();
    let class = root.at("spec.ingressClassName");
    found.cluster_scoped(("networking.k8s.io", "IngressClass"), class);
    found.namespaced(SERVICE, root.at("spec.defaultBackend.service.name"));
    for rule in root.each("spec.rules") {
        for path in rule.each("http.paths") {
            found.namespaced(SERVICE, path.at("backend.service.name"));
        }
    }
    for tls in root.each("spec.tls") {
        found.namespaced(SECRET, tls.at("secretName"));
    }
}

fn storage(found: &mut Found<'_>) {
    let root = found.root();
    found.cluster_scoped(STORAGE_CLASS, root.at("spec.storageClassName"));
    found.cluster_scoped(("", "PersistentVolume"), root.at("spec.volumeName"));
}

fn stateful_set(found: &mut Found<'_>) {
    let root = found.root();
    found.namespaced(SERVICE, root.at("spec.serviceName"));
    for claim in root.each("spec.volumeClaimTemplates") {
        found.cluster_scoped(STORAGE_CLASS, claim.at("spec.storageClassName"));
    }
}

fn webhooks(found: &mut Found<'_>) {
    for webhook in found.root().each("webhooks") {
        if let Some(service) = webhook.at("clientConfig.service") {
            service_in(found, &service);
        }
    }
}

fn service_of(found: &mut Found<'_>, place: &str) {
    if let Some(service) = found.root().at(place) {
        service_in(found, &service);
    }
}

fn service_in(found: &mut Found<'_>, service: &Field<'_>) {
    let namespace = service.text("namespace").map(Word::from);
    found.named(SERVICE, namespace, service.at("name"));
}

/// An agent names its models, tools and persona; a model names the Secrets of its credentials.
fn members(found: &mut Found<'_>) {
    let root = found.root();
    for model in root.each("spec.models") {
        found.namespaced((GROUP, MODEL_KIND), model.at("name"));
    }
    for tool in root.each("spec.tools") {
        // With a url it is a server outside, which needs no name of the set.
        if tool.at("url").is_none() {
            found.namespaced((GROUP, TOOL_KIND), tool.at("name"));
        }
    }
    found.namespaced((GROUP, PERSONA_KIND), root.at("spec.persona"));
    found.namespaced(SECRET, root.at("spec.apiKeySecretRef.name"));
    found.namespaced(SECRET, root.at("spec.credentialsSecretRef.name"));
}
