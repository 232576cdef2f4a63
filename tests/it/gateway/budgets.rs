//! Budgets at real gateways: what is counted, over pods and restarts and once for each call, and what is refused.

use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::process::{Gateway, chat, python};
use super::redis::{self, PASSWORD, Redis};
use crate::bench::{eventually, repository};

/// A call costs a dollar: it takes five tokens in and two out.
const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c.gateway]
deployment.replicas = 2
store = { host = "127.0.0.1", port = PORT, secretRef = { name = "redis" } }

[models.plain]
provider = "openai-compatible"
modelName = "plain"
endpoint = "http://plain.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
[models.scarce]
provider = "openai-compatible"
modelName = "scarce"
endpoint = "http://scarce.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
budget = { usd = 2, window = "day" }
[models.saved]
provider = "openai-compatible"
modelName = "saved"
endpoint = "http://saved.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
budget = { usd = 0.01, window = "day" }
fallbacks = ["plain"]
[models.claude]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
endpoint = "http://claude.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
[models.slow]
provider = "openai-compatible"
modelName = "slow-one"
endpoint = "http://slow.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
[models.all]
litellmProvider = "deepseek"
modelName = "*"
endpoint = "http://all.test"

[agents.limited]
image = "registry.example.com/limited:1"
budget = { usd = 3, window = "30d", timezone = "America/New_York" }
[agents.free]
image = "registry.example.com/free:1"
"#;

fn gateway(redis: &Redis) -> Gateway {
    redis::gateway("budgets", DESCRIPTION, redis)
}

fn call(gateway: &Gateway, agent: &str, model: &str) -> u16 {
    gateway.chat(&Gateway::key(agent), model, "a call.").status
}

/// What the gateway says was counted; nothing while its store does not answer.
fn report(gateway: &Gateway) -> Value {
    let answered = gateway.call(&Gateway::master(), "/langop/spend", None);
    assert!([200, 503].contains(&answered.status), "{}", answered.text);
    answered.json()
}

/// Dollars, calls and tokens of today.
fn spent(gateway: &Gateway, of: &str) -> (f64, u64, u64) {
    let report = report(gateway);
    let all = report["spent"].as_array().cloned().unwrap_or_default();
    let entry = all.into_iter().find(|entry| entry["of"] == of).unwrap_or_default();
    let number = |name: &str| entry[name].as_u64().unwrap_or(0);
    (entry["spent"].as_f64().unwrap_or(0.0) / 1e9, number("calls"), number("tokens"))
}

fn comes_to(gateway: &Gateway, of: &str, dollars: f64, calls: u64) {
    let wanted = format!("{of} has spent {dollars} with {calls} calls");
    let is_so = || {
        let (spent, counted, _) = spent(gateway, of);
        (spent - dollars).abs() < 1e-6 && counted == calls
    };
    eventually(&wanted, Duration::from_secs(20), is_so);
}

