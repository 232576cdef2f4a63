//! `logs`, `events` and `status --watch`, each as somebody with exactly what is printed for it.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{identity, listed};
use crate::bench::{Bench, eventually};
use crate::proxy::{Fault, Recorder, Rule};

const STACK: &str = r#"stack = "NAME"
[clusters.NAME]
gateway.deployment.replicas = 2
[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

/// What a gateway may write: colours, a key that a provider quotes, and no line break at its end.
const LOG: &str =
    "first\n\u{1b}[31mIncorrect API key provided: sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD\u{1b}[0m\nlast";

/// Runs a command until it has said `lines` lines, then stops it as Ctrl-C does.
fn stopped_after(bench: &Bench, args: &[&str], lines: usize) -> Vec<String> {
    let mut langop = bench.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let out = BufReader::new(langop.stdout.take().unwrap());
    let said = out.lines().take(lines).map(Result::unwrap).collect();
    kill_process(Pid::from_child(&langop), Signal::INT).unwrap();
    assert_eq!(langop.wait().unwrap().code(), Some(130));
    said
}

#[test]
fn who_may_look_sees_what_gateways_log_and_what_is_said_of_them() {
    let recorder = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(recorder.path());
    let through = recorder.kubeconfig.display().to_string();
    let bench = Bench::new("looks");
    let name = bench.name.as_str();
    bench.write("langop.toml", STACK);
    bench.langop(&["apply", "--yes"]).exits(0);
    let with = |command: &str| {
        let account = format!("default/{name}-{command}");
        let roles = bench.langop(&["rbac", command, "--service-account", &account, "--json"]).exits(0).json();
        identity(&bench, command, &listed(&roles))
    };
    let (logs, events) = (with("logs"), with("events"));

    // Pods of the local control plane log nothing, and their kubelet says so: that is no lack of a right.
    let said = bench.langop(&["logs", name, "--kubeconfig", &logs]);
    assert!(said.code != Some(77) && said.code != Some(0) && said.err.contains("no log of pod `gateway-"), "{said:?}");
    let said = bench.langop(&["logs", name, "--kubeconfig", &events]).exits(77);
    assert!(said.err.contains(r#"cannot get resource "pods/log""#) && said.out.is_empty(), "{said:?}");

    // All pods, each line with its own, and nothing that a terminal or a thief could use.
    recorder.disturb(Rule::on("GET", "/log?", Fault::Words(LOG)));
    recorder.take();
    let args = ["logs", "-f", "langop.toml", "--tail", "5", "--since", "90s", "--kubeconfig", &through];
    let said = bench.langop(&args).exits(0);
    let lines: Vec<_> = said.out.lines().map(|line| line.split_once(" | ").unwrap()).collect();
    let words = ["first", "Incorrect API key provided: (sensitive)", "last"];
    assert_eq!(lines.iter().map(|(_, words)| *words).collect::<Vec<_>>(), [words, words].concat(), "{said:?}");
    assert!(lines[0].0.starts_with("gateway-") && lines[0].0 < lines[3].0, "{said:?}");
    let asked: Vec<_> = recorder.take().into_iter().filter(|seen| seen.uri.contains("/log?")).collect();
    let right = |uri: &str| uri.ends_with("container=gateway&sinceSeconds=90&tailLines=5");
    assert!(asked.len() == 2 && asked.iter().all(|seen| right(&seen.uri)), "{asked:?}");
    stopped_after(&bench, &["logs", name, "--follow", "--kubeconfig", &through], 6);
    let said = bench.langop(&["logs", name, "--previous", "--kubeconfig", &through]).exits(1);
    assert!(said.err.contains("was started again"), "{said:?}");

    // Which cluster is never guessed.
    bench.write(
        "two.toml",
        &STACK
            .replace("[models", "[clusters.other]\n[models")
            .replace("models.llama]", "models.llama]\nclusters = [\"NAME\"]"),
    );
    let said = bench.langop(&["logs", "-f", "two.toml"]).exits(64);
    assert!(said.err.contains(&format!("which cluster? there are `{name}`, `other`")), "{said:?}");
    let said = bench.langop(&["events", "none-of-these"]).exits(1);
    assert!(said.err.contains("the target has no language cluster `none-of-these`"), "{said:?}");

    // What is said of others in the namespace is theirs.
    bench.kubectl(&["create", "deployment", "theirs", "--image=theirs:1", "-n", name]);
    let theirs = || bench.kubectl(&["get", "events", "-n", name, "-o", "name"]).contains("theirs");
    eventually("something is said of it", Duration::from_secs(20), theirs);
    let document = bench.langop(&["events", name, "--json", "--kubeconfig", &events]).exits(0).json();
    let found = document["events"].as_array().unwrap();
    let of = |event: &Value, kind: &str| event["object"]["kind"] == kind && event["count"].as_i64() > Some(0);
    assert!(
        found.iter().any(|event| of(event, "Deployment")) && found.iter().any(|event| of(event, "Pod")),
        "{document}"
    );
    assert!(!document.to_string().contains("theirs"), "{document}");
    let said = bench.langop(&["events", name]).exits(0);
    assert!(said.out.starts_with("LAST SEEN") && said.out.contains("Deployment/gateway"), "{said:?}");

    let first = stopped_after(&bench, &["status", "-f", "langop.toml", "--watch"], 1).concat();
    assert!(first.ends_with(&format!("Z cluster {name}: Ready")), "{first}");
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
    let said = bench.langop(&["logs", "-f", "langop.toml"]).exits(1);
    assert!(said.err.contains("no log of the gateway") && said.err.contains("it is not there"), "{said:?}");
}
