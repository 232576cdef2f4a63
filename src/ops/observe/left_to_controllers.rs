//! Fields that a controller fills: what a manifest says there is a stand-in for it, and sending that would take the
//! field from the controller, or fail at the second apply. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::listed::Listed;
use crate::object::field::{items, text};
use crate::object::{Manifest, Meta, ObjectRef};

/// Who annotates an object so that a certificate is filled in, with any value.
const INJECTED: [&str; 5] = [
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
    "service.beta.openshift.io/inject-cabundle",
    "service.alpha.openshift.io/inject-cabundle",
];

/// A line break in base64, with which generators fill a certificate that is to come (kubebuilder).
const NO_CERTIFICATE: [&str; 2] = ["", "Cg=="];

/// Takes out of each manifest what a controller fills, where the manifest leaves it to the controller: the rules of an
/// aggregated role, certificates that are injected, the volume of a claim, and replicas that an autoscaler of the same
/// description has set.
pub(in crate::ops) fn leave_to_controllers(manifests: &mut [Manifest], listed: &Listed) {
    let scaled: BTreeSet<_> = manifests.iter().filter_map(scaled).collect();
    for manifest in manifests {
        leave(manifest);
        let is_scaled =
            scaled.contains(&manifest.reference) && listed.meta(&manifest.reference).is_some_and(is_scaled_by_another);
        if is_scaled {
            remove(&mut manifest.object, &["spec"], "replicas");
        }
    }
}

fn leave(manifest: &mut Manifest) {
    let injected = INJECTED.iter().any(|key| manifest.annotation(key).is_some());
    let reference = manifest.reference.clone();
    let object = &mut manifest.object;
    match (reference.group.as_str(), reference.kind.as_str()) {
        ("rbac.authorization.k8s.io", "ClusterRole")
            if object.get("aggregationRule").is_some_and(|rule| !rule.is_null()) =>
        {
            remove(object, &[], "rules");
        }
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration") => {
            for webhook in object.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
                leave_certificate(webhook, &["clientConfig"], injected);
            }
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            leave_certificate(object, &["spec", "conversion", "webhook", "clientConfig"], injected);
        }
        ("apiregistration.k8s.io", "APIService") => leave_certificate(object, &["spec"], injected),
        ("", "PersistentVolumeClaim") if text(object, "/spec/volumeName") == Some("") => {
            remove(object, &["spec"], "volumeName");
        }
        ("", "ServiceAccount") if items(object, "/secrets").is_empty() => remove(object, &[], "secrets"),
        _ => {}
    }
}

fn leave_certificate(object: &mut Value, place: &[&str], injected: bool) {
    let below = place.iter().try_fold(&*object, |below, key| below.get(key));
    let written = below.and_then(|below| below.get("caBundle"));
    let is_none = written.is_some_and(|written| {
        written.is_null() || written.as_str().is_some_and(|text| NO_CERTIFICATE.contains(&text.trim()))
    });
    if injected || is_none {
        remove(object, place, "caBundle");
    }
}

fn remove(object: &mut Value, place: &[&str], field: &str) {
    let below = place.iter().try_fold(object, |below, key| below.get_mut(key));
    if let Some(fields) = below.and_then(Value::as_object_mut) {
        fields.remove(field);
    }
}

/// What an autoscaler scales.
fn scaled(autoscaler: &Manifest) -> Option<ObjectRef> {
    let ObjectRef { group, kind, namespace, .. } = &autoscaler.reference;
    if group != "autoscaling" || kind != "HorizontalPodAutoscaler" {
        return None;
    }
    let target = autoscaler.object.pointer("/spec/scaleTargetRef")?;
    let group = text(target, "/apiVersion").unwrap_or_default();
    let group = group.split_once('/').map_or("", |(group, _)| group);
    let of =
        |namespace: &str| Some(ObjectRef::namespaced(group, text(target, "/kind")?, namespace, text(target, "/name")?));
    of(namespace.as_deref()?)
}

