//! Shows how the local control plane is built and started: one live line on a terminal, a line a step elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::dev::{Event, Progress};

/// The part of the packages after which a reader of a log hears of it again.
const STEP: usize = 4;

/// A viewer of one build and start.
pub(crate) struct Startup {
    bar: ProgressBar,
    live: bool,
    began: Instant,
    seen: Mutex<Seen>,
}

/// What was shown already.
#[derive(Default)]
struct Seen {
    fetching: bool,
    quarter: Option<usize>,
    busy: bool,
}

impl Startup {
    pub(crate) fn new() -> Self {
        let live = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, live, began: Instant::now(), seen: Mutex::default() }
    }

    /// Runs the work and leaves the terminal as it was.
    pub(crate) fn during<T>(&self, work: impl FnOnce(&dyn Progress) -> T) -> T {
        let done = work(self);
        self.bar.finish_and_clear();
        done
    }

    /// A step that lasts: a live line, or a line of its own.
    fn step(&self, text: &str) {
        if self.live {
            self.wake();
            self.bar.set_message(text.to_owned());
        } else {
            output::note(text);
        }
    }

    /// A live line only; a log would be flooded.
    fn detail(&self, text: String) {
        if self.live {
            self.bar.set_message(text);
        }
    }

    /// The line appears with the first step: when everything runs already there is nothing to see.
    fn wake(&self) {
        if !self.bar.is_hidden() {
            return;
        }
        self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// A line that stays.
    fn line(&self, text: &str) {
        if self.live {
            self.bar.suspend(|| output::note(text));
        } else {
            output::note(text);
        }
    }

    fn compiling(&self, seen: &mut Seen, done: usize, total: usize, package: &str) {
        let quarter = done * STEP / total.max(1);
        if seen.quarter != Some(quarter) && !self.live {
            output::note(&match done {
                0 => format!("compiling it: {total} packages, a few minutes"),
                _ => format!("compiling it: {done} of {total} packages after {}", self.elapsed()),
            });
        }
        seen.quarter = Some(quarter);
        if self.live {
            self.wake();
        }
        self.detail(format!("compiling the local control plane: {done} of {total} packages {package}"));
    }

    fn elapsed(&self) -> String {
        match self.began.elapsed().as_secs() {
            seconds if seconds < 60 => format!("{seconds}s"),
            seconds => format!("{}m {}s", seconds / 60, seconds % 60),
        }
    }
}

impl Progress for Startup {
    fn tell(&self, event: Event<'_>) {
        // A poisoned lock only means that a line may be shown twice.
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::Waiting => self.step("waiting for another langop that builds or starts the same"),
            Event::Fetching { modules: 0, .. } if !seen.fetching => {
                seen.fetching = true;
                self.line("building the local control plane: Kubernetes and KWOK from their sources, once");
                self.step("fetching the Go modules that are not in the cache");
            }
            Event::Fetching { modules, latest } => self.detail(format!("fetching Go module {modules}: {latest}")),
            Event::Compiling { done, total, package } => self.compiling(&mut seen, done, total, package),
            Event::Linking => self.step("linking the local control plane"),
            Event::Built => self.line(&format!("built the local control plane in {}", self.elapsed())),
            Event::Installing { what, cost, package: "" } => {
                self.line(&format!("installing {what} from the Python package index, once: {cost}"));
                self.step(&format!("installing {what}"));
            }
            Event::Installing { what, package, .. } => self.detail(format!("installing {what}: {package}")),
            Event::Installed { what } => self.line(&format!("installed {what} in {}", self.elapsed())),
            Event::Replacing { because } => self.line(&format!("replacing the local control plane: {because}")),
            Event::Starting => {
                seen.busy = true;
                self.step("starting the local control plane");
            }
            Event::Ready { .. } if seen.busy => self.line(&format!("local control plane ready ({})", self.elapsed())),
            _ => {}
        }
    }
}
