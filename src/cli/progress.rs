//! Shows what happens while it happens: live lines on a terminal, a line an event elsewhere, JSON on demand.
//!
//! Whatever is told while lines are live goes through here: a line printed past them would end up in them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Output;
use super::output;
use super::reports::{Reports, as_line};
use crate::apply::Event;
use crate::cluster::Retry;
use crate::error::Error;
use crate::object::{ObjectRef, printable};
use crate::readiness::State;
use crate::report;
use crate::report::human::Style;

/// A writer of events, for the whole of a command.
pub(crate) struct Progress {
    output: Output,
    style: Style,
    live: Option<MultiProgress>,
    reports: Arc<Reports>,
    run: Mutex<Run>,
}

/// What is going on.
#[derive(Default)]
struct Run {
    /// Between [`Progress::begin`] and [`Progress::end`].
    active: bool,
    bars: BTreeMap<ObjectRef, ProgressBar>,
    /// What was said to be waited for: a pull that fails, and backs off, says the same two things in turn.
    waits: BTreeSet<(ObjectRef, String)>,
    /// The first event that could not be written.
    unwritten: Option<Error>,
}

impl Progress {
    pub(crate) fn new(output: Output) -> Self {
        let live = (output == Output::Human && std::io::stderr().is_terminal())
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        Self { output, style: output::error_style(), live, reports: Reports::none(), run: Mutex::default() }
    }

    /// The same for a command that reports what happens.
    pub(crate) fn reporting(self, reports: &Arc<Reports>) -> Self {
        Self { reports: Arc::clone(reports), ..self }
    }

    /// What the command reports.
    pub(crate) fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Who reads the events.
    pub(crate) fn output(&self) -> Output {
        self.output
    }

    /// Begins the run: from here on events go to the stream, if there is one.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        self.reports.line(as_line(&report::json::version()));
        if self.output == Output::Json {
            output::json_line(&report::json::version())?;
        }
        self.run().active = true;
        Ok(())
    }

    /// Shows one event.
    pub(crate) fn tell(&self, event: &Event) {
        let mut run = self.run();
        let line = || report::json::event(event).at(jiff::Timestamp::now());
        if run.active {
            self.reports.event(event);
            self.reports.line(|| report::json::line(&line()));
        }
        match self.output {
            Output::Json if run.active => {
                let written = output::json_line(&line());
                run.unwritten = run.unwritten.take().or(written.err());
            }
            _ => self.show(event, &mut run),
        }
    }

    /// Tells of a request that is sent again.
    pub(crate) fn retrying(&self, retry: Retry) {
        let Retry { object, request, because, after, left } = retry;
        self.tell(&Event::Retrying { object, request, because, after, left });
    }

    /// Writes a line to stderr, above the live ones.
    pub(crate) fn note(&self, text: &str) {
        match &self.live {
            // A terminal that went away is no reason to stop.
            Some(live) => drop(live.println(text)),
            None => output::note(text),
        }
    }

    /// Ends the run and leaves the terminal as it should be. The error is that of the first event that could not
    /// be written.
    pub(crate) fn end(&self) -> Result<(), Error> {
        let run = std::mem::take(&mut *self.run());
        run.bars.into_values().for_each(|bar| bar.finish_and_clear());
        run.unwritten.map_or(Ok(()), Err)
    }

    fn show(&self, event: &Event, run: &mut Run) {
        if let Some(live) = &self.live {
            let bars = &mut run.bars;
            match event {
                Event::Started { object, .. } => return spin(live, bars, object, "…"),
                Event::Waiting { object, readiness, .. } if readiness.state != State::Current => {
                    return spin(live, bars, object, &readiness.reason);
                }
                Event::Finished { object, .. } => {
                    if let Some(bar) = bars.remove(object) {
                        bar.finish_and_clear();
                    }
                }
                _ => {}
            }
        }
        if let Event::Waiting { object, readiness, .. } = event
            && !run.waits.insert((object.clone(), readiness.reason.clone()))
        {
            return;
        }
        if let Some(line) = report::human::event(event, &self.style) {
            self.note(&line);
        }
    }

    /// A poisoned lock only means that a line may be missing.
    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spin(live: &MultiProgress, bars: &mut BTreeMap<ObjectRef, ProgressBar>, object: &ObjectRef, reason: &str) {
    let bar = bars.entry(object.clone()).or_insert_with(|| {
        let bar = live.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(object.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    bar.set_message(printable(reason).into_owned());
}
