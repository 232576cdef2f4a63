//! A run that is put to sleep at any of its writes, while another run waits for its lock and takes it, sends nothing when
//! it wakes.
//!
//! A number is a write and a side of it. Each waits for the lease to run out, so that a few of the day run at once;
//! `LANGOP_TAKEOVER_RUNS=0..36` for all of them.

use std::process::Stdio;
use std::time::Duration;

use super::blow::{Moment, reaches, send};
use super::life::Place;
use super::runs::Runs;
use crate::bench::{Bench, said};
use crate::proxy::{Counted, Seen, Side};

/// A namespace with some `ConfigMap`s of a value.
fn maps(value: &str) -> String {
    let maps = (0..4).map(|number| {
        format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}, namespace: NAME}}\ndata: {{key: {value}}}\n")
    });
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n".to_owned() + &maps.collect::<String>()
}

/// As many applies are kept beside a record.
const KEPT: usize = 5;
/// Waits longer than a lease lasts.
const PATIENT: [&str; 4] = ["--yes", "--lock-timeout", "90s", "--stack"];

/// A stack that one run changes through the proxy, and another one past it.
struct Pair {
    sleeper: Place,
    other: Bench,
}

impl Pair {
    fn new() -> Self {
        let sleeper = Place::new("sleeper");
        let mut other = Bench::new("sleeper");
        other.name.clone_from(&sleeper.bench.name);
        Self { sleeper, other }
    }

    fn args<'a>(&'a self, command: &'a str) -> Vec<&'a str> {
        let file: &[&str] = if command == "apply" { &["stack.yaml"] } else { &[] };
        [&[command], &PATIENT[..], &[&self.other.name], file].concat()
    }

    /// How many writes a command sends.
    fn writes(&self, command: &str) -> usize {
        self.sleeper.recorder.take();
        let _ = self.sleeper.run(&self.args(command)).exits(0);
        self.sleeper.recorder.take().iter().filter(|seen| Counted::Writes.has(seen)).count()
    }

    /// Lets the first run sleep at a write of this command, which another run overtakes.
    fn overtake(&self, command: &str, moment: Moment, writes: usize) -> Result<(), String> {
        let Place { recorder, bench, .. } = &self.sleeper;
        bench.write("stack.yaml", &maps("first"));
        let _ = self.sleeper.run(&self.args("apply")).exits(0);
        bench.write("stack.yaml", &maps("late"));
        let held = recorder.hold(moment.at, moment.side, Counted::Writes);
        let args = self.args(command);
        let mut child = bench.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if !reaches(&held, &mut child) {
            return Err(format!("it never came to its write: {:?}", said(&child.wait_with_output().unwrap())));
        }
        send(&child, "-STOP");
        self.other.write("stack.yaml", &maps("second"));
        let overtook = self.other.langop(&self.args("apply"));
        let before = self.look();
        recorder.take();
        // What was held is lost on its way, or its answer comes at last.
        match moment.side {
            Side::Before => held.lose(),
            Side::After => held.pass(),
        }
        send(&child, "-CONT");
        let ended = said(&child.wait_with_output().unwrap());
        let sent: Vec<Seen> = recorder.take().into_iter().filter(|seen| Counted::Writes.has(seen)).collect();
        recorder.calm();
        let fine = overtook.code == Some(0) && sent.is_empty() && self.look() == before;
        // Whoever slept after its last write had done everything. A destroy has as many writes as the history has entries,
        // and there may be fewer than when they were counted.
        let fewest = if command == "destroy" { writes.saturating_sub(KEPT - 1) } else { writes };
        let was_done = moment.at >= fewest && moment.side == Side::After && ended.code == Some(0);
        let says_so = ended.code == Some(5) && ended.err.contains("the lock was lost");
        let again = self.other.langop(&self.args("apply"));
        if fine && (says_so || was_done) && again.code == Some(0) && !before.contains("late") {
            return Ok(());
        }
        Err(format!("it sent {sent:?}\n{before}\n{}\n{overtook:?}\n{ended:?}\n{again:?}", self.look()))
    }

    /// Values and versions of what both write, and of the record.
    fn look(&self) -> String {
        let name = &self.other.name;
        let maps = self.sleeper.recorder.look(&format!("/api/v1/namespaces/{name}/configmaps")).unwrap_or_default();
        let mut maps = maps["items"].as_array().cloned().unwrap_or_default();
        // A controller puts one into every namespace, when it comes to it.
        maps.retain(|map| map["metadata"]["name"] != "kube-root-ca.crt");
        let record = self.sleeper.recorder.look(&format!("/api/v1/namespaces/langop-system/configmaps/stack-{name}"));
        let version = |object: &serde_json::Value| {
            format!(
                "{} {} {}\n",
                object["metadata"]["name"], object["data"]["key"], object["metadata"]["resourceVersion"]
            )
        };
        maps.iter().chain(record.iter()).map(version).collect()
    }
}

#[test]
fn a_run_that_slept_at_any_write_while_another_took_the_lock_sends_nothing_when_it_wakes() {
    let mut pairs: Vec<_> = (0..8).map(|_| Pair::new()).collect();
    pairs[0].sleeper.bench.write("stack.yaml", &maps("clean"));
    let made = pairs[0].writes("apply");
    pairs[0].sleeper.bench.write("stack.yaml", &maps("changed"));
    let counts = [("apply", pairs[0].writes("apply")), ("destroy", pairs[0].writes("destroy"))];
    println!("writes: {made} of the first apply, {counts:?}");
    let runs = Runs::new("LANGOP_TAKEOVER_RUNS", 8, Duration::from_secs(1));
    let ran = runs.each("a_run_that_slept_at_any_write", &mut pairs, |pair, number| {
        let moments: Vec<_> = counts
            .iter()
            .flat_map(|(command, writes)| {
                (0..2 * writes).map(|number| (*command, *writes, Moment::numbered(number, *writes)))
            })
            .collect();
        let (command, writes, moment) = moments[usize::try_from(number).unwrap() % moments.len()];
        pair.overtake(command, moment, writes).map_err(|what| format!("{command} at {moment:?}: {what}"))
    });
    assert!(ran > 0);
    for pair in &pairs {
        let _ = pair.other.langop(&pair.args("destroy"));
    }
}
