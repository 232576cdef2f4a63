//! What the metrics of the real `LiteLLM` say, to whom, and by which labels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use super::process::{Gateway, chat};
use super::redis::{PASSWORD, Redis};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};

/// A cluster with everything that metrics speak of.
const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c]
budget = { usd = 500, window = "month" }
domain = "example.com"
ingress = { enabled = true, controllerNamespace = "ingress", tls = { secretName = "exposed" } }
[clusters.c.gateway]
store = { host = "127.0.0.1", port = PORT, secretRef = { name = "redis" } }
metrics = { rules = { keyDays = 90 } }

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
[teams.readers]
agents = ["free"]
budget = { usd = 200, window = "month" }
rateLimits = { requestsPerMinute = 30, tokensPerMinute = 7_000 }
[agents.busy]
image = "registry.example.com/busy:1"
rateLimits = { requestsPerMinute = 1 }
"#;

/// A gateway of the description above.
fn gateway(redis: &Redis) -> Gateway {
    gateway_with(redis, &secret_value)
}

/// The same with these values of Secrets.
fn gateway_with(redis: &Redis, secrets: &dyn Fn(&str, &str) -> String) -> Gateway {
    let bench = Bench::at("metrics", PathBuf::new());
    let file = bench.write("langop.toml", &DESCRIPTION.replace("PORT", &redis.port.to_string()));
    let file = file.display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c");
    Gateway::run(bench, &rendered.refreshed_within(1), &|secret, key| match (secret, key) {
        ("redis", "password") => PASSWORD.to_owned(),
        _ => secrets(secret, key),
    })
}

