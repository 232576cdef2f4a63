//! What happens to a run at a request of its own.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Said, said};
use crate::proxy::{Counted, Held, Recorder, Side};

/// How long a run may take that nothing hinders.
const LONG: Duration = Duration::from_mins(2);
/// How long a signal has on its way.
const MOMENT: Duration = Duration::from_millis(60);

/// What happens to the process.
#[derive(Clone, Debug)]
pub(super) enum Blow {
    /// SIGKILL.
    Kill,
    /// These signals, a moment apart.
    Signals(Vec<&'static str>),
}

/// When it happens: at which request, and on which side of the API server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: usize,
    pub(super) side: Side,
}

impl Moment {
    /// All moments of a run of so many requests, by number.
    pub(super) fn numbered(number: usize, requests: usize) -> Self {
        let number = number % (2 * requests.max(1));
        let side = if number.is_multiple_of(2) { Side::Before } else { Side::After };
        Self { at: number / 2 + 1, side }
    }
}

/// Runs langop until the moment, and does it to the process. What it said; none when it ended before.
pub(super) fn strike(
    (recorder, bench): (&Recorder, &Bench),
    args: &[&str],
    moment: Moment,
    blow: &Blow,
) -> Result<Said, Said> {
    let held = recorder.hold(moment.at, moment.side, Counted::All);
    let mut child = bench.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let reached = reaches(&held, &mut child);
    if reached {
        match blow {
            Blow::Kill => child.kill().unwrap(),
            Blow::Signals(signals) => {
                for (number, signal) in signals.iter().enumerate() {
                    if number > 0 {
                        std::thread::sleep(MOMENT);
                    }
                    send(&child, signal);
                }
                std::thread::sleep(MOMENT);
                held.pass();
            }
        }
    }
    let ended = said(&child.wait_with_output().unwrap());
    // What is held is dropped, and never reaches the API server.
    held.lose();
    recorder.calm();
    if reached { Ok(ended) } else { Err(ended) }
}

/// Whether the process comes to the request; else it has ended.
pub(super) fn reaches(held: &Held, child: &mut Child) -> bool {
    let begun = Instant::now();
    while !held.is_reached(Duration::from_millis(10)) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(begun.elapsed() < LONG, "it neither ends nor comes to its request");
    }
    true
}

/// Sends a signal.
pub(super) fn send(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let _ = std::process::Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status().unwrap();
}
