//! The Ingress of an exposed gateway: the paths of model calls, nothing of the proxy's own pages.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{ClusterIngress, ClusterTls, IssuerKind, IssuerRef, TlsMode};
use crate::object::Manifest;
use crate::object::names::{GATEWAY, PORT_NAME};
use crate::object::role::Role;
use crate::render::scope::{Scope, listed, mapped};

/// The Secret that cert-manager fills when none is named.
const TLS_SECRET: &str = "gateway-tls";
/// The group of cert-manager's own issuers.
const CERT_MANAGER: &str = "cert-manager.io";

/// The Ingress, when the cluster exposes its gateway.
pub(super) fn manifest(scope: &Scope<'_>) -> Option<Manifest> {
    let (ingress, domain) = exposed(scope)?;
    let host = format!("gateway.{domain}");
    let mut annotations = issuer(ingress).map(issuer_annotations).unwrap_or_default();
    annotations.extend(ingress.annotations.clone());
    let object = Ingress {
        metadata: ObjectMeta { annotations: mapped(annotations), ..scope.meta(GATEWAY, Role::GATEWAY) },
        spec: Some(IngressSpec {
            ingress_class_name: ingress.class_name.clone(),
            rules: Some(vec![rule(host.clone())]),
            tls: listed(tls(ingress, host).into_iter().collect()),
            ..IngressSpec::default()
        }),
        ..Ingress::default()
    };
    Some(scope.manifest(&object))
}

/// The ingress of a cluster that exposes its gateway, and its domain.
pub(crate) fn exposed<'a>(scope: &Scope<'a>) -> Option<(&'a ClusterIngress, &'a str)> {
    let ingress = scope.spec().ingress.as_ref()?;
    let domain = scope.spec().domain.as_deref()?;
    ingress.enabled.unwrap_or(false).then_some((ingress, domain))
}

fn rule(host: String) -> IngressRule {
    IngressRule {
        host: Some(host),
        http: Some(HTTPIngressRuleValue {
            paths: vec![HTTPIngressPath {
                path: Some("/v1".to_owned()),
                path_type: "Prefix".to_owned(),
                backend: IngressBackend {
                    service: Some(IngressServiceBackend {
                        name: GATEWAY.to_owned(),
                        port: Some(ServiceBackendPort { name: Some(PORT_NAME.to_owned()), number: None }),
                    }),
                    ..IngressBackend::default()
                },
            }],
        }),
    }
}

fn tls(ingress: &ClusterIngress, host: String) -> Option<IngressTLS> {
    let tls = ingress.tls.as_ref()?;
    let named = tls.secret_name.clone();
    let secret = match tls.mode() {
        TlsMode::None => None,
        TlsMode::Secret => named,
        // Without an issuer nothing would fill the Secret.
        TlsMode::Auto => tls.issuer_ref.as_ref().map(|_| named.unwrap_or_else(|| TLS_SECRET.to_owned())),
    };
    secret.map(|secret| IngressTLS { hosts: Some(vec![host]), secret_name: Some(secret) })
}

fn issuer(ingress: &ClusterIngress) -> Option<&IssuerRef> {
    let auto = |tls: &&ClusterTls| tls.mode() == TlsMode::Auto;
    ingress.tls.as_ref().filter(auto)?.issuer_ref.as_ref()
}

/// The annotations by which cert-manager knows the issuer (cert-manager, *Annotated Ingress resource*).
fn issuer_annotations(issuer: &IssuerRef) -> BTreeMap<String, String> {
    let kind = issuer.kind.unwrap_or_default();
    let key = match kind {
        IssuerKind::ClusterIssuer => "cert-manager.io/cluster-issuer",
        IssuerKind::Issuer => "cert-manager.io/issuer",
    };
    let group = issuer.group.as_deref().unwrap_or(CERT_MANAGER);
    if group == CERT_MANAGER {
        return BTreeMap::from([(key.to_owned(), issuer.name.clone())]);
    }
    let kind = match kind {
        IssuerKind::ClusterIssuer => "ClusterIssuer",
        IssuerKind::Issuer => "Issuer",
    };
    BTreeMap::from([
        ("cert-manager.io/issuer".to_owned(), issuer.name.clone()),
        ("cert-manager.io/issuer-kind".to_owned(), kind.to_owned()),
        ("cert-manager.io/issuer-group".to_owned(), group.to_owned()),
    ])
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
