//! The Ingress of an exposed workload: one host under the cluster's domain, with the cluster's class and TLS.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{ClusterIngress, ClusterTls, IssuerKind, IssuerRef, TlsMode};
use crate::object::Manifest;
use crate::render::scope::{listed, mapped};

use super::Workload;

/// The group of cert-manager's own issuers.
const CERT_MANAGER: &str = "cert-manager.io";

/// What of a workload is exposed.
pub(in crate::render) struct Exposed<'a> {
    /// Host name.
    pub host: String,
    /// Paths that begin so.
    pub path: &'a str,
    /// Name of the port of its Service.
    pub port: &'a str,
    /// The Secret that cert-manager fills.
    pub tls_secret: String,
}

/// The Ingress, by the cluster's settings.
pub(in crate::render) fn ingress(
    workload: &Workload<'_>,
    settings: &ClusterIngress,
    exposed: &Exposed<'_>,
) -> Manifest {
    let mut annotations = issuer(settings).map(issuer_annotations).unwrap_or_default();
    annotations.extend(settings.annotations.clone());
    let object = Ingress {
        metadata: ObjectMeta { annotations: mapped(annotations), ..workload.meta(workload.name()) },
        spec: Some(IngressSpec {
            ingress_class_name: settings.class_name.clone(),
            rules: Some(vec![rule(workload, exposed)]),
            tls: listed(tls(settings, exposed).into_iter().collect()),
            ..IngressSpec::default()
        }),
        ..Ingress::default()
    };
    workload.manifest(&object)
}

fn rule(workload: &Workload<'_>, exposed: &Exposed<'_>) -> IngressRule {
    IngressRule {
        host: Some(exposed.host.clone()),
        http: Some(HTTPIngressRuleValue {
            paths: vec![HTTPIngressPath {
                path: Some(exposed.path.to_owned()),
                path_type: "Prefix".to_owned(),
                backend: IngressBackend {
                    service: Some(IngressServiceBackend {
                        name: workload.name().to_owned(),
                        port: Some(ServiceBackendPort { name: Some(exposed.port.to_owned()), number: None }),
                    }),
                    ..IngressBackend::default()
                },
            }],
        }),
    }
}

/// The Secret with the certificate; `filled` is the one that cert-manager fills.
pub(in crate::render) fn certificate(settings: &ClusterIngress, filled: &str) -> Option<String> {
    let tls = settings.tls.as_ref()?;
    match tls.mode() {
        TlsMode::None => None,
        TlsMode::Secret => tls.secret_name.clone(),
        // Without an issuer nothing would fill the Secret.
        TlsMode::Auto => tls.issuer_ref.as_ref().map(|_| filled.to_owned()),
    }
}

fn tls(settings: &ClusterIngress, exposed: &Exposed<'_>) -> Option<IngressTLS> {
    let secret = certificate(settings, &exposed.tls_secret)?;
    Some(IngressTLS { hosts: Some(vec![exposed.host.clone()]), secret_name: Some(secret) })
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
