//! An agent that calls before the gateway has heard of it, as every new one does until the kubelet has brought the file.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::process::{Answered, Gateway, chat, key_with};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};

const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c]

[models.small]
provider = "openai-compatible"
modelName = "small"
endpoint = "http://small.test"

[agents.known]
image = "registry.example.com/known:1"
[agents.blocked]
image = "registry.example.com/blocked:1"
blocked = true
"#;

/// Calls that one key may have waiting.
const PLACES: usize = 16;

#[derive(Clone, Copy)]
struct Caller<'a>(&'a Gateway);

impl Caller<'_> {
    /// What a call is answered with; none when the gateway ends before.
    fn call(self, key: &str, words: &str) -> Option<Answered> {
        self.0.try_call(key, "POST", "/v1/chat/completions", Some(&chat("small", words))).ok()
    }

    /// The status of a call that waits for nothing: no call here is patient enough for what is held.
    fn at_once(self, key: &str) -> u16 {
        self.call(key, "at once.").unwrap().status
    }
}

#[test]
fn a_new_agent_waits_until_the_gateway_knows_it_and_stops_nobody() {
    let bench = Bench::at("unlisted", PathBuf::new());
    let file = bench.write("langop.toml", DESCRIPTION).display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c");
    let mut files = rendered.files.clone();
    let mut listed: Value = serde_json::from_str(&files["agents.json"]).unwrap();
    listed["agents"]["new"] = json!({});
    files.insert("agents.json".to_owned(), listed.to_string());
    let mut gateway = Gateway::run(bench, &rendered, &secret_value);
    let child = rustix::process::Pid::from_child(&gateway.child);
    let caller = Caller(&gateway);
    std::thread::scope(|scope| {
        let new: Vec<_> =
            ["new", "new.2"].map(|id| scope.spawn(move || caller.call(&Gateway::key(id), "of a new agent."))).into();
        // An agent that was removed and calls on.
        let flood: Vec<_> =
            (0..PLACES + 8).map(|_| scope.spawn(move || caller.call(&Gateway::key("removed"), "of none."))).collect();
        eventually("the flood has no place any more", Duration::from_secs(30), || {
            flood.iter().filter(|call| call.is_finished()).count() == 8
        });
        let refused = caller.call(&Gateway::key("removed"), "of none.").unwrap();
        assert_eq!(refused.status, 401, "{}", refused.text);
        let seconds: u64 = refused.headers["retry-after"].parse().unwrap();
        assert!((1..=100).contains(&seconds), "{seconds}");
        // What is known, and what can never be, waits for nothing.
        assert_eq!(caller.at_once(&Gateway::key("known")), 200);
        assert_eq!(caller.at_once(&Gateway::key("blocked")), 403);
        assert_eq!(caller.at_once(&key_with("the secret of another cluster", "new")), 401);
        assert!(new.iter().all(|call| !call.is_finished()), "a new agent is refused");

        gateway.republish(&files);
        for call in new {
            let answered = call.join().unwrap().unwrap();
            assert_eq!(answered.status, 200, "{}", answered.text);
        }
        assert!(gateway.arrived("of none.").is_empty());
        // The flood waits on.
        rustix::process::kill_process_group(child, rustix::process::Signal::KILL).unwrap();
    });
    let _ = gateway.child.wait();
}
