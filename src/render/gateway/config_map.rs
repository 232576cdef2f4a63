//! The files of the gateway: its configuration and the module that knows callers, side by side, because `LiteLLM` looks
//! for the module beside the configuration. What they say is in the name of their `ConfigMap`, which never changes: the
//! pods that run keep what they were started with, whatever becomes of the next ones. The list of agents changes in
//! place: the module reads it again.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapProjection, KeyToPath, ProjectedVolumeSource, SecretProjection, VolumeProjection,
};

use crate::api::JwksSecretRef;
use crate::object::Manifest;
use crate::object::names::{GATEWAY_AGENTS, GATEWAY_CONFIG};
use crate::render::scope::Scope;
use crate::render::workload::{Versioned, Workload};
use crate::render::yaml;

use super::credentials::Credentials;
use super::{agents, budgets, exposure, litellm, routing};

/// The configuration's file.
pub(super) const CONFIG: &str = "config.yaml";
/// The module that knows callers.
const AUTH: &str = "custom_auth.py";
/// The module that knows what a call may say.
const CALLS: &str = "calls.py";
/// The module that knows whose a token is.
const TOKENS: &str = "tokens.py";
/// The file of the identity provider's keys.
const KEY_SET: &str = "jwks.json";
/// The module that counts for limits.
const LIMITS: &str = "limits.py";
/// The module that counts what calls cost.
const BUDGETS: &str = "budgets.py";
/// The module that shows metrics.
const METRICS: &str = "metrics.py";
/// The module that tells a collector of calls.
const TRACES: &str = "traces.py";
/// Key of a Secret of TLS: the certificate, which is public.
const CERTIFICATE: &str = "tls.crt";
/// What is told of agents.
const AGENTS: &str = "agents.json";
/// What is told of budgets.
const BUDGETS_OF: &str = "budgets.json";

/// The files of a gateway by name.
pub(super) struct Files {
    /// Those that are read once.
    fixed: Versioned,
    /// Those that are read again.
    changing: BTreeMap<String, String>,
    /// The Secret with the identity provider's keys.
    key_set: Option<JwksSecretRef>,
    /// The Secret of whose certificate metrics tell the end.
    certificate: Option<String>,
}

impl Files {
    /// The files of the cluster's gateway.
    pub(super) fn of_cluster(scope: &Scope<'_>, credentials: &Credentials) -> Self {
        let config = yaml::text(&litellm::config(scope, credentials));
        let auth = include_str!("custom_auth.py").to_owned();
        let fixed = [(CONFIG, config), (AUTH, auth), (CALLS, include_str!("calls.py").to_owned())];
        let jwt = scope.gateway.jwt();
        let tokens = jwt.map(|_| (TOKENS, include_str!("tokens.py").to_owned()));
        let limits = routing::is_any_limited(scope).then(|| (LIMITS, include_str!("limits.py").to_owned()));
        let has_store = scope.gateway.store.is_some();
        let costs = has_store.then(|| (BUDGETS, include_str!("budgets.py").to_owned()));
        let metrics = scope.gateway.metrics.is_some().then(|| (METRICS, include_str!("metrics.py").to_owned()));
        let traces = scope.gateway.traces.as_ref().map(|_| (TRACES, include_str!("traces.py").to_owned()));
        let named = |(name, text): (&str, String)| (name.to_owned(), text);
        let optional = tokens.into_iter().chain(limits).chain(costs).chain(metrics).chain(traces);
        let files = fixed.into_iter().chain(optional).map(named).collect();
        let budgets = has_store.then(|| (BUDGETS_OF, budgets::file(scope)));
        let changing = [(AGENTS, agents::file(scope))].into_iter().chain(budgets).map(named).collect();
        let key_set = jwt.and_then(|jwt| jwt.jwks_secret_ref.clone());
        let certificate = scope.gateway.metrics.as_ref().and_then(|_| exposure::certificate(scope));
        Self { fixed: Versioned { of: GATEWAY_CONFIG.to_owned(), files }, changing, key_set, certificate }
    }

