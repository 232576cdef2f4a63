//! Fields that a controller fills: what a manifest says there is a stand-in for it, and sending that would take the
//! field from the controller, or fail at the second apply. Pure.

use serde_json::Value;

use crate::object::Manifest;
use crate::object::field::{items, text};

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
/// aggregated role, certificates that are injected, and the volume of a claim. Counts that are scaled depend on what is
/// live ([`super::amended`]).
pub(in crate::ops) fn leave_to_controllers(manifests: &mut [Manifest]) {
    manifests.iter_mut().for_each(leave);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn left(object: Value) -> Value {
        let mut manifests = [Manifest::new(object, None, None).unwrap()];
        leave_to_controllers(&mut manifests);
        manifests[0].object.to_value()
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
}
