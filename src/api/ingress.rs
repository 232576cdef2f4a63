//! How a gateway is reached from outside: by which ingress class, and with which certificate.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{DNS_LABEL, DNS_NAME, rules};

/// How the gateway is reached from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterIngress {
    /// Whether the gateway is exposed. Needs `domain`; a domain alone exposes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub enabled: Option<bool>,
    /// The ingress class; left out, the target's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub class_name: Option<String>,
    /// Namespace of the ingress controller. Left out, pods of every namespace reach an exposed
    /// gateway, for the controller may run in any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub controller_namespace: Option<String>,
    /// Annotations of the Ingress.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// TLS of the Ingress; left out, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<ClusterTls>,
}

/// TLS of the Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[
    ("!has(self.mode) || self.mode != 'secret' || has(self.secretName)",
     "mode secret needs secretName"),
    ("!has(self.issuerRef) || !has(self.mode) || self.mode == 'auto'",
     "issuerRef is for mode auto"),
])))]
pub struct ClusterTls {
    /// Where the certificate comes from. Left out: `secret` with `secretName`, else `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<TlsMode>,
    /// The Secret with certificate and key. With `auto`, the Secret that cert-manager fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub secret_name: Option<String>,
    /// Who issues the certificate, with `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_ref: Option<IssuerRef>,
}

impl ClusterTls {
    /// Where the certificate comes from.
    #[must_use]
    pub fn mode(&self) -> TlsMode {
        match (self.mode, &self.secret_name, &self.issuer_ref) {
            (Some(mode), _, _) => mode,
            (None, Some(_), None) => TlsMode::Secret,
            (None, _, _) => TlsMode::Auto,
        }
    }
}

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// From cert-manager.
    Auto,
    /// From a Secret that exists.
    Secret,
    /// From nowhere: no TLS.
    None,
}

/// Who issues a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerRef {
    /// Name of the issuer.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub name: String,
    /// Kind of the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ClusterIssuer"))]
    pub kind: Option<IssuerKind>,
    /// API group of the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253), extend("default" = "cert-manager.io"))]
    pub group: Option<String>,
}

/// Kind of an issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IssuerKind {
    /// For the whole target.
    #[default]
    ClusterIssuer,
    /// In the cluster's namespace.
    Issuer,
}