/// All series that the gateway shows: name and labels, with the value.
fn scrape(gateway: &Gateway) -> BTreeMap<String, f64> {
    let text = ureq::get(format!("http://127.0.0.1:{}/metrics", gateway.metrics)).call().unwrap();
    let text = text.into_body().read_to_string().unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// The expressions of all alerts and panels of the description above, each with what it is for.
fn expressions() -> Vec<(String, String)> {
    let bench = Bench::at("expressions", PathBuf::new());
    let file = bench.write("langop.toml", &DESCRIPTION.replace("PORT", "6379")).display().to_string();
    let said = bench.langop(&["render", &file]).exits(0);
    let documents: Vec<Value> = serde_saphyr::from_multiple(&said.out).unwrap();
    let of = |kind: &str, name: &str| {
        let is = |one: &&Value| one["kind"] == kind && one["metadata"]["name"] == name;
        documents.iter().find(is).unwrap_or_else(|| panic!("no {kind}/{name}")).clone()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rules = of("PrometheusRule", "gateway")["spec"]["groups"][0]["rules"].clone();
    let dashboard = of("ConfigMap", "gateway-dashboard")["data"]["langop-c.json"].clone();
    let dashboard: Value = serde_json::from_str(dashboard.as_str().unwrap()).unwrap();
    let alerts = rules.as_array().unwrap().iter().map(|rule| (text(&rule["alert"]), text(&rule["expr"])));
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.map(|panel| (text(&panel["title"]), text(&panel["targets"][0]["expr"])));
    alerts.chain(panels).collect()
}

/// The names in an expression: of metrics, and of labels in matchers and after `by` and `on`. No others are followed by
/// a brace, or stand in one.
fn names(expression: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut metrics, mut labels) = (BTreeSet::new(), BTreeSet::new());
    for (at, _) in expression.match_indices('{') {
        let before = &expression[..at];
        let start = before.rfind(|c: char| !is_name(c)).map_or(0, |at| at + 1);
        metrics.insert(before[start..].to_owned());
        let (inner, _) = expression[at + 1..].split_once('}').unwrap();
        labels.extend(inner.split(", ").map(|matcher| matcher.split(['=', '!']).next().unwrap().to_owned()));
    }
    for word in ["by (", "on ("] {
        for (at, _) in expression.match_indices(word) {
            let (inner, _) = expression[at + word.len()..].split_once(')').unwrap();
            labels.extend(inner.split(", ").map(str::to_owned));
        }
    }
    (metrics, labels)
}

fn reaches(gateway: &Gateway, series: &str, value: f64) {
    let shown = || scrape(gateway).get(series).copied();
    let is_so = || shown().is_some_and(|shown| (shown - value).abs() < 1e-6);
    eventually(&format!("{series} is {value}"), Duration::from_secs(20), is_so);
}

#[test]
fn what_langop_alone_knows_is_shown_beside_what_the_proxy_counts() {
    let mut redis = Redis::start();
    let gateway = gateway(&redis);
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
fn every_metric_and_label_of_an_alert_or_a_panel_is_one_that_the_gateway_shows() {
    let redis = Redis::start();
    let gateway = gateway(&redis);
    let certificate = gateway.configuration().join("certificates/exposed");
    std::fs::create_dir_all(&certificate).unwrap();
    let mut own = CertificateParams::new(["gateway.example.com".to_owned()]).unwrap();
    own.not_after = rcgen::date_time_ymd(2030, 1, 2);
    let signed = own.self_signed(&KeyPair::generate().unwrap()).unwrap();
    std::fs::write(certificate.join("tls.crt"), signed.pem()).unwrap();
    let call = |agent: &str, model: &str| gateway.chat(&Gateway::key(agent), model, "a call.").status;
    // Answered, answered by another, failed, beyond a limit, and beyond a budget.
    for (agent, model, status) in [
        ("scout", "plain", 200),
        ("scout", "first", 200),
        ("scout", "dead", 500),
        ("busy", "plain", 200),
        ("busy", "plain", 429),
        ("scout", "plain", 200),
    ] {
        assert_eq!(call(agent, model), status, "{agent} {model}");
    }
    reaches(&gateway, r#"langop_budget_spent_usd{of="agent/scout"}"#, 3.0);
    assert_eq!(call("scout", "plain"), 429);
    reaches(&gateway, r#"langop_certificate_end_timestamp_seconds{secret="exposed"}"#, 1_893_542_400.0);
    reaches(&gateway, r#"langop_budget_refusals_total{of="agent/scout",why="spent"}"#, 1.0);

    // What a Prometheus adds to every series of a pod.
    let added = ["namespace", "pod"];
    let all = expressions();
    assert!(all.len() > 20, "{all:?}");
    let shown = || {
        let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for series in scrape(&gateway).into_keys() {
            let (name, labels) = series.split_once('{').unwrap_or((&series, ""));
            let labels = labels.split(',').filter_map(|label| Some(label.split_once("=\"")?.0.to_owned()));
            shown.entry(name.to_owned()).or_default().extend(labels);
        }
        shown
    };
    let lacking = || {
        let shown = shown();
        let mut lacking = Vec::new();
        for (what, expression) in &all {
            let (metrics, labels) = names(expression);
            assert!(!metrics.is_empty() && !labels.is_empty(), "{what}: {expression}");
            let own = |label: &&String| !added.contains(&label.as_str());
            for metric in &metrics {
                let Some(has) = shown.get(metric) else {
                    lacking.push(format!("{what}: {metric}"));
                    continue;
                };
                let missing = labels.iter().filter(own).filter(|label| !has.contains(*label));
                lacking.extend(missing.map(|label| format!("{what}: {label} of {metric}")));
            }
        }
        lacking
    };
    eventually("all are shown", Duration::from_secs(30), || {
        let lacking = lacking();
        if !lacking.is_empty() {
            eprintln!("lacking: {lacking:?}");
        }
        lacking.is_empty()
    });
    // What a dead deployment is known by, and one that answers.
    let shown = scrape(&gateway);
    let state = |model: &str| {
        let of = format!("model_id=\"model {model}\"");
        shown.iter().find(|(name, _)| name.starts_with("litellm_deployment_state{") && name.contains(&of)).unwrap().1
    };
    assert!(*state("plain") < 0.5 && *state("dead") > 0.0 && *state("first") > 0.0);
}

#[test]
fn a_key_is_as_old_as_its_value_whatever_pod_is_asked() {
    let redis = Redis::start();
    let seen = |gateway: &Gateway, key: &str| {
        let series = format!("langop_key_seen_timestamp_seconds{{key=\"gateway-auth/{key}\"}}");
        scrape(gateway).get(&series).copied().unwrap_or_else(|| panic!("{:?}", scrape(gateway)))
    };
    let first = gateway(&redis);
    let (master, hmac) = (seen(&first, "master-key"), seen(&first, "hmac-secret"));
    drop(first);
    let second = gateway(&redis);
    assert!((seen(&second, "master-key") - master).abs() < 0.5 && (seen(&second, "hmac-secret") - hmac).abs() < 0.5);
    drop(second);
    let other = gateway_with(&redis, &|secret, key| match key {
        "master-key" => "sk-another-master-key-of-this-test".to_owned(),
        _ => secret_value(secret, key),
    });
    assert!(seen(&other, "master-key") > master && (seen(&other, "hmac-secret") - hmac).abs() < 0.5);
}

#[test]
fn no_caller_reads_metrics_and_none_makes_series_as_it_likes() {
    let redis = Redis::start();
    let gateway = gateway(&redis);
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
