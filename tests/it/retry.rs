//! A request that is sent again is told: as an event to programs, above the live lines to people.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::bench::Bench;
use crate::proxy::{Fault, Recorder, Rule};

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
    assert_eq!((retry["reason"].as_str(), retry["milliseconds"].as_u64()), (Some(reason), Some(250)), "{retry}");
    let message = format!("ConfigMap/web in {}: retrying in 250 ms: {reason}", bench.name);
    assert_eq!(retry["message"], message.as_str());
    assert!(!said.err.contains("retrying"), "{}", said.err);
    assert_eq!(lines.last().unwrap()["type"], "summary");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn without_a_terminal_a_retry_is_a_line() {
    let (bench, _recorder, _files) = disturbed("retry-plain");
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let line =
        format!("ConfigMap/web in {}: retrying in 250 ms: disturbed with 503 (HTTP 503, tried 1 times)", bench.name);
    assert_eq!(said.err.lines().filter(|found| *found == line).count(), 1, "{}", said.err);
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
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let path = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let side = File::options().read(true).write(true).open(path).unwrap();
    let mut command = bench.command(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]);
    let mut child = command.env("TERM", "xterm").stdout(Stdio::null()).stderr(side).spawn().unwrap();
    // The command holds the terminal's other side, which would never end.
    drop(command);
    let mut screen = Vec::new();
    // A terminal whose last user is gone reads as an error.
    let _ = File::from(terminal).read_to_end(&mut screen);
    assert!(child.wait().unwrap().success());
    let screen = String::from_utf8_lossy(&screen);
    assert!(screen.contains("\u{1b}["), "nothing was live: {screen:?}");
    assert_eq!(before(&screen, "retrying in 250 ms"), format!("ConfigMap/web in {}: ", bench.name), "{screen:?}");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}
