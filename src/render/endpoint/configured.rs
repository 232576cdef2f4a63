//! Hosts that the user's configuration of `LiteLLM` and the gateway's environment name: caches, databases, callbacks,
//! models of its own. What a gateway is told of a host, its policies may not know.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::host::{Endpoint, Host};
use super::observers::observing_endpoints;
use super::store::existing_store;
use crate::api::LanguageClusterSpec;

/// Ends of keys under which a URL or a host stands that is connected to.
const KEYS: [&str; 7] = ["host", "url", "uri", "endpoint", "api_base", "target", "dsn"];
/// URLs that are told to others.
const TOLD: [&str; 4] = ["proxy_base_url", "redirect_url", "public_url", "ui_url"];
/// Variables that name outbound proxies, which are opened as such.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
/// Ports of schemes that are not of the web.
const SCHEMES: [(&str, i32); 6] =
    [("redis", 6379), ("rediss", 6379), ("postgresql", 5432), ("postgres", 5432), ("mysql", 3306), ("mongodb", 27017)];
/// How a value is taken from the environment.
const ENVIRONMENT: &str = "os.environ/";

/// A host that is named, and where in the cluster's spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// The path in the spec.
    pub path: String,
    /// The host, and the port that is told or usual.
    pub endpoint: Endpoint,
}

/// Every host that is named for the gateway of a cluster, in the order of paths.
#[must_use]
pub fn configured_hosts(cluster: &str, spec: &LanguageClusterSpec) -> Vec<Configured> {
    let Some(gateway) = &spec.gateway else { return Vec::new() };
    let env = gateway.deployment.iter().flat_map(|deployment| &deployment.env);
    let env: BTreeMap<&str, &str> = env.filter_map(|one| Some((one.name.as_str(), one.value.as_deref()?))).collect();
    let mut walk = Walk { cluster, env: &env, found: Vec::new() };
    if let Some(endpoint) = gateway.store.as_ref().and_then(|store| existing_store(store, cluster)) {
        walk.add(endpoint, "gateway.store.host");
    }
    for (path, endpoint) in observing_endpoints(gateway, cluster) {
        walk.add(endpoint, path);
    }
    for (key, value) in &gateway.config {
        walk.value(key, value, &format!("gateway.config.{key}"));
    }
    let named: Map<String, Value> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    for name in named.keys().filter(|name| !PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy))) {
        walk.entry(name, &named, "gateway.deployment.env");
    }
    walk.found
}

struct Walk<'a> {
    cluster: &'a str,
    /// Variables with a value of their own.
    env: &'a BTreeMap<&'a str, &'a str>,
    found: Vec<Configured>,
}

