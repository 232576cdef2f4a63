//! Limits over several pods of a gateway, by a Redis that its configuration names: two real gateways, one real Redis.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::process::Gateway;
use super::redis::{PASSWORD, Redis};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};

const LIMIT: usize = 7;

/// The limits, and what `docs/gateway.md` says of sharing them.
const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c.gateway]
networkPolicies.egress = [{ to = [{ podSelector = { matchLabels = { app = "redis" } } }], ports = [{ port = 6379 }] }]

[clusters.c.gateway.deployment]
replicas = 2
env = [
    { name = "STORE_HOST", valueFrom = { secretKeyRef = { name = "redis", key = "host" } } },
    { name = "STORE_PORT", valueFrom = { secretKeyRef = { name = "redis", key = "port" } } },
    { name = "STORE_PASSWORD", valueFrom = { secretKeyRef = { name = "redis", key = "password" } } },
]

[clusters.c.gateway.config.router_settings]
redis_host = "os.environ/STORE_HOST"
redis_port = "os.environ/STORE_PORT"
redis_password = "os.environ/STORE_PASSWORD"

[clusters.c.gateway.config.litellm_settings]
cache = true
cache_params = { type = "redis", host = "os.environ/STORE_HOST", port = "os.environ/STORE_PORT", password = "os.environ/STORE_PASSWORD", supported_call_types = [] }

[models.limited]
provider = "openai-compatible"
modelName = "limited"
endpoint = "http://limited.test"
rateLimits = { requestsPerMinute = 7 }
[models.free]
provider = "openai-compatible"
modelName = "free"
endpoint = "http://free.test"

[agents.counted]
image = "registry.example.com/counted:1"
rateLimits = { requestsPerMinute = 7 }
[agents.other]
image = "registry.example.com/other:1"
"#;

fn gateway(redis: &Redis) -> Gateway {
    let bench = Bench::at("shared-limits", PathBuf::new());
    let file = bench.write("langop.toml", DESCRIPTION).display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c");
    let port = redis.port.to_string();
    Gateway::run(bench, &rendered, &|secret, key| match (secret, key) {
        ("redis", "host") => "127.0.0.1".to_owned(),
        ("redis", "port") => port.clone(),
        ("redis", "password") => PASSWORD.to_owned(),
        _ => secret_value(secret, key),
    })
}

/// Waits until the clock's minute has room for a few calls: with the next one, counts begin anew.
fn within_a_minute() {
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 60;
    eventually("a minute that is not almost over", Duration::from_secs(20), || second() < 45);
}

/// How many of so many calls at once, of one gateway and the other in turn, were answered how.
fn at_once(gateways: &[Gateway; 2], agent: &str, model: &str, calls: usize) -> BTreeMap<u16, usize> {
    let key = Gateway::key(agent);
    let mut counts = BTreeMap::new();
    std::thread::scope(|scope| {
        let key = &key;
        let both = gateways.iter().cycle().take(calls);
        let calls: Vec<_> = both.map(|one| scope.spawn(move || one.chat(key, model, "shared.").status)).collect();
        for call in calls {
            *counts.entry(call.join().unwrap()).or_default() += 1;
        }
    });
    counts
}

#[test]
fn limits_of_models_and_agents_hold_over_all_pods_and_give_way_while_redis_is_down() {
    let redis = Redis::start();
    let gateways = [gateway(&redis), gateway(&redis)];
    let all_but_one = BTreeMap::from([(200, LIMIT), (429, 1)]);
    within_a_minute();
    assert_eq!(at_once(&gateways, "other", "limited", LIMIT + 1), all_but_one, "a model's");
    within_a_minute();
    assert_eq!(at_once(&gateways, "counted", "free", LIMIT + 1), all_but_one, "an agent's");
    drop(redis);
    // No call fails because nobody counts.
    assert_eq!(at_once(&gateways, "other", "free", LIMIT + 1), BTreeMap::from([(200, LIMIT + 1)]));
    for (agent, model) in [("other", "limited"), ("counted", "free")] {
        let counts = at_once(&gateways, agent, model, LIMIT + 1);
        assert!(counts.keys().all(|status| [200, 429].contains(status)), "{agent} {model}: {counts:?}");
    }
    for gateway in &gateways {
        assert!(!gateway.log().contains(PASSWORD));
    }
}
