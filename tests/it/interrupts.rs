//! Kill it anywhere, run it again, it converges.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::Bench;

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 5 }

[models.one]
provider = "openai-compatible"
modelName = "one"
endpoint = "http://one.models.svc:8080"

[models.two]
provider = "openai-compatible"
modelName = "two"
endpoint = "http://two.models.svc:8080"
"#;

/// Runs langop and kills it with `signal` after `after`, unless it ended before. Whether it was killed.
fn killed(bench: &Bench, args: &[&str], signal: &str, after: Duration) -> (bool, std::process::Output) {
    let child = bench.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    std::thread::sleep(after);
    let sent = std::process::Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    (sent.success() && output.status.code() != Some(0), output)
}

#[test]
fn apply_and_destroy_killed_at_a_dozen_moments_converge_on_the_next_run() {
    let bench = Bench::new("kill");
    bench.write("langop.toml", STACK);
    // How long an undisturbed run takes bounds the moments that are worth a kill.
    let begun = Instant::now();
    bench.langop(&["apply", "--yes"]).exits(0);
    let mut apply = begun.elapsed();
    let begun = Instant::now();
    bench.langop(&["destroy", "--yes"]).exits(0);
    let mut destroy = begun.elapsed();
    let mut kills = 0;
    for moment in 1..=6 {
        // A run that ended before its kill was faster than the one that was measured.
        if killed(&bench, &["apply", "--yes"], "-KILL", apply * moment / 7).0 {
            kills += 1;
        } else {
            apply /= 2;
        }
        bench.langop(&["apply", "--yes"]).exits(0);
        bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
        if killed(&bench, &["destroy", "--yes"], "-KILL", destroy * moment / 7).0 {
            kills += 1;
        } else {
            destroy /= 2;
        }
        bench.langop(&["destroy", "--yes"]).exits(0);
        assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1), "moment {moment}");
        assert_eq!(bench.try_kubectl(&["get", "languagecluster", &bench.name]).code, Some(1), "moment {moment}");
    }
    assert!(kills >= 8, "only {kills} of 12 runs were killed before they ended");
}

#[test]
fn ctrl_c_writes_the_record_releases_the_lock_and_says_how_to_go_on() {
    interrupted("ctrlc", "-INT", 130);
}

#[test]
fn sigterm_does_the_same_with_a_code_of_its_own() {
    interrupted("sigterm", "-TERM", 143);
}

fn interrupted(name: &str, signal: &str, code: i32) {
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
    let send = || std::process::Command::new("kill").args([signal, &pid]).status().unwrap();
    send();
    std::thread::sleep(Duration::from_millis(500));
    send();
    let said = crate::bench::said(&child.wait_with_output().unwrap()).exits(code);
    assert!(format!("{}{}", said.out, said.err).contains("run again"), "{}{}", said.out, said.err);
    let leases = bench.kubectl(&["get", "lease", "-n", "langop-system", "-o", "name"]);
    assert!(!leases.contains(&bench.name), "{leases}");
    // The record owns what was made.
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}
