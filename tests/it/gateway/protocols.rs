//! What callers write around a call: the fields that clients of each protocol send, headers, queries, forms of a body.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::answers::WORDS;
use super::fields::{BOUNDARY, GATEWAY, call, form, right};
use super::process::{Answered, Gateway, chat};

/// A call of the one agent with more of a request than the others have.
fn exchange(gateway: &Gateway, path: &str, headers: &[(&str, &str)], body: &Value) -> Answered {
    let bearer = format!("Bearer {}", Gateway::key("caller"));
    let own = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    gateway.exchange("POST", path, &[&own, headers].concat(), body.to_string().into_bytes()).unwrap()
}

#[test]
fn a_call_as_the_clients_of_the_protocols_make_it_arrives_as_it_was_made() {
    let gateway = GATEWAY.get();
    let parameters =
        json!({"type": "object", "properties": {"api_base": {"type": "string"}, "model": {"type": "string"}}});
    let tool = json!({"type": "function", "function": {"name": "f", "description": "d", "parameters": parameters}});
    let mut body = chat("own-model", "as clients do.");
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": parameters}});
    let more = json!({"tools": [tool], "tool_choice": "auto", "temperature": 0.5, "top_p": 0.9, "seed": 1, "stop": ["x"],
        "response_format": format, "user": "u", "top_k": 3, "metadata": null, "chat_template_kwargs": {"a": true}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answered = exchange(&gateway, "/v1/chat/completions", &[("x-stainless-lang", "python")], &body);
    assert_eq!(answered.status, 200, "{}", answered.text);
    let [arrived] = gateway.arrived("as clients do.").try_into().unwrap();
    for name in ["tools", "temperature", "seed", "response_format", "top_k", "chat_template_kwargs"] {
        assert_eq!(arrived.body()[name], body[name], "{name}");
    }
    let mut body = chat("claude-own", "as clients of Anthropic do.");
    body["metadata"] = json!({"user_id": "u"});
    body["system"] = json!([{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]);
    body["thinking"] = json!({"type": "disabled"});
    body["tools"] = json!([{"name": "f", "description": "d", "input_schema": parameters}]);
    let headers = [("anthropic-version", "2023-06-01"), ("anthropic-beta", "context-1m-2025-08-07")];
    let answered = exchange(&gateway, "/v1/messages?beta=true", &headers, &body);
    assert_eq!(answered.status, 200, "{}", answered.text);
    let [arrived] = gateway.arrived("as clients of Anthropic do.").try_into().unwrap();
    assert_eq!(arrived.body()["tools"], body["tools"]);
    let body = right("/v1/audio/transcriptions", "own-model");
    let answered = call(&gateway, "/v1/audio/transcriptions", "own-model", &body);
    assert_eq!((answered.status, &answered.json()["text"]), (200, &json!(WORDS)), "{}", answered.text);
}

/// Where the model does not take a URL, the gateway fetches what it leads to.
#[test]
fn an_image_is_fetched_from_no_private_address() {
    let gateway = GATEWAY.get();
    for host in ["169.254.169.254", "127.0.0.1:4000", "10.0.0.1", "[::1]", "localhost"] {
        let image = json!({"type": "image_url", "image_url": {"url": format!("http://{host}/private.png")}});
        let mut body = chat("claude-own", "");
        body["messages"][0]["content"] = json!([{"type": "text", "text": "what an image shows."}, image]);
        let answered = exchange(&gateway, "/v1/chat/completions", &[], &body);
        assert_eq!(answered.status, 400, "{host}: {}", answered.text);
        assert!(answered.text.contains("URL policy rejected it"), "{host}: {}", answered.text);
    }
    assert!(gateway.arrived("what an image shows.").is_empty());
    assert!(gateway.interceptor.calls().iter().all(|call| !call.path.contains("private.png")));
}

#[test]
fn what_else_a_caller_may_write_orders_nothing() {
    let gateway = GATEWAY.get();
    let body = chat("own-model", "by the query.");
    for query in ["model=other-model", "api-version=1", "custom_llm_provider=groq", "team_id=t"] {
        let answered = exchange(&gateway, &format!("/v1/chat/completions?{query}"), &[], &body);
        assert_eq!(answered.status, 403, "{query}: {}", answered.text);
    }
    // A call that takes no time at all would be answered with 408.
    for header in ["x-litellm-timeout", "x-litellm-stream-timeout", "X-LiteLLM-Timeout"] {
        let body = chat("own-model", &format!("by the header {header}."));
        let answered = exchange(&gateway, "/v1/chat/completions", &[(header, "0.000001")], &body);
        assert_eq!(answered.status, 200, "{header}: {}", answered.text);
    }
    let body = chat("own-model", "for another organization.");
    let headers =
        [("openai-organization", "o"), ("custom-llm-provider", "groq"), ("x-litellm-tags", "t"), ("x-own", "1")];
    assert_eq!(exchange(&gateway, "/v1/chat/completions", &headers, &body).status, 200);
    let [arrived] = gateway.arrived("for another organization.").try_into().unwrap();
    assert!(headers.iter().all(|(name, _)| !arrived.headers.contains_key(*name)), "{:?}", arrived.headers);
    // The path counts, not what the caller calls the host.
    for host in ["h/v1/models?", "h/v1/models#", "h/v1/chat/completions?x="] {
        let (status, text) = raw(&gateway, "GET", "/model/info", host);
        assert!([400, 403].contains(&status), "{host}: {status} {text}");
    }
    assert!(gateway.arrived("by the query.").is_empty());
}

/// The status of a call with a host that no client would write.
fn raw(gateway: &Gateway, method: &str, path: &str, host: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(gateway.url("").trim_start_matches("http://")).unwrap();
    let key = Gateway::key("caller");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

#[test]
fn a_body_is_what_its_endpoint_takes_and_names_one_model() {
    let gateway = GATEWAY.get();
    let bearer = format!("Bearer {}", Gateway::key("caller"));
    let send = |path: &str, kind: &str, body: &str| {
        let headers = [("content-type", kind), ("authorization", bearer.as_str())];
        gateway.exchange("POST", path, &headers, body.as_bytes().to_vec()).unwrap().status
    };
    let (chats, json) = ("/v1/chat/completions", "application/json");
    let words = r#""messages": [{"role": "user", "content": "twisted."}]"#;
    let good = format!(r#"{{"model": "own-model", {words}}}"#);
    assert_eq!(send(chats, "application/json; charset=utf-8", &good), 200);
    for kind in
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/protobuf", "text/form"]
    {
        assert!([400, 415].contains(&send(chats, kind, &good)), "{kind}");
    }
    assert_eq!(send("/v1/audio/transcriptions", json, &good), 415);
    for body in
        ["1", "{", "\"own-model\"", "{\"model\": [\"own-model\"]}", "{\"model\": {\"a\": 1}}", "{\"messages\": []}"]
    {
        let status = send(chats, json, body);
        assert_ne!(status, 200, "{body}");
    }
    for model in ["own-model,own-model", "own-model, other-model", ","] {
        let batch = format!(r#"{{"model": "{model}", {words}}}"#);
        assert_eq!(send(chats, json, &batch), 403, "{model}");
    }
    let twice = form(&right("/v1/audio/transcriptions", "own-model"));
    let twice = String::from_utf8([form(&json!({"model": "other-model"})), twice].concat()).unwrap();
    let twice = twice.replacen(&format!("--{BOUNDARY}--\r\n"), "", 1);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    assert_eq!(send("/v1/audio/transcriptions", &kind, &twice), 403);
    assert_eq!(gateway.arrived("twisted.").len(), 1);
}
