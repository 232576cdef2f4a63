//! Who is let in, and how far.

use super::behaviour::GATEWAY;
use super::process::{Gateway, key_with};

/// Paths of an administrator, and of anyone who was let in by `LiteLLM`'s own rules.
const CLOSED: [&str; 12] = [
    "/health",
    "/get/config/callbacks",
    "/settings",
    "/debug/memory/summary",
    "/active/callbacks",
    "/model/info",
    "/cache/ping",
    "/config/yaml",
    "/key/list",
    "/v1/model/info",
    "/openai/v1/models",
    "/routes",
];

#[test]
fn a_caller_without_a_key_of_this_gateway_is_refused() {
    let gateway = GATEWAY.get();
    let right = Gateway::key("agent");
    let cut = &right[..right.len() - 1];
    let of_another_cluster = key_with("the secret of another cluster", "agent");
    let of_another_agent = right.replace("agent", "other");
    // Right in itself: an agent that was removed has one.
    let of_no_agent = Gateway::key("removed");
    let forged = [cut, &of_another_cluster, &of_another_agent, &of_no_agent];
    for key in ["", "sk-1234", "sk-langop-", "sk-langop-agent."].into_iter().chain(forged) {
        for path in ["/v1/models", "/models", "/v1/chat/completions"] {
            let body = super::process::chat("small", "refused.");
            let body = path.ends_with("completions").then_some(&body);
            let answered = gateway.call(key, path, body);
            assert_eq!(answered.status, 401, "{key} {path}: {}", answered.text);
        }
    }
    assert!(gateway.arrived("refused.").is_empty());
    assert_eq!(gateway.chat(&right, "small", "let in.").status, 200);
}

#[test]
fn the_key_is_taken_from_the_headers_of_all_three_protocols() {
    let gateway = GATEWAY.get();
    for header in ["authorization", "x-api-key", "x-goog-api-key"] {
        let bearer = if header == "authorization" { "Bearer " } else { "" };
        let url = gateway.url("/v1/models");
        let answered = ureq::get(&url).header(header, format!("{bearer}{}", Gateway::key("agent"))).call();
        assert_eq!(answered.unwrap().status(), 200, "{header}");
    }
}

#[test]
fn agents_call_models_and_nothing_else() {
    let gateway = GATEWAY.get();
    for path in CLOSED {
        let answered = gateway.call(&Gateway::key("agent"), path, None);
        assert!([403, 404].contains(&answered.status), "{path}: {} {}", answered.status, answered.text);
    }
    for (path, allowed) in [("/key/generate", 403), ("/config/update", 403), ("/model/new", 403)] {
        let body = serde_json::json!({});
        assert_eq!(gateway.call(&Gateway::key("agent"), path, Some(&body)).status, allowed, "{path}");
    }
    assert_eq!(gateway.call(&Gateway::master(), "/model/info", None).status, 200);
}

#[test]
fn its_own_pages_are_closed() {
    let gateway = GATEWAY.get();
    for path in ["/", "/redoc", "/openapi.json"] {
        let answered = gateway.call("", path, None);
        assert_ne!(answered.status, 200, "{path}: {}", answered.text);
    }
}
