//! What the metrics of the real `LiteLLM` say, to whom, and by which labels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::process::{Gateway, chat};
use super::redis::{PASSWORD, Redis};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};

/// A cluster with everything that metrics speak of.
pub const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c]
budget = { usd = 500, window = "month" }
[clusters.c.gateway]
store = { host = "127.0.0.1", port = PORT, secretRef = { name = "redis" } }
metrics = { }

[models.plain]
provider = "openai-compatible"
modelName = "plain"
endpoint = "http://plain.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
rateLimits = { requestsPerMinute = 50, tokensPerMinute = 90_000 }
[models.first]
provider = "openai-compatible"
modelName = "first"
endpoint = "http://broken.test"
cost = { inputPerMillion = 1, outputPerMillion = 1 }
retries = 0
fallbacks = ["plain"]
[models.dead]
provider = "openai-compatible"
modelName = "dead"
endpoint = "http://broken.test"
cost = { inputPerMillion = 1, outputPerMillion = 1 }
retries = 0
[models.all]
litellmProvider = "deepseek"
modelName = "*"
endpoint = "http://all.test"

[agents.scout]
image = "registry.example.com/scout:1"
budget = { usd = 3, window = "day" }
rateLimits = { requestsPerMinute = 40, tokensPerMinute = 8_000 }
[agents.free]
image = "registry.example.com/free:1"
[agents.busy]
image = "registry.example.com/busy:1"
rateLimits = { requestsPerMinute = 1 }
"#;

/// A gateway of the description above, with more lines of it.
pub fn gateway(redis: &Redis, more: &str) -> Gateway {
    let bench = Bench::at("metrics", PathBuf::new());
    let text = format!("{}{more}", DESCRIPTION.replace("PORT", &redis.port.to_string()));
    let file = bench.write("langop.toml", &text).display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c");
    Gateway::run(bench, &rendered.refreshed_within(1), &|secret, key| match (secret, key) {
        ("redis", "password") => PASSWORD.to_owned(),
        _ => secret_value(secret, key),
    })
}

