//! The shell script of `examples/ci`, as a pipeline runs it: against the control plane, and a small GitHub on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::bench::{Bench, Said, repository, said};

const STACK: &str = r#"stack = "NAME"
[clusters.NAME]
[models.claude]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
apiKeySecretRef = { name = "anthropic" }
[secrets.anthropic]
fromEnv = { api-key = "ANTHROPIC_API_KEY" }
"#;

const TOKEN: &str = "token-of-the-run";
const KEY: &str = "k3y-that-is-in-no-artifact";

/// The comments under pull request 7.
#[derive(Clone, Default)]
struct Hub(Arc<Mutex<Vec<Value>>>);

impl Hub {
    /// Serves them; the URL of the API.
    fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let hub = self.clone();
        std::thread::spawn(move || listener.incoming().for_each(|stream| hub.answer(&stream.unwrap())));
        url
    }

    fn answer(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream);
        let (mut head, mut line) = (String::new(), String::new());
        while lines.read_line(&mut line).unwrap_or(0) > 2 {
            head.push_str(&std::mem::take(&mut line));
        }
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let mut body = vec![0; field("Content-Length").map_or(0, |length| length.parse().unwrap())];
        lines.read_exact(&mut body).unwrap();
        let (status, said) = if field("Authorization") == Some(&format!("Bearer {TOKEN}")) {
            self.does(head.lines().next().unwrap(), &serde_json::from_slice(&body).unwrap_or_default())
        } else {
            (401, json!({}))
        };
        let said = said.to_string();
        let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}", said.len());
        stream.write_all(format!("{head}\r\n\r\n{said}").as_bytes()).unwrap();
    }

    fn does(&self, request: &str, body: &Value) -> (u16, Value) {
        let mut all = self.0.lock().unwrap();
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        match (method, path.strip_prefix("/repos/o/r/issues/").unwrap_or(path)) {
            ("POST", "7/comments") => {
                let comment = comment(all.len(), "github-actions[bot]", body["body"].as_str().unwrap());
                all.push(comment);
                (201, json!({}))
            }
            ("GET", list) if list.starts_with("7/comments?per_page=100&page=") => {
                let page: usize = list.rsplit_once('=').unwrap().1.parse().unwrap();
                (200, all.chunks(100).nth(page - 1).unwrap_or_default().to_vec().into())
            }
            ("PATCH", one) => {
                let id: usize = one.strip_prefix("comments/").unwrap().parse().unwrap();
                all[id]["body"] = body["body"].clone();
                (200, json!({}))
            }
            _ => (404, json!({})),
        }
    }
}

fn comment(id: usize, by: &str, body: &str) -> Value {
    json!({"id": id, "user": {"login": by}, "body": body})
}

/// Runs the script as a step does.
fn step(bench: &Bench, api: &str, args: &[&str]) -> Said {
    // The environment of the bench, and its kubeconfig.
    let langop = bench.command(&[]);
    let mut script = Command::new(repository("examples/ci/langop.sh"));
    script.args(args).current_dir(bench.dir.path()).env_clear();
    script.envs(langop.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let programs = Path::new(env!("CARGO_BIN_EXE_langop")).parent().unwrap().display().to_string();
    script.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()));
    script.env("GITHUB_API_URL", api).env("GITHUB_REPOSITORY", "o/r").env("GITHUB_TOKEN", TOKEN);
    script.env("GITHUB_OUTPUT", bench.path("output")).env("ANTHROPIC_API_KEY", KEY).env("no_proxy", "*");
    said(&script.output().unwrap())
}

#[test]
fn a_pull_request_is_planned_and_commented_once_and_what_was_approved_is_applied() {
    let (bench, hub) = (Bench::new("pipeline"), Hub::default());
    bench.write("langop.toml", STACK);
    let marker = format!("<!-- langop:plan:{} -->", bench.name);
    // Somebody else's comment looks the same, and ours is not on the first page.
    hub.0.lock().unwrap().extend((0..101).map(|id| comment(id, "somebody", &marker)));
    let api = hub.serve();
    let run = |args: &[&str]| step(&bench, &api, args);
    let outputs = || std::fs::read_to_string(bench.path("output")).unwrap();

    run(&["plan", "langop.toml"]).exits(0);
    assert_eq!(outputs(), "code=2\n");
    run(&["comment", "7"]).exits(0);
    bench.write("langop.toml", &STACK.replace("claude-sonnet-4-5", "claude-opus-4-5"));
    run(&["plan", "langop.toml"]).exits(0);
    run(&["comment", "7"]).exits(0);
    let comments = hub.0.lock().unwrap().clone();
    assert_eq!(comments.len(), 102, "one comment, and it is written anew");
    assert_eq!(comments[0]["body"], marker);
    let page = comments[101]["body"].as_str().unwrap();
    assert!(page.starts_with(&marker) && page.contains("LanguageModel/claude"), "{page}");

    // Nothing that is kept has the key or the token.
    for entry in std::fs::read_dir(bench.path("langop-out")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(KEY) && !text.contains(TOKEN), "{}", path.display());
    }

    run(&["apply"]).exits(0);
    let model = bench.object(&["languagemodel", "claude", "-n", &bench.name]);
    assert_eq!(model["spec"]["modelName"], "claude-opus-4-5");
    run(&["plan", "langop.toml"]).exits(0);
    assert!(outputs().ends_with("code=0\n"), "{}", outputs());
    run(&["drift", "langop.toml"]).exits(0);
    bench.kubectl(&["scale", "deployment", "gateway", "--replicas=3", "-n", &bench.name]);
    let moved = run(&["drift", "langop.toml"]).exits(2);
    assert!(moved.out.contains("replicas"), "{moved:?}");

    // A description that is wrong fails the step, and the comment says why.
    bench.write("langop.toml", &STACK.replace("modelName", "modelname"));
    run(&["plan", "langop.toml"]).exits(65);
    run(&["comment", "7"]).exits(0);
    let comments = hub.0.lock().unwrap().clone();
    let page = comments[101]["body"].as_str().unwrap();
    assert!(comments.len() == 102 && page.contains("modelname"), "{page}");
    bench.write("langop.toml", STACK);
    let destroyed = bench.command(&["destroy", "--yes"]).env("ANTHROPIC_API_KEY", KEY).output().unwrap();
    said(&destroyed).exits(0);
    run(&["what"]).exits(64);
}
