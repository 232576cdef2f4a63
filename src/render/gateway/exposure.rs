//! The Ingress of an exposed gateway: the paths of model calls, nothing of the proxy's own pages.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{ClusterIngress, ClusterTls, IssuerKind, IssuerRef, TlsMode};
use crate::object::Manifest;
use crate::render::scope::{GATEWAY, Role, Scope, listed, mapped};

use super::PORT_NAME;

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
pub(in crate::render) fn exposed<'a>(scope: &Scope<'a>) -> Option<(&'a ClusterIngress, &'a str)> {
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
