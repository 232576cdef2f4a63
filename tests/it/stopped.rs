//! What a signal does to commands that are neither `apply` nor `destroy`: the first one stops them, in order.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Said, eventually, said};
use crate::proxy::{Counted, Fault, Recorder, Rule, Seen, Side};

/// Longer than any of these takes to stop, and shorter than it waits for anything.
const SOON: Duration = Duration::from_secs(20);

fn start(bench: &Bench, args: &[&str]) -> Child {
    let mut command = bench.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt(child: &Child) {
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// The end of a command that was told to stop.
fn stopped(child: Child, begun: Instant) -> Said {
    let ended = said(&child.wait_with_output().unwrap());
    assert!(begun.elapsed() < SOON, "{:?}: {ended:?}", begun.elapsed());
    ended
}

/// Interrupts a command that waits for its standard error to say something.
pub fn interrupted_when(bench: &Bench, args: &[&str], words: &str) -> Said {
    let mut child = start(bench, args);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told: Vec<_> = lines.by_ref().map_while(Result::ok).take_while(|line| !line.contains(words)).collect();
    let begun = Instant::now();
    interrupt(&child);
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    let ended = stopped(child, begun);
    let err = told.into_iter().chain(rest).map(|line| line + "\n").collect();
    Said { err, ..ended }
}

#[test]
fn a_description_that_somebody_still_writes_keeps_no_plan_from_being_stopped() {
    let bench = Bench::new("typed");
    let pipe = bench.path("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for description in ["-", &pipe] {
        let mut child = start(&bench, &["plan", description]);
        let input = child.stdin.take();
        let listens = || std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        // `SigCgt` of `proc_pid_status(5)`: SIGINT is the second bit.
        eventually("it listens to signals", SOON, || {
            let caught = listens().lines().find_map(|line| Some(line.strip_prefix("SigCgt:")?.trim().to_owned()));
            caught.is_some_and(|mask| u64::from_str_radix(&mask, 16).unwrap() & 2 == 2)
        });
        let begun = Instant::now();
        interrupt(&child);
        let ended = said(&child.wait_with_output().unwrap());
        assert!(ended.code == Some(130) && begun.elapsed() < SOON, "{:?}: {ended:?}", begun.elapsed());
        drop(input);
    }
}

const STACK: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m, namespace: NAME}
";

/// The number of the first request of this kind, counted from one.
fn number(seen: &[Seen], method: &str, part: &str) -> usize {
    let found = seen.iter().position(|seen| seen.method == method && seen.uri.contains(part));
    1 + found.unwrap_or_else(|| panic!("no {method} of {part}: {seen:#?}"))
}

#[test]
fn changes_of_a_record_stop_in_order_at_the_first_signal() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("stopped", recorder.kubeconfig.clone());
    let name = bench.name.clone();
    bench.write("stack.yaml", STACK);
    let _ = bench.langop(&["apply", "--yes", "--stack", &name, "stack.yaml"]).exits(0);
    let lease = format!("/apis/coordination.k8s.io/v1/namespaces/langop-system/leases/stack-{name}");
    let record = format!("/api/v1/namespaces/langop-system/configmaps/stack-{name}");
    let serial = || recorder.look(&record).unwrap()["metadata"]["resourceVersion"].clone();

    let rebuild = ["state", "rebuild", "--replace", name.as_str()];
    recorder.take();
    let _ = bench.langop(&rebuild).exits(0);
    let seen = recorder.take();
    let moments = [
        ("it takes the lock", number(&seen, "POST", "/leases")),
        ("it reads what is there", number(&seen, "GET", "/networkpolicies")),
    ];
    let before = serial();
    for (what, number) in moments {
        let held = recorder.hold(number, Side::Before, Counted::All);
        let child = start(&bench, &rebuild);
        assert!(held.is_reached(SOON), "{what}");
        let begun = Instant::now();
        interrupt(&child);
        // Whoever asks for the lock waits for the answer: it may have got it.
        if what == "it takes the lock" {
            std::thread::sleep(Duration::from_millis(60));
            held.pass();
        }
        let said = stopped(child, begun).exits(130);
        held.lose();
        recorder.calm();
        assert!(said.err.contains("nothing was changed"), "{what}: {}", said.err);
        assert_eq!((serial(), recorder.look(&lease)), (before.clone(), None), "{what}");
    }

    // Who waits for another's lock, and changes nothing without it.
    let held = recorder.hold(moments[1].1, Side::Before, Counted::All);
    let holder = start(&bench, &rebuild);
    assert!(held.is_reached(SOON));
    let address = format!("ConfigMap/{name}/m");
    for command in [
        &["state", "rm", "--yes", name.as_str(), address.as_str()][..],
        &["state", "mv", "--yes", name.as_str(), address.as_str(), "secret.m"],
    ] {
        let said = interrupted_when(&bench, command, "waiting for the lock").exits(130);
        assert!(said.err.contains("nothing was changed"), "{}", said.err);
    }
    held.pass();
    let _ = said(&holder.wait_with_output().unwrap()).exits(0);
    recorder.calm();

    // A write that is under way is finished: what was asked for is done.
    let before = serial();
    recorder.take();
    recorder.disturb(Rule::on("PUT", &record, Fault::Slow(Duration::from_secs(1))).times(1));
    let child = start(&bench, &rebuild);
    let writes = |seen: &Seen| seen.method == "PUT" && seen.uri.contains(&record);
    eventually("it writes the record", SOON, || recorder.take().iter().any(writes));
    let begun = Instant::now();
    interrupt(&child);
    let _ = stopped(child, begun).exits(0);
    recorder.calm();
    assert_ne!(serial(), before);
    assert_eq!(recorder.look(&lease), None);
    bench.kubectl(&["delete", "namespace", &name, "--wait=false"]);
    let _ = bench.langop(&["destroy", "--yes", "--stack", &name]).exits(0);
}
