//! What the fields of models promise: names, limits, weights, fallbacks, retries, time-outs, costs, parameters.

use std::time::Instant;

use serde_json::{Value, json};

use super::process::{Gateway, Shared, chat};

const DESCRIPTION: &str = r#"
[clusters.c.gateway]
auth.allowFields = ["cache_salt"]

[clusters.c.gateway.config]
litellm_settings = { cache = true, cache_params = { type = "local", ttl = 600 } }
# Lists beside which what is described stays in force: limits, fallbacks.
router_settings = { optional_pre_call_checks = ["responses_api_deployment_check"], fallbacks = [{ "weighed" = ["even"] }, { "failing-one" = ["backup-one"] }] }

[models.aliased]
provider = "openai-compatible"
modelName = "org/aliased"
endpoint = "http://aliased.test"
aliases = ["small", "smaller"]
params = { temperature = 0.25 }
cost = { inputPerMillion = 1000, outputPerMillion = 2000 }

[models.limited]
provider = "openai-compatible"
modelName = "limited"
endpoint = "http://limited.test"
rateLimits = { requestsPerMinute = 2 }

[models.counted]
provider = "openai-compatible"
modelName = "counted-one"
endpoint = "http://counted.test"
rateLimits = { requestsPerMinute = 2 }

[models.failing]
provider = "openai-compatible"
modelName = "failing-one"
endpoint = "http://broken.failing.test"
retries = 0

[models.thrifty]
provider = "openai-compatible"
modelName = "thrifty"
endpoint = "http://thrifty.test"
rateLimits = { tokensPerMinute = 6 }

[models.half]
provider = "openai-compatible"
modelName = "halved"
endpoint = "http://half.test"
rateLimits = { requestsPerMinute = 5 }
[models.other-half]
provider = "openai-compatible"
modelName = "halved"
endpoint = "http://other-half.test"
rateLimits = { requestsPerMinute = 5 }

[models.few]
provider = "openai"
modelName = "*"
apiKeySecretRef = { name = "openai" }
rateLimits = { requestsPerMinute = 4 }

[models.auto]
litellmProvider = "openrouter"
modelName = "openrouter/auto"
apiKeySecretRef = { name = "openrouter" }

[models.broken]
provider = "openai-compatible"
modelName = "broken-one"
endpoint = "http://broken.test"
aliases = ["fragile"]
retries = 1
fallbacks = ["backup"]

[models.backup]
provider = "openai-compatible"
modelName = "backup-one"
endpoint = "http://backup.test"

[models.alone]
provider = "openai-compatible"
modelName = "alone"
endpoint = "http://broken.alone.test"
retries = 0

[models.fussy]
provider = "openai-compatible"
modelName = "fussy"
endpoint = "http://fussy.test"
retries = 0

[models.shared-alias]
provider = "openai-compatible"
modelName = "behind-an-alias"
endpoint = "http://behind.test"
aliases = ["secret"]
[models.secret]
provider = "openai-compatible"
modelName = "another-one"
endpoint = "http://another.test"

[models.twin]
provider = "openai-compatible"
modelName = "twin"
endpoint = "http://fussy.one.test"
retries = 0
[models.other-twin]
provider = "openai-compatible"
modelName = "twin"
endpoint = "http://fussy.other.test"
retries = 0

[models.impatient]
provider = "openai-compatible"
modelName = "impatient"
endpoint = "http://late.test"
timeout = "200ms"
retries = 0

[models.heavy]
provider = "openai-compatible"
modelName = "weighed"
endpoint = "http://heavy.test"
params = { weight = 3 }
[models.light]
provider = "openai-compatible"
modelName = "weighed"
endpoint = "http://light.test"
params = { weight = 1 }

[models.one]
provider = "openai-compatible"
modelName = "even"
endpoint = "http://one.test"
[models.other]
provider = "openai-compatible"
modelName = "even"
endpoint = "http://other.test"

[models.all]
provider = "openai"
modelName = "*"
apiKeySecretRef = { name = "openai" }

[agents.agent]
image = "registry.example.com/agent:1"
"#;

pub static GATEWAY: Shared = Shared::of(DESCRIPTION);

/// The hosts that a call with these words arrived at, in order.
pub fn hosts(gateway: &Gateway, words: &str) -> Vec<String> {
    gateway.arrived(words).into_iter().map(|call| call.host).collect()
}

