//! What a signal does to a run that waits; what it does to one that works is in `fire`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::{Bench, eventually, said};
use crate::proxy::{Fault, Recorder, Rule};

#[test]
fn ctrl_c_twice_writes_the_record_releases_the_lock_and_says_how_to_go_on() {
    interrupted("ctrlc", &["-INT", "-INT"], 130);
}

/// Runners that send it send SIGKILL ten seconds later.
#[test]
fn sigterm_stops_waiting_by_itself() {
    interrupted("sigterm", &["-TERM"], 143);
}

#[test]
fn a_terminal_that_goes_away_does_the_same() {
    interrupted("sighup", &["-HUP"], 129);
}

fn interrupted(name: &str, signals: &[&str], code: i32) {
    let bench = Bench::new(name);
    // A pod that never runs keeps the apply waiting.
    bench.write(
        "stack.yaml",
        "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {nodeSelector: {no: where}, containers: [{name: web, image: web:1}]}
",
    );
    let args = ["apply", "--yes", "--stack", &bench.name, "stack.yaml"];
    let child = bench.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    crate::bench::eventually("the deployment is there", Duration::from_secs(30), || {
        bench.try_kubectl(&["get", "deployment", "web", "-n", &bench.name]).code == Some(0)
    });
    let begun = Instant::now();
    for (number, signal) in signals.iter().enumerate() {
        if number > 0 {
            std::thread::sleep(Duration::from_millis(500));
        }
        std::process::Command::new("kill").args([*signal, &pid]).status().unwrap();
    }
    let said = crate::bench::said(&child.wait_with_output().unwrap()).exits(code);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(format!("{}{}", said.out, said.err).contains("run again"), "{}{}", said.out, said.err);
    let leases = bench.kubectl(&["get", "lease", "-n", "langop-system", "-o", "name"]);
    assert!(!leases.contains(&bench.name), "{leases}");
    // The record owns what was made.
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn sighup_is_ignored_where_it_was_before_as_with_nohup() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("nohup", recorder.kubeconfig.clone());
    bench.write("stack.yaml", &maps("value"));
    let langop = bench.command(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(langop.get_program()).args(langop.get_args());
    shell.current_dir(bench.dir.path()).env("KUBECONFIG", &recorder.kubeconfig);
    recorder.disturb(Rule::on("PATCH", "/configmaps/m", Fault::Status(503)).without("dryRun=All").times(1));
    let child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("it writes", Duration::from_secs(30), || recorder.take().iter().any(|seen| seen.method == "POST"));
    std::process::Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    let _ = said(&child.wait_with_output().unwrap()).exits(0);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

/// A namespace with some `ConfigMap`s of this value.
fn maps(value: &str) -> String {
    let maps = (0..4).map(|number| {
        format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}, namespace: NAME}}\ndata: {{key: {value}}}\n")
    });
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n".to_owned() + &maps.collect::<String>()
}
