//! The environment of the proxy: secrets by reference, switches that close what should be closed,
//! and the user's variables.

use k8s_openapi::api::core::v1::EnvVar;

use crate::object::names::{GATEWAY_AUTH, HMAC_SECRET, MASTER_KEY, NEXT_HMAC_SECRET, NEXT_MASTER_KEY};
use crate::render::endpoint::{Presence, SecretKey, Store, observers};
use crate::render::scope::Scope;
use crate::render::workload::{self, variable};

use super::credentials::{Credentials, from_secret};
use super::{metrics, provider, store};

/// Switches of `LiteLLM`, found by running it.
const SWITCHES: [(&str, &str); 13] = [
    // No documentation pages, no admin UI.
    ("DISABLE_ADMIN_UI", "True"),
    // Python's and libraries' caches go to the only writable directory.
    ("HOME", "/tmp"),
    // Tables in the package, not from raw.githubusercontent.com at each start.
    ("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True"),
    ("LITELLM_LOCAL_AUTOROUTER_PRESETS", "True"),
    ("LITELLM_LOCAL_BLOG_POSTS", "True"),
    ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
    ("LITELLM_LOCAL_POLICY_TEMPLATES", "True"),
    ("LITELLM_LOG", "ERROR"),
    // No variables from a `.env` file.
    ("LITELLM_MODE", "PRODUCTION"),
    ("NO_DOCS", "True"),
    ("NO_OPENAPI", "True"),
    ("NO_REDOC", "True"),
    ("PYTHONUNBUFFERED", "1"),
];

/// Langop's variables, then the user's.
pub(super) fn variables(scope: &Scope<'_>, credentials: &Credentials, drain: u32) -> Vec<EnvVar> {
    workload::environment(own(scope, credentials, drain), &scope.deployment.env)
}

fn own(scope: &Scope<'_>, credentials: &Credentials, drain: u32) -> Vec<EnvVar> {
    let (required, optional) = (Presence::Required, Presence::Optional);
    let mut all = vec![
        auth("LITELLM_MASTER_KEY", MASTER_KEY, required),
        auth("LANGOP_GATEWAY_HMAC_SECRET", HMAC_SECRET, required),
        // There while they are rotated.
        auth("LANGOP_NEXT_MASTER_KEY", NEXT_MASTER_KEY, optional),
        auth("LANGOP_NEXT_HMAC_SECRET", NEXT_HMAC_SECRET, optional),
    ];
    all.extend(credentials.environment());
    all.extend(Store::of(scope).iter().flat_map(store::variables));
    all.extend(metrics::variables(scope, credentials));
    for told in observers(&scope.gateway, scope.cluster) {
        all.extend(told.variables.iter().map(|(name, value)| variable(name, value)));
        all.extend(told.secrets.iter().map(|(name, source)| from_secret(name, source, required)));
    }
    if !scope.gateway.auth_enabled() {
        all.push(variable("LANGOP_GATEWAY_OPEN", "true"));
    }
    if !scope.models().any(|(_, model)| provider::may_ask_its_machine(scope, model)) {
        // Else a model with a bearer key asks the machine's metadata service all the same.
        all.push(variable("AWS_EC2_METADATA_DISABLED", "true"));
    }
    all.push(variable("GRACEFUL_SHUTDOWN_TIMEOUT", &drain.to_string()));
    all.extend(SWITCHES.iter().map(|(name, value)| variable(name, value)));
    all
}

fn auth(name: &str, key: &str, presence: Presence) -> EnvVar {
    let source = SecretKey { secret: GATEWAY_AUTH.to_owned(), key: key.to_owned() };
    from_secret(name, &source, presence)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, field, rendered};

    fn variables(description: &str) -> Vec<Value> {
        let pointer = "/spec/template/spec/containers/0/env";
        field(&rendered(description), "Deployment", "gateway", pointer).as_array().unwrap().clone()
    }

    fn names(variables: &[Value]) -> Vec<&str> {
        variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn no_variable_of_langops_is_a_vendors() {
        let variables = variables(
            "[clusters.c]\n[models.m]\nprovider = 'openai'\nmodelName = 'm'\napiKeySecretRef = { name = 'openai' }",
        );
        for name in names(&variables) {
            assert!(!name.starts_with("OPENAI") && !name.starts_with("ANTHROPIC"), "{name}");
        }
        assert!(names(&variables).contains(&"LANGOP_KEY_OPENAI_API_KEY"));
    }

    #[test]
    fn what_gets_in_where_calls_are_told_of_comes_from_secrets() {
        let text = "[clusters.c.gateway]\ntraces = { otlp = 'http://t:4318', headersSecretRef = { name = 'o' } }\n\
                    callbacks.datadog = { site = 's', apiKeySecretRef = { name = 'd', key = 'k' }, contents = true }";
        let variables = variables(text);
        let secret = |variable: &str, name: &str, key: &str| json!({ "name": variable, "valueFrom": { "secretKeyRef": { "name": name, "key": key } } });
        assert!(variables.contains(&secret("LANGOP_TRACES_HEADERS", "o", "headers")), "{variables:?}");
        assert!(variables.contains(&secret("DD_API_KEY", "d", "k")), "{variables:?}");
        assert!(variables.contains(&json!({ "name": "LANGOP_TRACES_OTLP", "value": "http://t:4318/v1/traces" })));
        let manifests = rendered(text);
        let deferred = &crate::render::fixture::manifest(&manifests, "Deployment", "gateway").deferred[0];
        let read: Vec<_> = deferred.value.objects().iter().map(|secret| secret.name.to_string()).collect();
        assert_eq!(read, ["d", "gateway-auth", "o"]);
        let callbacks = &config(&manifests)["litellm_settings"]["callbacks"];
        assert_eq!(*callbacks, json!(["traces.traces", "datadog"]));
    }

    #[test]
    fn the_users_variables_come_last_and_replace_those_of_the_same_name() {
        let variables = variables("[clusters.c.gateway.deployment]\nenv = [{ name = 'LITELLM_LOG', value = 'INFO' }]");
        assert_eq!(variables.last(), Some(&json!({ "name": "LITELLM_LOG", "value": "INFO" })));
        assert_eq!(names(&variables).iter().filter(|name| **name == "LITELLM_LOG").count(), 1);
    }

    #[test]
    fn everyone_may_call_only_when_the_description_says_so() {
        let open = "LANGOP_GATEWAY_OPEN";
        assert!(!names(&variables("clusters.c = {}")).contains(&open));
        assert!(names(&variables("clusters.c.gateway.auth.enabled = false")).contains(&open));
    }
}
