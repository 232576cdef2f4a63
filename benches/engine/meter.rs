//! Runs a program and measures it: how long it took, what it computed, what memory it had at most.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::{Value, json};

/// The first argument that makes this program the meter of another.
pub const WORD: &str = "--meter";

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Seconds until it ended.
    pub wall: f64,
    /// Seconds of all cores, user and system.
    pub cpu: f64,
    /// Its largest resident set, MiB.
    pub mebibytes: f64,
}

/// Runs a program, which must end as it should, in a process between that has no other child.
pub fn measure(program: &[&str], stdin: Stdio, may_end: &[i32]) -> Taken {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.arg(WORD).args(program).stdin(stdin).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let said: Value = serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap();
    let number = |name: &str| said[name].as_f64().unwrap();
    let code = i32::try_from(said["code"].as_i64().unwrap_or(-1)).unwrap();
    assert!(may_end.contains(&code), "{program:?} ended with {code}:\n{}", String::from_utf8_lossy(&output.stderr));
    Taken { wall: number("wall"), cpu: number("cpu"), mebibytes: number("mebibytes") }
}

/// The process between.
pub fn run(mut words: impl Iterator<Item = OsString>) {
    let begun = Instant::now();
    let status = Command::new(words.next().unwrap()).args(words).stdout(Stdio::null()).status().unwrap();
    let wall = begun.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    #[expect(clippy::cast_precision_loss, reason = "seconds and mebibytes of one run")]
    let (cpu, mebibytes) = (micros as f64 / 1e6, usage.max_rss() as f64 / 1024.0);
    println!("{}", json!({"wall": wall, "cpu": cpu, "mebibytes": mebibytes, "code": status.code()}));
}
