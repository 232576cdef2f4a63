//! Shows what happens while it happens: live lines on a terminal, a line an event elsewhere, JSON on demand.
//!
//! Whatever is told while lines are live goes through here: a line printed past them would end up in them.

mod frame;
mod in_flight;
mod tail;
mod ticker;
mod voice;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::args::Output;
use super::output;
use super::reports::{Reports, as_line};
use crate::apply::Event;
use crate::cluster::{Reader, Retry};
use crate::error::Error;
use crate::object::ObjectRef;
use crate::readiness::State;
use crate::report;
use crate::report::human::Style;

use frame::Size;
use in_flight::InFlight;
use tail::Tail;
use ticker::{Scene, Ticker};
use voice::Voice;

/// A plan that is sooner done than this needs no sign of life.
const SHORT: Duration = Duration::from_millis(500);

/// A writer of events, for the whole of a command.
pub(crate) struct Progress {
    output: Output,
    style: Style,
    voice: Voice,
    reports: Arc<Reports>,
    run: Mutex<Run>,
}

/// What is going on.
#[derive(Default)]
struct Run {
    /// Between [`Progress::begin`] and [`Progress::end`].
    active: bool,
    in_flight: Option<Arc<Mutex<InFlight>>>,
    ticker: Option<Ticker>,
    tail: Option<Tail>,
    /// What was said to be waited for: a pull that fails, and backs off, says the same two things in turn.
    waits: BTreeSet<(ObjectRef, String)>,
    /// The first event that could not be written.
    unwritten: Option<Error>,
}

impl Progress {
    pub(crate) fn new(output: Output) -> Self {
        let style = output::error_style();
        Self { output, style, voice: Voice::default(), reports: Reports::none(), run: Mutex::default() }
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

    /// Waits for a plan, and shows meanwhile that it is made.
    pub(crate) async fn planning<T>(&self, reader: &Reader, plan: impl Future<Output = T>) -> T {
        let scene = Planning { begun: Instant::now(), reader: reader.clone() };
        let ticker = (self.output == Output::Human).then(|| Ticker::start(&self.voice, scene));
        let planned = plan.await;
        drop(ticker);
        planned
    }

    /// Begins a run of so many changes on a server: from here on events go to the stream, if there is one.
    pub(crate) fn begin(&self, changes: usize, reader: &Reader) -> Result<(), Error> {
        self.reports.line(as_line(&report::json::version()));
        if self.output == Output::Json {
            output::json_line(&report::json::version())?;
        }
        let mut run = self.run();
        run.active = true;
        if self.output == Output::Human {
            let in_flight = Arc::new(Mutex::new(InFlight::new(changes)));
            run.ticker = Some(Ticker::start(&self.voice, Running(Arc::clone(&in_flight))));
            run.tail = self.voice.is_live().then(|| Tail::start(reader.clone(), Arc::clone(&in_flight)));
            run.in_flight = Some(in_flight);
        }
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
        self.voice.say(text);
    }

    /// Ends the run and leaves the terminal as it should be. The error is that of the first event that could not
    /// be written.
    pub(crate) fn end(&self) -> Result<(), Error> {
        std::mem::take(&mut *self.run()).unwritten.map_or(Ok(()), Err)
    }

    fn show(&self, event: &Event, run: &mut Run) {
        if let Some(in_flight) = &run.in_flight {
            locked(in_flight).handle_event(event);
            // What only begins or goes on is seen in the live lines.
            if self.voice.is_live() && matches!(event, Event::Started { .. } | Event::Waiting { .. }) && !is_over(event)
            {
                return;
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

    fn run(&self) -> MutexGuard<'_, Run> {
        locked(&self.run)
    }
}

/// A poisoned lock only means that a line may be missing.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a wait ended in a way worth a word.
fn is_over(event: &Event) -> bool {
    matches!(event, Event::Waiting { readiness, .. } if readiness.state == State::Current)
}

/// A plan that is being made.
struct Planning {
    begun: Instant,
    reader: Reader,
}

impl Scene for Planning {
    fn lines(&self, size: Size) -> Vec<String> {
        let is_short = self.begun.elapsed() < SHORT;
        if is_short { Vec::new() } else { vec![size.line(&format!("  {}", self.heartbeat()))] }
    }

    fn heartbeat(&self) -> String {
        frame::planning(self.begun, self.reader.requests(), Instant::now())
    }
}

/// A run that goes on.
struct Running(Arc<Mutex<InFlight>>);

impl Scene for Running {
    fn lines(&self, size: Size) -> Vec<String> {
        frame::run(&locked(&self.0), size, Instant::now())
    }

    fn heartbeat(&self) -> String {
        frame::heartbeat(&locked(&self.0), Instant::now())
    }
}
