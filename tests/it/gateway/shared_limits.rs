//! Limits over several pods of a gateway with a store: two real gateways as rendered, one real Redis.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::process::Gateway;
use super::redis::{self, PASSWORD, Redis};
use crate::bench::eventually;

const LIMIT: usize = 7;

const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c.gateway]
deployment.replicas = 2
store = { host = "127.0.0.1", port = PORT, secretRef = { name = "redis" }, onOutage = "OUTAGE" }

[models.limited]
provider = "openai-compatible"
modelName = "limited"
endpoint = "http://limited.test"
rateLimits = { requestsPerMinute = 7 }
[models.tokens]
provider = "openai-compatible"
modelName = "tokens"
endpoint = "http://tokens.test"
rateLimits = { tokensPerMinute = 1 }
[models.free]
provider = "openai-compatible"
modelName = "free"
endpoint = "http://free.test"
[models.one]
provider = "openai-compatible"
modelName = "several"
endpoint = "http://one.test"
rateLimits = { requestsPerMinute = 4 }
[models.two]
provider = "openai-compatible"
modelName = "several"
endpoint = "http://two.test"
rateLimits = { requestsPerMinute = 3 }
[models.all]
provider = "openai-compatible"
modelName = "*"
endpoint = "http://all.test"
rateLimits = { requestsPerMinute = 7 }

[agents.counted]
image = "registry.example.com/counted:1"
rateLimits = { requestsPerMinute = 7 }
[agents.other]
image = "registry.example.com/other:1"
"#;

fn gateway(redis: &Redis, on_outage: &str) -> Gateway {
    redis::gateway("shared-limits", &DESCRIPTION.replace("OUTAGE", on_outage), redis)
}

/// Waits until the clock's minute has room for a few calls: with the next one, counts begin anew.
fn within_a_minute() {
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 60;
    eventually("a minute that is not almost over", Duration::from_secs(30), || second() < 40);
}

/// How many of so many calls at once, of one gateway and the other in turn, were answered how.
fn at_once(gateways: &[Gateway], agent: &str, models: &[&str], calls: usize) -> BTreeMap<u16, usize> {
    let key = Gateway::key(agent);
    let mut counts = BTreeMap::new();
    std::thread::scope(|scope| {
        let key = &key;
        let both = gateways.iter().cycle().zip(models.iter().cycle()).take(calls);
        let calls: Vec<_> =
            both.map(|(one, model)| scope.spawn(move || one.chat(key, model, "shared.").status)).collect();
        for call in calls {
            *counts.entry(call.join().unwrap()).or_default() += 1;
        }
    });
    counts
}

#[test]
fn limits_hold_over_all_pods_and_give_way_while_the_store_is_down() {
    let redis = Redis::start();
    let gateways = [gateway(&redis, "open"), gateway(&redis, "open")];
    let all_but_one = BTreeMap::from([(200, LIMIT), (429, 1)]);
    for (agent, models, what) in [
        ("other", &["limited"][..], "a model's"),
        ("counted", &["free"], "an agent's"),
        ("other", &["several"], "that of two deployments of one name"),
        ("other", &["all/a", "all/b", "all/c"], "a catalogue's"),
    ] {
        within_a_minute();
        assert_eq!(at_once(&gateways, agent, models, LIMIT + 1), all_but_one, "{what}");
    }
    // Tokens are counted when they were taken.
    within_a_minute();
    assert_eq!(at_once(&gateways[..1], "other", &["tokens"], 1), BTreeMap::from([(200, 1)]));
    eventually("the other gateway knows the tokens", Duration::from_secs(15), || {
        at_once(&gateways[1..], "other", &["tokens"], 1) == BTreeMap::from([(429, 1)])
    });
    drop(redis);
    // No call fails because nobody counts.
    assert_eq!(at_once(&gateways, "other", &["free"], LIMIT + 1), BTreeMap::from([(200, LIMIT + 1)]));
    for (agent, model) in [("other", "limited"), ("counted", "free"), ("other", "all/a")] {
        let counts = at_once(&gateways, agent, &[model], LIMIT + 1);
        assert!(counts.keys().all(|status| [200, 429].contains(status)), "{agent} {model}: {counts:?}");
    }
    for gateway in &gateways {
        let log = gateway.log();
        assert_eq!(log.matches("langop: the store of the gateway does not answer").count(), 1, "{log}");
        assert!(!log.contains(PASSWORD));
    }
}

#[test]
fn calls_under_limits_are_refused_while_the_store_is_down_where_that_is_asked_for() {
    let mut redis = Redis::start();
    let gateways = [gateway(&redis, "closed")];
    let one = |agent: &str, model: &str| at_once(&gateways, agent, &[model], 1).into_keys().next().unwrap();
    assert_eq!((one("other", "limited"), one("counted", "free")), (200, 200));
    redis.stop();
    assert_eq!(one("other", "free"), 200, "what has no limit needs no store");
    for (agent, model) in [("other", "limited"), ("other", "all/a"), ("counted", "free")] {
        assert_eq!(one(agent, model), 503, "{agent} {model}");
    }
    redis.resume();
    eventually("limits are counted again", Duration::from_secs(40), || {
        [("other", "limited"), ("counted", "free")].iter().all(|(agent, model)| one(agent, model) != 503)
    });
}
