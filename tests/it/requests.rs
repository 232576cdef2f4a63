//! How many requests a stack costs: what a plan and an apply of a stack that is as described, a first apply and a destroy
//! send. Counted, never timed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bench::Bench;
use crate::proxy::{Recorder, Seen};

const NAMESPACES: usize = 3;
const PAIRS: usize = 4;
/// Kinds of the stack.
const KINDS: usize = 10;

/// What a plan asks beside one LIST a kind: discovery (2), who it is (1) and where (1), the record (1), the key of its
/// digests (1), and who holds its lock (1).
const PLAN: usize = 7;
/// What an apply adds: its lock (3), and the record.
const APPLY: usize = 6;
/// What an apply adds that changes something: its entry in the history, what stood in the place of it, and the key that
/// seals it.
const HISTORY: usize = 3;
/// Looks at what becomes ready, and the namespace for records, which the first apply makes.
const WAITS: usize = 30;

const NAMESPACE: &str = include_str!("../../benches/engine/namespace.yaml");
const PAIR: &str = include_str!("../../benches/engine/pair.yaml");

/// A stack of ten kinds; a `ConfigMap` in each of the first namespaces, as many as `changed`, has another value.
fn stack(changed: usize) -> String {
    let mut text = String::new();
    for place in 0..NAMESPACES {
        let name = format!("NAME-{place}");
        let revision = if place < changed { "1" } else { "0" };
        text.push_str(&NAMESPACE.replace("NAMESPACE", &name).replace("REVISION", revision));
        for part in 0..PAIRS {
            text.push_str(&PAIR.replace("NAMESPACE", &name).replace("PART", &part.to_string()));
        }
    }
    text
}

fn objects() -> usize {
    NAMESPACES * (4 + PAIRS * 8)
}

/// What was sent, by method and resource, for the words of a failure.
fn words(seen: &[Seen]) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for one in seen {
        let path = one.uri.split('?').next().unwrap_or_default();
        let dry = if one.uri.contains("dryRun=All") { " dry run" } else { "" };
        *counts.entry(format!("{}{dry} {path}", one.method)).or_default() += 1;
    }
    let mut text = format!("{} requests:\n", seen.len());
    for (what, count) in counts {
        let _ = writeln!(text, "{count} × {what}");
    }
    text
}

/// Where requests are counted.
struct Counter {
    bench: Bench,
    recorder: Recorder,
}

impl Counter {
    /// Runs a command that must end with `code`; what it sent.
    fn sent(&self, args: &[&str], code: i32) -> Vec<Seen> {
        self.recorder.take();
        let _ = self.bench.langop(args).exits(code);
        self.recorder.take()
    }

    /// What is wrong with a command that may send so many.
    fn excess(&self, limit: usize, args: &[&str]) -> Option<String> {
        let seen = self.sent(args, 0);
        (seen.len() > limit).then(|| format!("{args:?}: more than {limit}: {}", words(&seen)))
    }
}

#[test]
fn a_stack_costs_no_more_requests_than_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(dir.path());
    let counter = Counter { bench: Bench::at("requests", recorder.kubeconfig.clone()), recorder };
    let write = |changed| counter.bench.write("stack.yaml", &stack(changed));
    write(0);
    let stack = ["stack.yaml", "--stack", &counter.bench.name];
    let with = |command: &'static str, more: &[&'static str]| {
        let words = [command].into_iter().chain(stack).chain(more.iter().copied());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut excesses = Vec::new();
    let mut at_most = |limit: usize, words: Vec<String>| {
        excesses.extend(counter.excess(limit, &words.iter().map(String::as_str).collect::<Vec<_>>()));
    };
    // One dry run an object, and one write.
    at_most(objects() + KINDS + PLAN, with("plan", &[]));
    at_most(objects() * 21 / 10 + KINDS + PLAN + APPLY + WAITS, with("apply", &["--yes"]));
    // The status of what runs moved since it was written: seen once, and recorded.
    at_most(KINDS + PLAN + APPLY + 2, with("apply", &["--yes"]));
    at_most(KINDS + PLAN, with("plan", &[]));
    at_most(KINDS + PLAN + APPLY, with("apply", &["--yes"]));
    write(2);
    // A dry run for each that differs.
    at_most(KINDS + PLAN + 3 * 2, with("plan", &[]));
    at_most(KINDS + PLAN + APPLY + 4 * 2 + HISTORY, with("apply", &["--yes"]));
    // What else is in each namespace is asked for by kind; what goes with a namespace, by nobody.
    // What runs pods is deleted before its namespace, with what it owns.
    at_most(objects() * 5 / 2, with("destroy", &["--yes"]));
    assert!(excesses.is_empty(), "{}", excesses.join("\n"));
}
