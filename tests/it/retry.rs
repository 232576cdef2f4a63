//! A request that is sent again is told: as an event to programs, above the live lines to people.

use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value;

use crate::bench::Bench;
use crate::proxy::{Fault, Recorder, Rule};
use crate::terminal;

const STACK: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: NAME}
data: {key: value}
";

/// A stack behind a proxy that refuses the first write of its `ConfigMap`.
fn disturbed(name: &str) -> (Bench, Recorder, tempfile::TempDir) {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at(name, recorder.kubeconfig.clone());
    bench.write("stack.yaml", STACK);
    recorder.disturb(Rule::on("PATCH", "/configmaps/web", Fault::Status(503)).without("dryRun=All").times(1));
    (bench, recorder, files)
}

/// Whether this is the line of the one retry.
fn is_line(bench: &Bench, line: &str) -> bool {
    let pattern = format!(
        r"^ConfigMap/web in {}: retrying in \d+ ms, for up to (1m\d\d|2m00)s: disturbed with 503 \(HTTP 503, tried 1 times\)$",
        bench.name
    );
    regex::Regex::new(&pattern).unwrap().is_match(line)
}

#[test]
fn every_fault_that_may_pass_is_retried_whatever_it_looks_like() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("retry-all", recorder.kubeconfig.clone());
    let statuses = [408, 425, 429, 500, 502, 503, 504].map(|code| (format!("s{code}"), Fault::Status(code)));
    let pages = [502, 503].map(|code| (format!("p{code}"), Fault::Page(code)));
    let reset = ("reset".to_owned(), Fault::Reset);
    let faults: Vec<_> = statuses.into_iter().chain(pages).chain([reset]).collect();
    let mut stack = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n".to_owned();
    for (name, fault) in &faults {
        let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: WHO, namespace: NAME}\n";
        stack.push_str(&map.replace("WHO", name));
        let rule = Rule::on("PATCH", &format!("/configmaps/{name}?"), *fault);
        recorder.disturb(rule.without("dryRun=All").times(1));
    }
    bench.write("stack.yaml", &stack);
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    for (name, fault) in &faults {
        let of = format!("ConfigMap/{name} in {}: retrying in ", bench.name);
        assert!(said.err.contains(&of), "{fault:?} was not retried:\n{}", said.err);
    }
    assert!(said.err.contains("a web page, `Sign in`,") && !said.err.contains("<html"), "{}", said.err);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_record_that_cannot_be_written_ends_with_the_summary_of_what_was_done() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("unrecorded", recorder.kubeconfig.clone());
    bench.write("stack.yaml", STACK);
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name]].concat());
    // Its first write makes it; later ones replace it.
    recorder.disturb(Rule::on("PUT", "/configmaps/stack-", Fault::Status(403)));
    let said = run(&["apply", "--yes", "stack.yaml"]).exits(77);
    assert!(said.out.contains("2 added, 0 changed"), "{}", said.all());
    assert!(said.err.contains("record") && said.err.contains("disturbed with 403"), "{}", said.all());
    recorder.calm();
    run(&["plan", "--detailed-exitcode", "stack.yaml"]).exits(0);

    // A deletion that is refused is no sign that somebody made the object again.
    bench.write("stack.yaml", STACK.split("---").next().unwrap());
    recorder.disturb(Rule::on("DELETE", "/configmaps/web", Fault::Status(409)));
    let said = run(&["apply", "--yes", "stack.yaml"]).exits(1);
    assert!(said.out.contains("its deletion was refused: disturbed with 409"), "{}", said.all());
    assert!(!said.out.contains("made it again"), "{}", said.all());
    recorder.calm();
    run(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_program_reads_of_a_retry_in_the_stream() {
    let (bench, _recorder, _files) = disturbed("retry-json");
    let said = bench.langop(&["apply", "--yes", "--json", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["type"], "version");
    let retry: Vec<_> = lines.iter().filter(|line| line["type"] == "retrying").collect();
    let [retry] = retry.as_slice() else { panic!("not one retry: {}", said.out) };
    assert_eq!((&retry["object"]["kind"], &retry["object"]["name"]), (&"ConfigMap".into(), &"web".into()), "{retry}");
    let reason = "disturbed with 503 (HTTP 503, tried 1 times)";
    assert_eq!(retry["reason"], reason, "{retry}");
    let (pause, left) = (retry["milliseconds"].as_u64().unwrap(), retry["milliseconds_left"].as_u64().unwrap());
    assert!((125..=250).contains(&pause) && (100_000..=120_000).contains(&left), "{retry}");
    assert_eq!(retry["request"], format!("PATCH /api/v1/namespaces/{}/configmaps/web", bench.name), "{retry}");
    assert!(is_line(&bench, retry["message"].as_str().unwrap()), "{retry}");
    assert!(!said.err.contains("retrying"), "{}", said.err);
    assert_eq!(lines.last().unwrap()["type"], "summary");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn without_a_terminal_a_retry_is_a_line() {
    let (bench, _recorder, _files) = disturbed("retry-plain");
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert_eq!(said.err.lines().filter(|line| is_line(&bench, line)).count(), 1, "{}", said.err);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

/// What stands before `text` in its line of the terminal, without what moves the cursor or clears.
fn before(screen: &str, text: &str) -> String {
    let end = screen.find(text).unwrap_or_else(|| panic!("no `{text}` in {screen:?}"));
    let start = screen[..end].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let control = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap();
    control.replace_all(&screen[start..end], "").into_owned()
}

#[test]
fn on_a_terminal_a_retry_has_a_line_of_its_own_above_the_live_ones() {
    let (bench, _recorder, _files) = disturbed("retry-live");
    let (mut terminal, side) = terminal::open();
    let mut command = bench.command(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]);
    let mut child = command.env("TERM", "xterm").stdout(Stdio::null()).stderr(side).spawn().unwrap();
    // The command holds the terminal's other side, which would never end.
    drop(command);
    let mut screen = Vec::new();
    // A terminal whose last user is gone reads as an error.
    let _ = terminal.read_to_end(&mut screen);
    assert!(child.wait().unwrap().success());
    let screen = String::from_utf8_lossy(&screen);
    assert!(screen.contains("\u{1b}["), "nothing was live: {screen:?}");
    assert_eq!(before(&screen, "retrying in "), format!("ConfigMap/web in {}: ", bench.name), "{screen:?}");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}
