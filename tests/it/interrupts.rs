//! Kill it anywhere, run it again, it converges.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::{Bench, eventually, said};
use crate::proxy::{Fault, Recorder, Rule};

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

/// Value and version of what both runs write, and of the record.
fn written(bench: &Bench) -> String {
    let record = format!("stack-{}", bench.name);
    let each = "jsonpath={range .items[*]}{.metadata.name} {.data.key} {.metadata.resourceVersion};{end}";
    let record = ["get", "configmap", &record, "-n", "langop-system", "-o", "jsonpath={.metadata.resourceVersion}"];
    bench.kubectl(&["get", "configmap", "-n", &bench.name, "-o", each]) + &bench.kubectl(&record)
}

#[test]
fn a_holder_that_slept_while_another_run_took_the_lock_writes_nothing_when_it_wakes() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let awake = Bench::new("sleeper");
    let mut sleeper = Bench::at("sleeper", recorder.kubeconfig.clone());
    sleeper.name.clone_from(&awake.name);
    awake.write("stack.yaml", &maps("first"));
    let args = ["apply", "--yes", "--stack", &awake.name, "--lock-timeout", "90s", "stack.yaml"];
    awake.langop(&args).exits(0);

    // It falls asleep with all its writes under way.
    sleeper.write("stack.yaml", &maps("late"));
    recorder.disturb(Rule::on("PATCH", "/configmaps/m", Fault::Status(503)).without("dryRun=All"));
    let child = sleeper.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let signal = |signal: &str| {
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
    };
    eventually("it writes", Duration::from_secs(30), || {
        recorder.take().iter().any(|seen| seen.method == "PATCH" && !seen.uri.contains("dryRun"))
    });
    signal("-STOP");
    awake.write("stack.yaml", &maps("second"));
    awake.langop(&args).exits(0);
    let before = written(&awake);
    assert!(before.contains("m0 second") && before.contains("m3 second"), "{before}");

    recorder.calm();
    recorder.take();
    signal("-CONT");
    let ended = said(&child.wait_with_output().unwrap()).exits(5);
    assert!(ended.all().contains("the lock was lost"), "{ended:?}");
    // It may try to renew the version of the lease that it knows, which is refused.
    let wrote = recorder.take().into_iter().filter(|seen| seen.method != "GET" && !seen.uri.contains("/leases/"));
    assert_eq!(wrote.map(|seen| seen.uri).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(written(&awake), before);
    awake.langop(&["destroy", "--yes", "--stack", &awake.name]).exits(0);
}