/// Whether somebody has set the replicas by the `scale` subresource, as autoscalers do.
fn is_scaled_by_another(meta: &Meta) -> bool {
    let mut entries = meta.managed_fields.iter();
    entries.any(|entry| entry.subresource == "scale" && entry.fields.pointer("/f:spec/f:replicas").is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn left(object: Value) -> Value {
        let mut manifests = [Manifest::new(object, None, None).unwrap()];
        leave_to_controllers(&mut manifests, &Listed::default());
        manifests[0].object.clone()
    }

    fn described(api_version: &str, kind: &str, mut rest: Value) -> Value {
        rest["apiVersion"] = json!(api_version);
        rest["kind"] = json!(kind);
        if rest["metadata"].is_null() {
            rest["metadata"] = json!({});
        }
        rest["metadata"]["name"] = json!("x");
        rest
    }

    #[test]
    fn rules_of_an_aggregated_role_are_the_controllers() {
        let role = |rest| described("rbac.authorization.k8s.io/v1", "ClusterRole", rest);
        assert!(left(role(json!({"rules": [], "aggregationRule": {"clusterRoleSelectors": []}})))["rules"].is_null());
        assert!(left(role(json!({"rules": []})))["rules"].is_array());
    }

    #[test]
    fn certificates_that_are_to_come_are_left_out() {
        let config = |bundle: &Value| json!({"caBundle": bundle, "service": {"name": "s"}});
        let of = |bundle: Value, metadata: Value| {
            let webhook = described(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                json!({"metadata": metadata, "webhooks": [{"name": "a", "clientConfig": config(&bundle)}]}),
            );
            let crd = described(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                json!({"metadata": metadata, "spec": {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": config(&bundle)}}}}),
            );
            let service = described(
                "apiregistration.k8s.io/v1",
                "APIService",
                json!({"metadata": metadata, "spec": config(&bundle)}),
            );
            [webhook, crd, service].map(|object| left(object).to_string().contains("caBundle"))
        };
        for none in [json!(""), json!("Cg=="), json!(null)] {
            assert_eq!(of(none.clone(), json!({})), [false; 3], "{none}");
        }
        assert_eq!(of(json!("TUlJ"), json!({})), [true; 3]);
        assert_eq!(of(json!("TUlJ"), json!({"annotations": {"cert-manager.io/inject-ca-from": "n/c"}})), [false; 3]);
    }

    #[test]
    fn a_claim_is_bound_and_an_account_gets_tokens_by_their_controllers() {
        let claim =
            |volume: &str| left(described("v1", "PersistentVolumeClaim", json!({"spec": {"volumeName": volume}})));
        assert!(claim("")["spec"].get("volumeName").is_none());
        assert_eq!(claim("data")["spec"]["volumeName"], "data");
        assert!(left(described("v1", "ServiceAccount", json!({"secrets": []}))).get("secrets").is_none());
    }

    #[test]
    fn replicas_are_the_autoscalers_once_it_has_set_them() {
        let workload =
            described("apps/v1", "Deployment", json!({"metadata": {"namespace": "n"}, "spec": {"replicas": 2}}));
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"});
        let scaler = described(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            json!({"metadata": {"namespace": "n"}, "spec": {"scaleTargetRef": target}}),
        );
        let replicas = |objects: &[&Value], subresource: &str| {
            let mut live = workload.clone();
            live["metadata"]["managedFields"] = json!([{"manager": "kube-controller-manager", "operation": "Update", "subresource": subresource, "fieldsV1": {"f:spec": {"f:replicas": {}}}}]);
            let mut listed = Listed::default();
            let meta = Meta::from_object("apps", "Deployment", &live).unwrap();
            listed.learn(meta.reference.clone(), Some(meta));
            let mut manifests: Vec<_> =
                objects.iter().map(|object| Manifest::new((*object).clone(), None, None).unwrap()).collect();
            leave_to_controllers(&mut manifests, &listed);
            manifests[0].object["spec"]["replicas"].clone()
        };
        assert_eq!(replicas(&[&workload, &scaler], "scale"), json!(null));
        assert_eq!(replicas(&[&workload, &scaler], ""), json!(2));
        assert_eq!(replicas(&[&workload], "scale"), json!(2));
    }
}