#[test]
fn an_agent_spends_its_budget_over_pods_and_restarts_and_no_more() {
    let redis = Redis::start();
    let mut gateways = vec![gateway(&redis), gateway(&redis)];
    for pod in [0, 1, 0] {
        assert_eq!(call(&gateways[pod], "limited", "plain"), 200);
    }
    comes_to(&gateways[1], "agent/limited", 3.0, 3);
    // A pod that comes later knows it, too.
    gateways[0] = gateway(&redis);
    for gateway in &gateways {
        let refused = gateway.chat(&Gateway::key("limited"), "plain", "too much.");
        assert_eq!(refused.status, 429, "{}", refused.text);
        let error = &refused.json()["error"];
        assert_eq!(error["type"], "budget_exceeded");
        let said = error["message"].as_str().unwrap();
        assert!(
            said.starts_with("the budget of agent limited is used up: 3.00 of 3.00 USD (30d); it resets at "),
            "{said}"
        );
        assert!(refused.headers["retry-after"].parse::<u64>().unwrap() > 28 * 86400, "{refused:?}");
        assert!(gateway.arrived("too much.").is_empty());
        assert_eq!(call(gateway, "free", "plain"), 200, "another agent has no budget");
    }
    comes_to(&gateways[0], "agent/free", 2.0, 2);
    comes_to(&gateways[0], "model/plain", 5.0, 5);
    comes_to(&gateways[0], "cluster", 5.0, 5);
    assert_eq!(spent(&gateways[0], "agent/limited").2, 21, "tokens");

    // What costs nothing is not refused.
    assert!(gateways[0].models(&Gateway::key("limited")).contains(&"plain".to_owned()));
    let reset = gateways[0].call(&Gateway::master(), "/langop/spend", Some(&json!({ "of": "agent/limited" })));
    assert_eq!(reset.status, 200);
    assert_eq!(call(&gateways[1], "limited", "plain"), 200, "{}", reset.text);
    comes_to(&gateways[0], "agent/limited", 4.0, 4);
    let own = &report(&gateways[0])["budgets"];
    let own = own.as_array().unwrap().iter().find(|budget| budget["of"] == "agent/limited").unwrap();
    assert_eq!((&own["spent"], &own["limit"]), (&json!(1_000_000_000), &json!(3_000_000_000_u64)), "{own}");
    for gateway in &gateways {
        assert!(!gateway.log().contains(PASSWORD));
        for key in ["", &Gateway::key("limited")] {
            assert_eq!(gateway.call(key, "/langop/spend", None).status, 401);
        }
    }
}

#[test]
fn a_models_budget_leaves_it_out_and_each_protocol_is_counted_once() {
    let redis = Redis::start();
    let gateway = gateway(&redis);
    let key = Gateway::key("free");
    // Streams, and what a caller that hangs up had got.
    let mut streamed = chat("plain", "a call.");
    streamed["stream"] = json!(true);
    assert_eq!(gateway.call(&key, "/v1/chat/completions", Some(&streamed)).status, 200);
    comes_to(&gateway, "model/plain", 1.0, 1);
    let messages = json!({ "model": "claude-sonnet-4-5", "max_tokens": 9,
        "messages": [{ "role": "user", "content": "a call." }] });
    let mut calls: u32 = 0;
    for streams in [false, true] {
        let mut body = messages.clone();
        body["stream"] = json!(streams);
        assert_eq!(gateway.call(&key, "/v1/messages", Some(&body)).status, 200);
        calls += 1;
        comes_to(&gateway, "model/claude", f64::from(calls), calls.into());
    }
    let responses = json!({ "model": "plain", "input": "a call." });
    let answered = gateway.call(&key, "/v1/responses", Some(&responses));
    assert_eq!(answered.status, 200, "{}", answered.text);
    comes_to(&gateway, "model/plain", 2.0, 2);

    for _ in 0..2 {
        assert_eq!(call(&gateway, "free", "scarce"), 200);
    }
    comes_to(&gateway, "model/scarce", 2.0, 2);
    let refused = gateway.chat(&key, "scarce", "too much.");
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.text.contains("the budget of model scarce is used up: 2.00 of 2.00 USD (day)"), "{}", refused.text);
    // Nor by what its deployment is called.
    assert_eq!(gateway.chat(&key, "model scarce", "too much.").status, 429);
    assert!(gateway.arrived("too much.").is_empty());
    // Another model serves in its place, where one is named for that.
    assert_eq!(call(&gateway, "free", "saved"), 200);
    comes_to(&gateway, "model/saved", 1.0, 1);
    assert_eq!(call(&gateway, "free", "saved"), 200);
    comes_to(&gateway, "model/saved", 1.0, 1);
    comes_to(&gateway, "model/plain", 3.0, 3);
}