impl Walk<'_> {
    fn value(&mut self, key: &str, value: &Value, path: &str) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let below = format!("{path}.{name}");
                    match value {
                        Value::String(_) => self.entry(name, fields, &below),
                        value => self.value(name, value, &below),
                    }
                }
            }
            // `[["host", 26379]]`
            Value::Array(nodes) if key == "sentinel_nodes" => {
                for node in nodes {
                    let port = node.get(1).and_then(number);
                    let host = node.get(0).and_then(Value::as_str).unwrap_or_default();
                    self.host(host, port.or(Some(26379)), path);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(key, item, path)),
            _ => {}
        }
    }

    /// A text under its key, beside others: the port of a host is one of them.
    fn entry(&mut self, key: &str, fields: &Map<String, Value>, path: &str) {
        let lower = key.to_ascii_lowercase();
        if !KEYS.iter().any(|end| lower.ends_with(end)) || TOLD.contains(&lower.as_str()) {
            return;
        }
        let written = fields.get(key).and_then(Value::as_str).unwrap_or_default();
        let text = self.resolved(written).to_owned();
        if text.starts_with(ENVIRONMENT) {
            return;
        }
        if text.contains("://") {
            self.url(&text, path);
        } else if lower.ends_with("host") {
            let beside = if lower == key { key.replace("host", "port") } else { key.replace("HOST", "PORT") };
            let told = fields
                .get(&beside)
                .and_then(|port| number(port).or_else(|| self.resolved(port.as_str()?).parse().ok()));
            let of_redis = lower.starts_with("redis")
                || fields.get("type").and_then(Value::as_str).is_some_and(|of| of.starts_with("redis"));
            self.host(&text, told.or(of_redis.then_some(6379)), path);
        }
    }

    /// What a reference to a variable of the gateway stands for, as far as the description has it.
    fn resolved<'t>(&'t self, text: &'t str) -> &'t str {
        let name = text.strip_prefix(ENVIRONMENT).unwrap_or_default();
        self.env.get(name).copied().unwrap_or(text)
    }

    fn url(&mut self, url: &str, path: &str) {
        let scheme = url.split("://").next().unwrap_or_default();
        let usual = SCHEMES.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
        let Some(mut endpoint) = Endpoint::parse(url, self.cluster) else { return };
        let has_port = super::uri(url).is_some_and(|uri| uri.port().is_some());
        if let Some((_, port)) = usual.filter(|_| !has_port) {
            endpoint.port = *port;
        }
        self.add(endpoint, path);
    }

    fn host(&mut self, host: &str, port: Option<i32>, path: &str) {
        let Some(port) = port else { return };
        if let Some(endpoint) = Endpoint::parse(&format!("http://{host}:{port}"), self.cluster) {
            self.add(endpoint, path);
        }
    }

    /// Nobody knows the host behind a variable; the pod itself needs no rule.
    fn add(&mut self, endpoint: Endpoint, path: &str) {
        let own = match &endpoint.host {
            Host::Address(ip) => ip.is_loopback(),
            Host::Service { name, .. } | Host::Named(name) => name == "localhost" || name.contains('$'),
            _ => false,
        };
        let found = Configured { path: path.to_owned(), endpoint };
        if !own && !self.found.contains(&found) {
            self.found.push(found);
        }
    }
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::stack;

    fn hosts(lines: &str) -> Vec<(String, String, i32)> {
        let stack = stack(&format!("[clusters.c.gateway]\n{lines}"));
        let found = configured_hosts("c", &stack.clusters["c"].spec);
        let shown = |host: &Host| match host {
            Host::Service { namespace, name } => format!("{name}.{namespace}"),
            Host::Address(ip) => ip.to_string(),
            Host::Named(name) => name.clone(),
            other => format!("{other:?}"),
        };
        found.into_iter().map(|one| (one.path, shown(&one.endpoint.host), one.endpoint.port)).collect()
    }

    #[test]
    fn caches_databases_and_callbacks_are_found_with_their_ports() {
        let rows = [
            ("config.litellm_settings.cache_params = { type = 'redis', host = 'r.data.svc' }", "r.data", 6379),
            ("config.litellm_settings.cache_params = { host = 'r.data.svc', port = '7000' }", "r.data", 7000),
            ("store = { host = 'r.data.svc' }", "r.data", 6379),
            ("config.router_settings = { redis_host = '10.1.2.3', redis_port = 6380 }", "10.1.2.3", 6380),
            ("config.router_settings.redis_url = 'rediss://:os.environ@redis.example.com'", "redis.example.com", 6379),
            (
                "config.litellm_settings.cache_params.redis_startup_nodes = [{ host = 'n.data.svc', port = 1 }]",
                "n.data",
                1,
            ),
            ("config.router_settings.sentinel_nodes = [['s.data.svc', 26380]]", "s.data", 26380),
            ("config.general_settings.database_url = 'postgresql://db.data.svc/x'", "db.data", 5432),
            (
                "config.general_settings.pass_through_endpoints = [{ path = '/a', target = 'http://a.b.svc:81/v1' }]",
                "a.b",
                81,
            ),
            ("config.callback_settings.otel.endpoint = 'http://collector:4318'", "collector.c", 4318),
            ("config.model_list = [{ litellm_params = { api_base = 'https://llm.corp' } }]", "llm.corp", 443),
            (
                "deployment.env = [{ name = 'LANGFUSE_HOST', value = 'http://langfuse.obs.svc:3000' }]",
                "langfuse.obs",
                3000,
            ),
            ("deployment.env = [{ name = 'REDIS_HOST', value = 'r' }, { name = 'REDIS_PORT', value = '1' }]", "r.c", 1),
            (
                "deployment.env = [{ name = 'WHERE', value = 'r.data.svc' }]\n\
                 config.router_settings = { redis_host = 'os.environ/WHERE' }",
                "r.data",
                6379,
            ),
        ];
        for (lines, host, port) in rows {
            let found: Vec<_> = hosts(lines).into_iter().map(|(_, host, port)| (host, port)).collect();
            assert_eq!(found, [(host.to_owned(), port)], "{lines}");
        }
    }

    #[test]
    fn what_is_no_host_or_not_known_is_left_out() {
        for lines in [
            "config.router_settings = { redis_host = 'os.environ/REDIS_HOST' }",
            "config.general_settings = { proxy_base_url = 'https://llm.example.com' }",
            "config.litellm_settings.cache_params = { type = 'local', ttl = 600 }",
            "config.callback_settings.otel.endpoint = 'http://localhost:4318'",
            "deployment.env = [{ name = 'HTTPS_PROXY', value = 'http://proxy.example.com:3128' }]",
            "deployment.env = [{ name = 'REDIS_URL', value = 'redis://$(REDIS_HOST):6379' }]",
            "config.note = 'see https://docs.example.com'",
        ] {
            assert_eq!(hosts(lines), [], "{lines}");
        }
    }
}
