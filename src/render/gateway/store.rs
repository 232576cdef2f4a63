//! How the proxy is told of its store. Limits of models are counted by the router's Redis and those of agents by the
//! cache, in which nothing else is kept: answers of models never.

use k8s_openapi::api::core::v1::EnvVar;
use serde_json::{Map, Value, json};

use crate::api::OnOutage;
use crate::render::endpoint::{Presence, Store};
use crate::render::workload::variable;

use super::credentials::from_secret;

/// The variables of the store. Not those of Redis' own names: `LiteLLM` would take these for more than it is told.
const HOST: &str = "LANGOP_STORE_HOST";
const PORT: &str = "LANGOP_STORE_PORT";
const PASSWORD: &str = "LANGOP_STORE_PASSWORD";
/// The variable that tells the modules of limits and budgets what becomes of calls while the store does not answer.
const ON_OUTAGE: &str = "LANGOP_STORE_ON_OUTAGE";
/// Seconds after which `LiteLLM` asks a store again that failed; a minute by itself.
const RECOVERY: &str = "REDIS_CIRCUIT_BREAKER_RECOVERY_TIMEOUT";
/// Seconds that it may take to answer, so that calls do not hang on one that is gone.
const PATIENCE: u32 = 1;

/// Where the store is, the password, and what is done while it does not answer.
pub(super) fn variables(store: &Store) -> Vec<EnvVar> {
    let place = [variable(HOST, &store.host), variable(PORT, &store.port.to_string())];
    let password = store.password.iter().map(|source| from_secret(PASSWORD, source, Presence::Required));
    let told = match store.on_outage {
        OnOutage::LimitsOpen => None,
        OnOutage::Open => Some("open"),
        OnOutage::Closed => Some("closed"),
    };
    let told = told.map(|word| variable(ON_OUTAGE, word));
    let again = variable(RECOVERY, "10");
    place.into_iter().chain(password).chain(told).chain([again]).collect()
}

/// What the configuration of the gateway of a cluster says of it. Keys begin with the cluster, since a store that is there
/// already may be that of several gateways.
pub(super) fn settings(store: &Store, cluster: &str) -> Value {
    let by_variable = |name: &str| json!(format!("os.environ/{name}"));
    let mut place = Map::from_iter([("host".to_owned(), by_variable(HOST)), ("port".to_owned(), by_variable(PORT))]);
    place.extend(store.password.as_ref().map(|_| ("password".to_owned(), by_variable(PASSWORD))));
    let mut more = Map::from_iter([
        ("namespace".to_owned(), json!(format!("langop-{cluster}"))),
        ("socket_timeout".to_owned(), json!(PATIENCE)),
    ]);
    more.extend(store.tls.then(|| ("ssl".to_owned(), json!(true))));
    more.extend(store.username.as_ref().map(|name| ("username".to_owned(), json!(name))));

    let mut router: Map<_, _> = place.iter().map(|(key, value)| (format!("redis_{key}"), value.clone())).collect();
    router.insert("cache_kwargs".to_owned(), json!(more));
    let mut cache = place;
    cache.extend(more);
    cache.extend([("type".to_owned(), json!("redis")), ("supported_call_types".to_owned(), json!([]))]);
    let mut settings = json!({
        "router_settings": router,
        "litellm_settings": { "cache": true, "cache_params": cache },
    });
    if store.on_outage == OnOutage::Closed {
        settings["general_settings"] = json!({ "fail_closed_rate_limit_enforcement": true });
    }
    settings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, field, manifest, rendered};

    fn of(lines: &str) -> Value {
        config(&rendered(&format!("[clusters.c.gateway.store]\n{lines}")))
    }

    #[test]
    fn both_halves_of_the_proxy_count_in_the_store_and_no_answer_is_kept_there() {
        let read = of("onOutage = 'open'");
        let by = |name: &str| format!("os.environ/LANGOP_STORE_{name}");
        let more = json!({ "namespace": "langop-c", "socket_timeout": 1 });
        let router = json!({ "redis_host": by("HOST"), "redis_port": by("PORT"), "redis_password": by("PASSWORD"),
            "cache_kwargs": more });
        assert_eq!(read["router_settings"], router);
        let cache = json!({ "type": "redis", "host": by("HOST"), "port": by("PORT"), "password": by("PASSWORD"),
            "supported_call_types": [], "namespace": "langop-c", "socket_timeout": 1 });
        assert_eq!(read["litellm_settings"]["cache_params"], cache);
        assert_eq!(read["litellm_settings"]["cache"], true);
        assert_eq!(read["general_settings"].get("fail_closed_rate_limit_enforcement"), None);
        assert_eq!(of("onOutage = 'closed'")["general_settings"]["fail_closed_rate_limit_enforcement"], true);
    }

    #[test]
    fn a_store_that_is_there_already_is_called_as_it_says() {
        let text =
            "host = 'redis.example.com'\nport = 6380\ntls = true\nusername = 'langop'\nsecretRef = { name = 'r' }";
        let read = of(text);
        let more = &read["router_settings"]["cache_kwargs"];
        assert_eq!((&more["ssl"], &more["username"]), (&json!(true), &json!("langop")));
        assert_eq!(read["litellm_settings"]["cache_params"]["ssl"], true);
        let manifests = rendered(&format!("[clusters.c.gateway.store]\n{text}"));
        let env = field(&manifests, "Deployment", "gateway", "/spec/template/spec/containers/0/env");
        let env = env.as_array().unwrap();
        assert!(env.contains(&json!({ "name": "LANGOP_STORE_PORT", "value": "6380" })));
        let password = json!({ "name": "LANGOP_STORE_PASSWORD",
            "valueFrom": { "secretKeyRef": { "name": "r", "key": "password" } } });
        assert!(env.contains(&password), "{env:?}");
        let deferred = &manifest(&manifests, "Deployment", "gateway").deferred[0];
        assert!(deferred.value.objects().iter().any(|secret| secret.name == "r"));
    }

    #[test]
    fn one_that_asks_for_no_password_gets_none() {
        let read = of("host = '10.0.0.7'");
        assert_eq!(read["router_settings"].get("redis_password"), None);
        assert_eq!(read["litellm_settings"]["cache_params"].get("password"), None);
    }
}