#[test]
fn what_nobody_knows_a_price_of_is_refused_under_a_budget_alone() {
    let redis = Redis::start();
    let gateway = gateway(&redis);
    for (agent, model, status) in [
        ("free", "all/deepseek-chat", 200),
        ("free", "all/nobody-knows-this", 200),
        ("limited", "all/deepseek-chat", 200),
        ("limited", "all/nobody-knows-this", 403),
    ] {
        let answered = gateway.chat(&Gateway::key(agent), model, "priced?");
        assert_eq!(answered.status, status, "{agent} {model}: {}", answered.text);
    }
}

#[test]
fn while_the_store_is_down_budgets_are_closed_and_what_was_spent_is_written_later() {
    let mut redis = Redis::start();
    let gateway = gateway(&redis);
    assert_eq!(call(&gateway, "limited", "plain"), 200);
    comes_to(&gateway, "agent/limited", 1.0, 1);
    redis.stop();
    assert_eq!(call(&gateway, "limited", "plain"), 503);
    assert_eq!(call(&gateway, "free", "scarce"), 503);
    assert_eq!(call(&gateway, "free", "plain"), 200, "no budget holds for it");
    assert!(gateway.log().contains("langop: the store of budgets does not answer"), "{}", gateway.log());
    redis.resume();
    comes_to(&gateway, "agent/free", 1.0, 1);
    comes_to(&gateway, "agent/limited", 1.0, 1);
    eventually("budgets are known again", Duration::from_secs(30), || call(&gateway, "limited", "plain") == 200);
}

#[test]
fn a_store_that_takes_no_writes_lets_nothing_through_that_it_cannot_count() {
    let redis = Redis::start();
    let gateway = gateway(&redis);
    assert_eq!(call(&gateway, "limited", "plain"), 200);
    comes_to(&gateway, "agent/limited", 1.0, 1);
    redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(call(&gateway, "limited", "plain"), 200, "nobody knows it yet");
    eventually("it is known", Duration::from_secs(20), || call(&gateway, "limited", "plain") == 503);
    redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    eventually("what was not written is", Duration::from_secs(40), || spent(&gateway, "agent/limited").1 >= 2);
    eventually("it goes on", Duration::from_secs(20), || [200, 429].contains(&call(&gateway, "limited", "plain")));
}

#[test]
fn a_call_that_ends_with_its_gateway_or_its_caller_is_counted() {
    let redis = Redis::start();
    let (other, mut ending) = (gateway(&redis), gateway(&redis));
    // A caller that hangs up in the middle of a stream.
    let mut body = chat("slow-one", "a call.");
    body["stream"] = json!(true);
    let bearer = format!("Bearer {}", Gateway::key("free"));
    let request = ureq::post(ending.url("/v1/chat/completions")).header("authorization", bearer);
    let mut lines = BufReader::new(request.send_json(&body).unwrap().into_body().into_reader()).lines();
    assert!(lines.any(|line| line.unwrap().contains("part1")));
    drop(lines);
    eventually("what had come is counted", Duration::from_secs(20), || spent(&other, "agent/free").1 == 1);
    assert!(spent(&other, "agent/free").0 > 0.0);
    // A gateway that ends at once after an answer.
    assert_eq!(call(&ending, "limited", "plain"), 200);
    kill_process(Pid::from_child(&ending.child), Signal::TERM).unwrap();
    eventually("it ends", Duration::from_secs(30), || ending.child.try_wait().unwrap().is_some());
    comes_to(&other, "agent/limited", 1.0, 1);
}

#[test]
fn the_days_of_a_budget_are_those_of_its_time_zone() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(repository("src/render/gateway/budgets.py"), directory.path().join("budgets.py")).unwrap();
    let mut command = Command::new(python());
    command.arg(repository("tests/it/gateway/windows.py")).arg(directory.path()).current_dir(directory.path());
    let said =
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("LITELLM_LOCAL_MODEL_COST_MAP", "True").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!(out.lines().last(), Some("all as they should be"), "{out}\n{err}");
}
