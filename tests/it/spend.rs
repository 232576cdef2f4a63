//! `langop spend`, `langop budget reset` and the budgets of `langop status`, of a real gateway behind the simulated pod that
//! runs what was applied.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Said, eventually, said};
use crate::check::{lead, provider, run};
use crate::gateway::redis::{PASSWORD, Redis};

/// A call costs half a dollar: it takes five tokens in and two out.
const DESCRIPTION: &str = r#"
    stack = "NAME"
    [clusters.NAME]
    budget = { usd = 50, window = "month" }
    [clusters.NAME.gateway]
    store = { host = "127.0.0.1", port = STORE, secretRef = { name = "redis" } }
    [models.small]
    provider = "openai-compatible"
    modelName = "small"
    endpoint = "http://127.0.0.1:PORT/v1"
    cost = { inputPerMillion = 100_000, outputPerMillion = 0 }
    [agents.scout]
    image = "registry.example.com/scout:1"
    models = [{ name = "small" }]
    budget = { usd = 0.5, window = "day" }
    [secrets.redis]
    fromEnv = { password = "REDIS_PASSWORD" }
"#;

fn apply(bench: &Bench) -> Said {
    said(&bench.command(&["apply", "--yes"]).env("REDIS_PASSWORD", PASSWORD).output().unwrap())
}

/// A chat of the agent, with the key that it was given.
fn chat(bench: &Bench, url: &str) -> u16 {
    let template = "go-template={{index .data \"MODEL_API_KEY\" | base64decode}}";
    let key = bench.kubectl(&["get", "secret", "scout-gateway-key", "-n", &bench.name, "-o", template]);
    let body = json!({ "model": "small", "messages": [{ "role": "user", "content": "hi" }] }).to_string();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent: ureq::Agent = agent.into();
    let request = agent.post(format!("{url}/v1/chat/completions")).header("authorization", format!("Bearer {key}"));
    request.header("content-type", "application/json").send(body).unwrap().status().as_u16()
}

#[test]
fn what_was_spent_is_shown_and_a_budget_begins_anew() {
    let redis = Redis::start();
    let bench = Bench::new("spend");
    let text = DESCRIPTION.replace("PORT", &provider().to_string()).replace("STORE", &redis.port.to_string());
    bench.write("langop.toml", &text);
    let applied = apply(&bench).exits(0);
    let name = bench.name.clone();
    assert!(applied.out.contains(&format!("budget of agent `scout` in `{name}`: 0.5 USD a day")), "{}", applied.out);
    let gateway = run(&bench);
    lead(&bench, gateway.url().rsplit_once(':').unwrap().1);
    let answers = || bench.langop(&["spend", &name]).code == Some(0);
    eventually("the port leads to the gateway", Duration::from_secs(20), answers);
    assert!(bench.langop(&["spend", &name]).exits(0).out.contains("Nothing was spent."));

    assert_eq!(chat(&bench, &gateway.url()), 200);
    let counted = || bench.langop(&["spend", &name]).exits(0).out.contains("agent.scout  1      7       0.50");
    eventually("the call is counted", Duration::from_secs(10), counted);
    assert_eq!(chat(&bench, &gateway.url()), 429);
    let by_model = bench.langop(&["spend", &name, "--by", "model", "--since", "2026-01-01"]).exits(0).out;
    assert!(
        by_model.contains("Since 2026-01-01:") && by_model.contains("model.small  1      7       0.50"),
        "{by_model}"
    );
    assert!(bench.langop(&["spend", &name, "--since", "9999-01-01"]).exits(0).out.contains("Nothing was spent."));
    let document: Value = bench.langop(&["spend", &name, "--json"]).exits(0).json();
    assert_eq!(document["spent"].as_array().unwrap().len(), 3, "{document}");
    assert_eq!(document["budgets"][0]["limit_nanodollars"], 50_000_000_000_u64);

    let status = bench.langop(&["status", "langop.toml"]).out;
    for line in ["cluster      0.50   50.00   month", "agent.scout  0.50   0.50    day"] {
        assert!(status.contains(line), "{status}");
    }
    let refused = bench.langop(&["budget", "reset", "model.small", &name, "--yes"]).exits(65);
    assert!(
        refused.err.contains("has no budget of `model.small`\nhint: it has those of `cluster`, `agent.scout`"),
        "{}",
        refused.err
    );
    let unasked = bench.langop(&["budget", "reset", "agent.scout", &name]);
    assert!(unasked.code != Some(0) && chat(&bench, &gateway.url()) == 429, "{}", unasked.all());
    let reset = bench.langop(&["budget", "reset", "agent.scout", &name, "--yes"]).exits(0);
    assert_eq!(reset.out, "agent.scout: 0.00 of 0.50 USD (day)\n");
    assert_eq!(chat(&bench, &gateway.url()), 200);
    let log = std::fs::read_to_string(bench.dir.path().join("gateway.log")).unwrap();
    assert!(log.contains("langop: the budget of agent/scout was reset") && !log.contains(PASSWORD), "{log}");
    eventually("what was spent before stays", Duration::from_secs(10), || {
        bench.langop(&["spend", &name]).exits(0).out.contains("agent.scout  2      14      1.00")
    });
}

#[test]
fn a_gateway_that_counts_nothing_says_so() {
    let bench = Bench::new("spend-none");
    bench.write(
        "langop.toml",
        "stack = \"NAME\"\n[clusters.NAME]\n[models.m]\nprovider = \"openai-compatible\"\n\
                                modelName = \"m\"\nendpoint = \"http://127.0.0.1:9/v1\"\n",
    );
    bench.langop(&["apply", "--yes"]).exits(0);
    let name = bench.name.clone();
    let gateway = run(&bench);
    lead(&bench, gateway.url().rsplit_once(':').unwrap().1);
    eventually("it is asked", Duration::from_secs(20), || {
        let said = bench.langop(&["spend", &name]);
        said.code == Some(1) && said.err.contains("it has no `gateway.store`, and counts nothing")
    });
    assert!(!bench.langop(&["status", "langop.toml"]).exits(0).out.contains("budgets"), "nobody is asked for them");
}