#[test]
fn a_model_answers_to_its_aliases_with_its_parameters_and_its_cost() {
    let gateway = GATEWAY.get();
    for name in ["org/aliased", "small", "smaller"] {
        let words = format!("by the name of {name}.");
        let answered = gateway.chat(&Gateway::key("agent"), name, &words);
        assert_eq!(answered.status, 200, "{}", answered.text);
        let cost: f64 = answered.headers["x-litellm-response-cost"].parse().unwrap();
        assert!((cost - 0.009).abs() < 1e-9, "5 tokens in and 2 out: {cost}");
        let [call] = gateway.arrived(&words).try_into().unwrap();
        assert_eq!((call.host.as_str(), &call.body()["model"]), ("aliased.test", &json!("org/aliased")));
        assert_eq!(call.body()["temperature"], 0.25);
    }
}

/// How many of some calls in a row were let through, when the limit is this many a minute. The minute of the clock
/// may turn between two calls.
pub fn passed(statuses: &[u16], limit: usize) -> usize {
    let passed = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((statuses[0], passed + refused), (200, statuses.len()), "{statuses:?}");
    assert!(passed <= 2 * limit && refused > 0, "{statuses:?}");
    passed
}

#[test]
fn a_model_takes_as_many_calls_a_minute_as_its_limit_says() {
    let gateway = GATEWAY.get();
    let call = |n| gateway.chat(&Gateway::master(), "limited", &format!("limited {n}.")).status;
    let statuses: Vec<_> = (0..6).map(call).collect();
    assert_eq!(gateway.arrived("limited ").len(), passed(&statuses, 2), "what is refused is not sent");
}

#[test]
fn a_model_takes_as_many_tokens_a_minute_as_its_limit_says() {
    let gateway = GATEWAY.get();
    let call = |n| gateway.chat(&Gateway::master(), "thrifty", &format!("thrifty {n}.")).status;
    // The call that crosses the limit passes: what it costs is known after it, at times after the next one, too.
    passed(&(0..6).map(call).collect::<Vec<_>>(), 2);
}

#[test]
fn the_limits_of_deployments_of_one_name_add_up() {
    let gateway = GATEWAY.get();
    let call = |n| gateway.chat(&Gateway::master(), "halved", &format!("halved {n}.")).status;
    let statuses: Vec<_> = (0..22).map(call).collect();
    assert_eq!(gateway.arrived("halved ").len(), passed(&statuses, 10));
    assert_eq!(statuses[..10], [200; 10], "no call is refused while another deployment is not full");
}

#[test]
fn the_limit_of_a_catalogue_counts_all_its_names() {
    let gateway = GATEWAY.get();
    let names = ["few/gpt-4o", "few/gpt-4o-mini", "few/gpt-4.1"];
    let call = |n: usize| gateway.chat(&Gateway::master(), names[n % 3], &format!("a few {n}.")).status;
    let statuses: Vec<_> = (0..12).map(call).collect();
    assert_eq!(gateway.arrived("a few ").len(), passed(&statuses, 4));
    assert_eq!(statuses[..4], [200; 4]);
}

#[test]
fn an_id_that_begins_with_its_provider_arrives_whole() {
    let gateway = GATEWAY.get();
    let answered = gateway.chat(&Gateway::key("agent"), "openrouter/auto", "of any.");
    assert_eq!(answered.status, 200, "{}", answered.text);
    let [call] = gateway.arrived("of any.").try_into().unwrap();
    assert_eq!((call.host.as_str(), &call.body()["model"]), ("openrouter.ai", &json!("openrouter/auto")));
}

#[test]
fn a_field_that_is_allowed_goes_to_the_provider_and_no_other() {
    let gateway = GATEWAY.get();
    let call = |field: &str| {
        let mut body = chat("org/aliased", &format!("with {field}."));
        body[field] = json!("of-the-agent");
        gateway.call(&Gateway::key("agent"), "/v1/chat/completions", Some(&body))
    };
    let answered = call("cache_salt");
    assert_eq!(answered.status, 200, "{}", answered.text);
    let [arrived] = gateway.arrived("with cache_salt.").try_into().unwrap();
    assert_eq!(arrived.body()["cache_salt"], "of-the-agent");
    let refused = call("cache_pepper");
    assert!(refused.status == 403 && refused.text.contains("`cache_pepper`"), "{}", refused.text);
}

#[test]
fn a_model_that_fails_is_tried_again_and_then_replaced_by_either_of_its_names() {
    let gateway = GATEWAY.get();
    for name in ["broken-one", "fragile"] {
        let words = format!("replace {name}.");
        let answered = gateway.chat(&Gateway::master(), name, &words);
        assert_eq!(answered.status, 200, "{}", answered.text);
        assert_eq!(hosts(&gateway, &words), ["broken.test", "broken.test", "backup.test"], "{name}");
    }
    let answered = gateway.chat(&Gateway::master(), "alone", "nobody else.");
    assert_eq!((answered.status, hosts(&gateway, "nobody else.")), (500, vec!["broken.alone.test".to_owned()]));
}