    /// The `ConfigMap`s that hold them.
    pub(super) fn config_maps(&self, gateway: &Workload<'_>) -> [Manifest; 2] {
        let agents = ConfigMap {
            metadata: gateway.meta(GATEWAY_AGENTS),
            data: Some(self.changing.clone()),
            ..ConfigMap::default()
        };
        let mut agents = gateway.manifest(&agents);
        agents.deferred.extend(agents::previous_keys(gateway.scope));
        [self.fixed.config_map(gateway), agents]
    }

    /// The directory of all of them.
    pub(super) fn volume(&self) -> ProjectedVolumeSource {
        let source = |name: String| VolumeProjection {
            config_map: Some(ConfigMapProjection { name, ..ConfigMapProjection::default() }),
            ..VolumeProjection::default()
        };
        let key_set = self.key_set.as_ref().map(|reference| VolumeProjection {
            secret: Some(SecretProjection {
                name: reference.name.clone(),
                items: Some(vec![KeyToPath { key: reference.key().to_owned(), path: KEY_SET.to_owned(), mode: None }]),
                optional: None,
            }),
            ..VolumeProjection::default()
        });
        let sources = [self.fixed.name(), GATEWAY_AGENTS.to_owned()].map(source);
        let sources = sources.into_iter().chain(key_set).chain(self.certificate.as_deref().map(public_half));
        ProjectedVolumeSource { sources: Some(sources.collect()), default_mode: None }
    }
}

/// The certificate in a Secret, and never its key. A gateway starts before cert-manager has filled it.
fn public_half(secret: &str) -> VolumeProjection {
    let path = format!("certificates/{secret}/{CERTIFICATE}");
    VolumeProjection {
        secret: Some(SecretProjection {
            name: secret.to_owned(),
            items: Some(vec![KeyToPath { key: CERTIFICATE.to_owned(), path, mode: None }]),
            optional: Some(true),
        }),
        ..VolumeProjection::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::object::Manifest;
    use crate::render::fixture::{field, gateway_config, rendered};

    const MODEL: &str = "[clusters.c]\n[models.m]\nprovider = 'openai'\nmodelName = 'm'\n";

    fn sources(manifests: &[Manifest]) -> Value {
        let volumes = field(manifests, "Deployment", "gateway", "/spec/template/spec/volumes");
        let config = volumes.as_array().unwrap().iter().find(|volume| volume["name"] == "config");
        config.unwrap()["projected"]["sources"].clone()
    }

    #[test]
    fn a_version_never_changes_and_pods_name_the_one_that_they_read() {
        let manifests = rendered(MODEL);
        let config = gateway_config(&manifests);
        assert_eq!(config.object["immutable"], true);
        let name = config.reference.name.as_str();
        let digest = name.strip_prefix("gateway-config-").unwrap();
        assert!(digest.len() == 10 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let wanted = json!([{ "configMap": { "name": name } }, { "configMap": { "name": "gateway-agents" } }]);
        assert_eq!(sources(&manifests), wanted);
    }

    #[test]
    fn other_content_is_another_version_and_the_same_is_the_same() {
        let one = rendered(MODEL);
        let name = |manifests: &[Manifest]| gateway_config(manifests).reference.name.clone();
        assert_eq!(name(&one), name(&rendered(&format!("{MODEL}[clusters.c.gateway.deployment]\nreplicas = 3"))));
        assert_ne!(name(&one), name(&rendered(&format!("{MODEL}timeout = '9s'"))));
    }

    #[test]
    fn an_agent_more_changes_no_pod() {
        let (few, more) = (rendered(MODEL), rendered(&format!("{MODEL}[agents.a]\nimage = 'a'")));
        assert_eq!(sources(&few), sources(&more));
        let agents = |manifests: &[Manifest]| field(manifests, "ConfigMap", "gateway-agents", "/data").clone();
        assert_ne!(agents(&few), agents(&more));
        assert_eq!(field(&more, "ConfigMap", "gateway-agents", "/immutable"), &Value::Null);
    }
}
