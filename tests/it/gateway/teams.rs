//! Teams of agents at a real gateway: what they inherit, how often all of them may call, and what they spend together.

use std::time::Duration;

use serde_json::Value;

use super::behaviour::passed;
use super::process::Gateway;
use super::redis::{self, Redis};
use crate::bench::eventually;

/// A call costs a dollar: it takes five tokens in and two out.
const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c.gateway]
deployment.replicas = 2
store = { host = "127.0.0.1", port = PORT, secretRef = { name = "redis" } }

[models.a]
provider = "openai-compatible"
modelName = "model-a"
endpoint = "http://a.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }
[models.b]
provider = "openai-compatible"
modelName = "model-b"
endpoint = "http://b.test"
cost = { inputPerMillion = 100_000, outputPerMillion = 250_000 }

[agents.one]
image = "registry.example.com/one:1"
[agents.two]
image = "registry.example.com/two:1"
group = "spenders"
[agents.quick]
image = "registry.example.com/quick:1"
[agents.quicker]
image = "registry.example.com/quicker:1"
[agents.stopped]
image = "registry.example.com/stopped:1"
[agents.free]
image = "registry.example.com/free:1"

[teams.spenders]
agents = ["one"]
groups = ["spenders"]
models = ["a"]
budget = { usd = 3, window = "month" }
[teams.callers]
agents = ["quick", "quicker"]
rateLimits = { requestsPerMinute = 5 }
[teams.halted]
agents = ["stopped"]
blocked = true
"#;

fn gateway(redis: &Redis) -> Gateway {
    redis::gateway("teams", DESCRIPTION, redis)
}

fn call(gateway: &Gateway, agent: &str, model: &str) -> u16 {
    gateway.chat(&Gateway::key(agent), model, "a call.").status
}

/// Dollars that a team has spent today.
fn spent(gateway: &Gateway, of: &str) -> f64 {
    let report = gateway.call(&Gateway::master(), "/langop/spend", None).json();
    let all = report["spent"].as_array().cloned().unwrap_or_default();
    all.iter().find(|entry| entry["of"] == of).and_then(|entry| entry["spent"].as_f64()).unwrap_or(0.0) / 1e9
}

#[test]
fn members_of_a_team_share_models_limits_and_a_budget_over_pods() {
    let redis = Redis::start();
    let gateways = [gateway(&redis), gateway(&redis)];
    assert_eq!(gateways[0].models(&Gateway::key("one")), ["model-a"]);
    assert_eq!(gateways[0].models(&Gateway::key("free")), ["model-a", "model-b"]);
    for (agent, model, status) in
        [("one", "model-b", 403), ("two", "b", 403), ("free", "model-b", 200), ("stopped", "model-a", 403)]
    {
        assert_eq!(call(&gateways[1], agent, model), status, "{agent} {model}");
    }
    // The budget is of both.
    for (pod, agent) in [(0, "one"), (1, "two"), (0, "two")] {
        assert_eq!(call(&gateways[pod], agent, "model-a"), 200, "{agent}");
    }
    let all_is_counted = || (spent(&gateways[1], "team/spenders") - 3.0).abs() < 1e-6;
    eventually("three dollars are spent", Duration::from_secs(20), all_is_counted);
    for agent in ["one", "two"] {
        let refused = gateways[1].chat(&Gateway::key(agent), "model-a", "too much.");
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(refused.text.contains("the budget of team spenders is used up"), "{}", refused.text);
    }
    assert!((spent(&gateways[0], "agent/two") - 2.0).abs() < 1e-6);
    // So is the limit, of both agents and on both pods.
    let calls = ["quick", "quicker"].repeat(6).into_iter().enumerate();
    let statuses: Vec<_> = calls.map(|(n, agent)| call(&gateways[n % 2], agent, "model-b")).collect();
    passed(&statuses, 5);
    assert_eq!(call(&gateways[0], "free", "model-b"), 200);
    let said: Value = gateways[0].call(&Gateway::master(), "/langop/spend", None).json();
    assert_eq!(said["budgets"][0]["of"], "team/spenders", "{said}");
}