#[test]
fn a_call_ends_when_its_models_time_is_over() {
    let gateway = GATEWAY.get();
    let begun = Instant::now();
    let answered = gateway.chat(&Gateway::master(), "impatient", "in time.");
    assert_eq!(answered.status, 408, "{}", answered.text);
    assert_eq!(gateway.arrived("in time.").len(), 1);
    assert!(begun.elapsed().as_secs() < 30, "not after the default of five minutes");
}

#[test]
fn deployments_of_one_name_share_its_calls_by_weight() {
    let gateway = GATEWAY.get();
    let calls = 60;
    let count = |name: &str, hosts: [&str; 2]| {
        for n in 0..calls {
            assert_eq!(gateway.chat(&Gateway::master(), name, &format!("{name} {n}.")).status, 200);
        }
        let arrived = gateway.interceptor.calls();
        let of = |host: &str| arrived.iter().filter(|call| call.host == host && call.text.contains(name)).count();
        hosts.map(of)
    };
    // Fair dice fail these about once in fifty thousand runs.
    let [heavy, light] = count("weighed", ["heavy.test", "light.test"]);
    assert!(heavy > light && light > 0 && heavy + light == calls, "{heavy} and {light}");
    let [one, other] = count("even", ["one.test", "other.test"]);
    assert!(one > 10 && other > 10 && one + other == calls, "{one} and {other}");
}

#[test]
fn a_catalogue_serves_every_model_of_its_provider_below_its_name() {
    let gateway = GATEWAY.get();
    let answered = gateway.chat(&Gateway::key("agent"), "all/gpt-4o-mini", "of a catalogue.");
    assert_eq!(answered.status, 200, "{}", answered.text);
    let [call] = gateway.arrived("of a catalogue.").try_into().unwrap();
    assert_eq!((call.host.as_str(), &call.body()["model"]), ("api.openai.com", &json!("gpt-4o-mini")));
    assert!(gateway.models(&Gateway::master()).contains(&"all/gpt-4o-mini".to_owned()));
}

#[test]
fn the_users_configuration_is_in_force() {
    let gateway = GATEWAY.get();
    for _ in 0..2 {
        assert_eq!(gateway.chat(&Gateway::master(), "backup-one", "once is enough.").status, 200);
    }
    assert_eq!(gateway.arrived("once is enough.").len(), 1, "the second answer comes from the cache");
}

#[test]
fn anthropics_protocol_reaches_servers_of_openais() {
    let gateway = GATEWAY.get();
    let body = chat("org/aliased", "in another tongue.");
    let answered = gateway.call(&Gateway::key("agent"), "/v1/messages", Some(&body));
    assert_eq!(answered.status, 200, "{}", answered.text);
    assert_eq!(answered.json()["content"][0]["text"], super::answers::WORDS);
    let [call] = gateway.arrived("in another tongue.").try_into().unwrap();
    assert_eq!(call.path, "/v1/chat/completions");
    assert_ne!(call.body()["messages"], Value::Null);
}

#[test]
fn an_alias_that_is_the_name_of_another_model_leads_to_its_own() {
    let gateway = GATEWAY.get();
    assert_eq!(gateway.chat(&Gateway::key("agent"), "secret", "by an alias.").status, 200);
    assert_eq!(hosts(&gateway, "by an alias."), ["behind.test"]);
}

#[test]
fn a_model_that_nobody_can_replace_answers_after_errors_of_any_kind() {
    let gateway = GATEWAY.get();
    for (wrong, status) in [(401, 401), (404, 404), (429, 429), (500, 500)] {
        for n in 0..8 {
            let words = format!("fail with {wrong}. {n}");
            assert_eq!(gateway.chat(&Gateway::key("agent"), "fussy", &words).status, status, "{words}");
        }
        let words = format!("after {wrong}.");
        let answered = gateway.chat(&Gateway::key("agent"), "fussy", &words);
        assert_eq!(answered.status, 200, "{words} {}", answered.text);
    }
}

#[test]
fn what_a_caller_did_wrong_rests_no_deployment() {
    let gateway = GATEWAY.get();
    for wrong in [400, 404] {
        for n in 0..8 {
            let answered = gateway.chat(&Gateway::key("agent"), "twin", &format!("fail with {wrong}. of twins {n}"));
            assert_eq!(answered.status, wrong, "{}", answered.text);
        }
    }
    let words = |n: u32| format!("to both twins {n}.");
    for n in 0..24 {
        assert_eq!(gateway.chat(&Gateway::key("agent"), "twin", &words(n)).status, 200);
    }
    let arrived = gateway.arrived("to both twins ");
    let of = |host: &str| arrived.iter().filter(|call| call.host == host).count();
    // Fair dice fail these about once in eight million runs.
    assert!(of("fussy.one.test") > 0 && of("fussy.other.test") > 0, "one of them rests");
}
