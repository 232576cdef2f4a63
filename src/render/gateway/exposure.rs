//! The Ingress of an exposed gateway: the paths of model calls, nothing of the proxy's own pages.

use crate::api::ClusterIngress;
use crate::object::Manifest;
use crate::object::names::PORT_NAME;
use crate::render::scope::Scope;
use crate::render::workload::{self, Exposed, Workload};

/// The Secret that cert-manager fills when none is named.
const TLS_SECRET: &str = "gateway-tls";

/// The Ingress, when the cluster exposes its gateway.
pub(super) fn manifest(workload: &Workload<'_>) -> Option<Manifest> {
    let (settings, domain) = exposed(workload.scope)?;
    let exposed =
        Exposed { host: format!("gateway.{domain}"), path: "/v1", port: PORT_NAME, tls_secret: filled(settings) };
    Some(workload::ingress(workload, settings, &exposed))
}

/// The Secret that cert-manager fills.
fn filled(settings: &ClusterIngress) -> String {
    let named = settings.tls.as_ref().and_then(|tls| tls.secret_name.clone());
    named.unwrap_or_else(|| TLS_SECRET.to_owned())
}

/// The Secret with the certificate under which the gateway is reached from outside.
pub(in crate::render) fn certificate(scope: &Scope<'_>) -> Option<String> {
    let (settings, _) = exposed(scope)?;
    workload::certificate(settings, &filled(settings))
}

/// The ingress of a cluster that exposes its gateway, and its domain.
pub(crate) fn exposed<'a>(scope: &Scope<'a>) -> Option<(&'a ClusterIngress, &'a str)> {
    let ingress = scope.spec().ingress.as_ref()?;
    let domain = scope.spec().domain.as_deref()?;
    ingress.enabled.unwrap_or(false).then_some((ingress, domain))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, find, rendered};

    fn ingress(lines: &str) -> Value {
        let text = format!("[clusters.c]\ndomain = 'example.com'\ningress.enabled = true\n{lines}");
        field(&rendered(&text), "Ingress", "gateway", "").clone()
    }

    #[test]
    fn a_domain_alone_exposes_nothing() {
        assert!(find(&rendered("clusters.c.domain = 'example.com'"), "Ingress", "gateway").is_none());
    }

    #[test]
    fn only_the_paths_of_model_calls_are_exposed() {
        let rules = &ingress("")["spec"]["rules"];
        assert_eq!(rules[0]["host"], "gateway.example.com");
        let paths = rules[0]["http"]["paths"].as_array().unwrap();
        assert_eq!(paths.len(), 1);
        assert_eq!((&paths[0]["path"], &paths[0]["pathType"]), (&json!("/v1"), &json!("Prefix")));
    }

    #[test]
    fn an_issuer_fills_a_secret_and_without_one_there_is_no_tls() {
        let issued = ingress("ingress.tls = { issuerRef = { name = 'le' } }");
        assert_eq!(issued["metadata"]["annotations"], json!({ "cert-manager.io/cluster-issuer": "le" }));
        assert_eq!(issued["spec"]["tls"], json!([{ "hosts": ["gateway.example.com"], "secretName": "gateway-tls" }]));
        assert_eq!(ingress("ingress.tls = { mode = 'auto' }")["spec"]["tls"], json!(null));
    }

    #[test]
    fn a_secret_of_ones_own_needs_no_issuer() {
        let own = ingress("ingress.tls = { mode = 'secret', secretName = 'mine' }");
        assert_eq!(own["spec"]["tls"][0]["secretName"], "mine");
        assert_eq!(own["metadata"].get("annotations"), None);
        assert_eq!(ingress("ingress.tls = { mode = 'none', secretName = 'mine' }")["spec"]["tls"], json!(null));
    }

    #[test]
    fn an_issuer_of_another_group_is_named_with_kind_and_group() {
        let issued = ingress("ingress.tls.issuerRef = { name = 'pca', kind = 'Issuer', group = 'awspca.io' }");
        let expected = json!({
            "cert-manager.io/issuer": "pca",
            "cert-manager.io/issuer-kind": "Issuer",
            "cert-manager.io/issuer-group": "awspca.io",
        });
        assert_eq!(issued["metadata"]["annotations"], expected);
    }

    #[test]
    fn the_users_annotations_win() {
        let own = ingress(
            "ingress.annotations = { 'cert-manager.io/cluster-issuer' = 'mine' }\ningress.tls.issuerRef = { name = 'le' }",
        );
        assert_eq!(own["metadata"]["annotations"], json!({ "cert-manager.io/cluster-issuer": "mine" }));
    }
}
