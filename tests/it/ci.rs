//! The shell script of `examples/ci`, as a pipeline runs it: against the control plane, and a small GitHub on loopback.

use std::ffi::OsStr;
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

/// A program as a step of a pipeline runs it: with langop on its path.
fn program(bench: &Bench, name: impl AsRef<OsStr>) -> Command {
    // The environment of the bench, and its kubeconfig.
    let langop = bench.command(&[]);
    let mut program = Command::new(name);
    program.current_dir(bench.dir.path()).env_clear();
    program.envs(langop.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let programs = Path::new(env!("CARGO_BIN_EXE_langop")).parent().unwrap().display().to_string();
    program.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()));
    program.env("ANTHROPIC_API_KEY", KEY).env("no_proxy", "*");
    program
}

/// Runs the script as a step does.
fn step(bench: &Bench, api: &str, args: &[&str]) -> Said {
    let mut script = program(bench, repository("examples/ci/langop.sh"));
    script.args(args).env("GITHUB_API_URL", api).env("GITHUB_REPOSITORY", "o/r").env("GITHUB_TOKEN", TOKEN);
    script.env("GITHUB_OUTPUT", bench.path("output"));
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

/// The documents of a file of `examples/ci`.
fn documents(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(repository("examples/ci").join(file)).unwrap();
    text.split("\n---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect()
}

/// Runs what a step says, beside a repository that has the script, with what the step has in its environment; `known` are
/// the words that its engine puts in the place of others.
fn run_step(bench: &Bench, step: &Value, known: &[(&str, &str)]) -> Said {
    let scripts = bench.dir.path().join("ci");
    std::fs::create_dir_all(&scripts).unwrap();
    std::fs::copy(repository("examples/ci/langop.sh"), scripts.join("langop.sh")).unwrap();
    let filled = known.iter().fold(step.to_string(), |text, (word, value)| text.replace(word, value));
    assert!(!filled.contains("$(params") && !filled.contains("{{inputs"), "{filled}");
    let step: Value = serde_json::from_str(&filled).unwrap();
    let source = step["script"].as_str().or(step["source"].as_str()).unwrap();
    let mut shell = program(bench, "sh");
    for variable in step["env"].as_array().into_iter().flatten() {
        shell.env(variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap());
    }
    said(&shell.args(["-c", source]).output().unwrap())
}

/// Plans, applies what was planned, and looks for drift, by the steps of another engine; `code` is where it looks for what the
/// plan found.
fn by_steps(bench: &Bench, [plan, apply, drift]: [&Value; 3], (known, code): (&[(&str, &str)], &str)) {
    bench.write("langop.toml", STACK);
    let found = || std::fs::read_to_string(bench.path(code)).unwrap().trim().to_owned();
    run_step(bench, plan, known).exits(0);
    assert_eq!(found(), "2");
    run_step(bench, apply, known).exits(0);
    assert_eq!(bench.object(&["languagemodel", "claude", "-n", &bench.name])["spec"]["provider"], "anthropic");
    run_step(bench, plan, known).exits(0);
    assert_eq!(found(), "0");
    run_step(bench, drift, known).exits(0);
    bench.kubectl(&["scale", "deployment", "gateway", "--replicas=3", "-n", &bench.name]);
    run_step(bench, drift, known).exits(2);
    said(&program(bench, "langop").args(["destroy", "--yes"]).output().unwrap()).exits(0);
}

#[test]
fn tasks_of_tekton_plan_apply_and_look_for_drift() {
    let bench = Bench::new("tekton");
    let tasks = documents("tekton.yaml");
    let steps = ["langop-plan", "langop-apply", "langop-drift"].map(|name| {
        let task = tasks.iter().find(|task| task["metadata"]["name"] == name).unwrap();
        &task["spec"]["steps"][0]
    });
    let code = bench.path("result");
    let known = [("$(params.file)", "langop.toml"), ("$(params.image)", "i"), ("$(results.code.path)", &code)];
    by_steps(&bench, steps, (&known, "result"));
}

#[test]
fn a_workflow_of_argo_plans_applies_and_looks_for_drift() {
    let bench = Bench::new("argo");
    let documents = documents("argo-workflows.yaml");
    let templates = documents[0]["spec"]["templates"].as_array().unwrap();
    let steps = ["plan", "apply", "drift"]
        .map(|name| &templates.iter().find(|template| template["name"] == name).unwrap()["script"]);
    let out = bench.path("out");
    let known = [("{{workflow.parameters.file}}", "langop.toml"), ("\"/out\"", &format!("\"{out}\""))];
    by_steps(&bench, steps, (&known, "out/code"));
}