/// All series that the gateway shows: name and labels, with the value.
pub fn scrape(gateway: &Gateway) -> BTreeMap<String, f64> {
    let text = ureq::get(format!("http://127.0.0.1:{}/metrics", gateway.metrics)).call().unwrap();
    let text = text.into_body().read_to_string().unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

fn reaches(gateway: &Gateway, series: &str, value: f64) {
    let shown = || scrape(gateway).get(series).copied();
    let is_so = || shown().is_some_and(|shown| (shown - value).abs() < 1e-6);
    eventually(&format!("{series} is {value}"), Duration::from_secs(20), is_so);
}

#[test]
fn what_langop_alone_knows_is_shown_beside_what_the_proxy_counts() {
    let mut redis = Redis::start();
    let gateway = gateway(&redis, "");
    let call = |agent: &str, model: &str| gateway.chat(&Gateway::key(agent), model, "a call.").status;
    // From nought on: a first refusal is an increase.
    reaches(&gateway, r#"langop_budget_refusals_total{of="agent/scout",why="spent"}"#, 0.0);
    reaches(&gateway, "langop_store_up", 1.0);
    for (series, value) in [
        (r#"langop_budget_limit_usd{of="agent/scout",window="day"}"#, 3.0),
        (r#"langop_budget_limit_usd{of="cluster",window="month"}"#, 500.0),
        (r#"langop_model_requests_limit{model_id="model plain"}"#, 50.0),
        (r#"langop_model_tokens_limit{model_id="model plain"}"#, 90_000.0),
        (r#"langop_agent_requests_limit{user="scout"}"#, 40.0),
        (r#"langop_agent_tokens_limit{user="scout"}"#, 8_000.0),
        (r#"langop_budget_spent_usd{of="agent/scout"}"#, 0.0),
    ] {
        assert_eq!(scrape(&gateway).get(series), Some(&value), "{series}");
    }
    for model in ["plain", "first", "plain"] {
        assert_eq!(call("scout", model), 200);
    }
    reaches(&gateway, r#"langop_budget_spent_usd{of="agent/scout"}"#, 3.0);
    reaches(&gateway, r#"langop_budget_spent_usd{of="cluster"}"#, 3.0);
    assert_eq!(call("scout", "plain"), 429);
    reaches(&gateway, r#"langop_budget_refusals_total{of="agent/scout",why="spent"}"#, 1.0);
    let resets = scrape(&gateway)[r#"langop_budget_reset_timestamp_seconds{of="agent/scout"}"#];
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((now..now + 86_401.0).contains(&resets), "{resets} after {now}");

    redis.stop();
    assert_eq!(call("scout", "plain"), 503);
    reaches(&gateway, "langop_store_up", 0.0);
    let outage = scrape(&gateway);
    assert_eq!(outage.get(r#"langop_budget_refusals_total{of="agent/scout",why="unknown"}"#), Some(&1.0));
    // What is declared is known all the same; what was spent is not.
    assert_eq!(outage.get(r#"langop_budget_limit_usd{of="cluster",window="month"}"#), Some(&500.0));
    assert_eq!(outage.get(r#"langop_budget_spent_usd{of="cluster"}"#), None);
    redis.resume();
    reaches(&gateway, "langop_store_up", 1.0);
}

#[test]
fn no_caller_reads_metrics_and_none_makes_series_as_it_likes() {
    let redis = Redis::start();
    let gateway = gateway(&redis, "");
    let key = Gateway::key("free");
    for caller in ["", &key, "sk-of-a-stranger"] {
        for path in ["/metrics", "/metrics/", "//metrics", "/v1/metrics"] {
            let answered = gateway.call(caller, path, None);
            assert!(answered.status >= 401, "{caller} {path}: {} {}", answered.status, answered.text);
            assert!(!answered.text.contains("# TYPE"), "{caller} {path}: {}", answered.text);
        }
    }
    let send = |round: u32| {
        for model in ["plain".to_owned(), "dead".to_owned(), format!("no-such-{round}")] {
            let mut body = chat(&model, "a call.");
            body["user"] = json!(format!("person-{round}"));
            let agent = format!("client/{round}");
            let bearer = format!("Bearer {key}");
            let headers =
                [("content-type", "application/json"), ("authorization", bearer.as_str()), ("user-agent", &agent)];
            gateway.exchange("POST", "/v1/chat/completions", &headers, body.to_string().into_bytes()).unwrap();
        }
        gateway.call("sk-of-a-stranger", &format!("/of-a-stranger/{round}"), None);
        gateway.call(&key, &format!("/of-an-agent/{round}"), None);
    };
    let names = || scrape(&gateway).into_keys().collect::<BTreeSet<_>>();
    send(0);
    reaches(&gateway, r#"langop_budget_spent_usd{of="cluster"}"#, 1.0);
    let before = names();
    for round in 1..4 {
        send(round);
    }
    let spent = r#"langop_budget_spent_usd{of="cluster"}"#;
    eventually("calls are counted", Duration::from_secs(20), || {
        scrape(&gateway).get(spent).is_some_and(|usd| *usd >= 3.0)
    });
    let after = names();
    let new: Vec<_> = after.difference(&before).collect();
    assert_eq!(new, Vec::<&String>::new());
    for word in ["person-", "client/", "no-such-", "of-a-stranger", "of-an-agent", &key, PASSWORD, "a call."] {
        let line = after.iter().find(|name| name.contains(word));
        assert_eq!(line, None, "{word}");
    }
    // Names of a catalogue are the caller's choice, within a bound.
    assert_eq!(gateway.chat(&Gateway::key("busy"), "all/deepseek-chat", "a call.").status, 200);
    eventually("it is counted", Duration::from_secs(20), || {
        names().iter().any(|name| name.contains("all/deepseek-chat"))
    });
    assert_eq!(gateway.chat(&Gateway::key("busy"), "all/deepseek-chat", "a call.").status, 429);
}
