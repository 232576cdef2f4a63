//! The reports of one command: asked for on the command line, filled while it runs, and written when it ends, however it
//! ends. That they can be written is found out first.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::args::Output;
use super::report_args::{Destination, ReportArgs, ReportTarget};
use super::report_file::ReportFile;
use super::{failure, output};
use crate::apply::{Event, Run};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops::{Access, ClusterCheck, DriftReport};
use crate::plan::Plan;
use crate::report::json::{TargetDocument, ValidationDocument};
use crate::report::{End, Format, Report, check_problems, drift_problems, json};
use crate::stack::{Loaded, Stack};

/// What is written when the command ends.
#[derive(Default)]
pub(crate) struct Reports {
    writers: Vec<(Format, Sink)>,
    most: usize,
    report: Mutex<Report>,
}

/// Where a report goes, once that is known to be possible.
enum Sink {
    Stdout,
    File(ReportFile),
}

impl Reports {
    /// The reports of a command whose own output is `output`.
    ///
    /// # Errors
    /// Two of them go to one place, or one cannot be written where it is to go.
    pub(crate) fn open(args: &ReportArgs, output: Output, command: &'static str) -> Result<Arc<Self>, Error> {
        check_once(&args.reports, output)?;
        let writers = args.reports.iter().map(|target| Ok((target.format, Sink::open(&target.destination)?)));
        let writers = writers.collect::<Result<Vec<_>, CommandError>>()?;
        if writers.iter().any(|(_, sink)| matches!(sink, Sink::Stdout)) {
            output::give_stdout_to_a_report();
        }
        let most = usize::try_from(args.markdown_bytes).unwrap_or(usize::MAX);
        let report = Mutex::new(Report { command, ..Report::default() });
        Ok(Arc::new(Self { writers, most, report }))
    }

    /// None: of a command that has no reports.
    pub(crate) fn none() -> Arc<Self> {
        Arc::default()
    }

    /// Runs the command, and writes what it has to report.
    pub(crate) async fn around(&self, work: impl Future<Output = Result<Exit, Error>>) -> Result<Exit, Error> {
        self.finish(work.await)
    }

    /// The stack of a description, its warnings remembered.
    pub(crate) fn described(&self, loaded: Loaded) -> Stack {
        self.add(|report| {
            report.stack = Some(loaded.stack.name.clone());
            report.findings = loaded.warnings.iter().map(|warning| warning.finding(&loaded.files)).collect();
        });
        loaded.stack
    }

    /// Says which stack it is about, where no description does.
    pub(crate) fn about(&self, stack: &str) {
        self.add(|report| report.stack = Some(stack.to_owned()));
    }

    /// Adds what is wrong with a description.
    pub(crate) fn validated(&self, document: &ValidationDocument<'_>) {
        self.add(|report| {
            report.stack = document.stack.map(str::to_owned);
            report.findings.clone_from(&document.findings);
            report.problems = document.problems.to_vec();
        });
    }

    /// Adds what a check of gateways found.
    pub(crate) fn checked(&self, checks: &[ClusterCheck]) {
        self.add(|report| {
            report.problems = check_problems(checks);
            // What cannot be written as JSON, whoever prints it says.
            report.document = json::document(&json::check(checks)).ok();
        });
    }

    /// Adds what moved away from what was applied.
    pub(crate) fn drifted(&self, drift: &DriftReport, target: TargetDocument<'_>) {
        self.add(|report| {
            report.problems = drift_problems(drift);
            // What cannot be written as JSON, whoever prints it says.
            report.document = json::document(&json::drift(drift, target)).ok();
        });
    }

    /// Adds what was planned.
    pub(crate) fn plan(&self, plan: &Plan, target: &TargetDocument<'_>) {
        self.add(|report| report.add_plan(plan, target));
    }

    /// Adds what happened to an object.
    pub(crate) fn event(&self, event: &Event) {
        self.add(|report| report.add_event(event));
    }

    /// Adds who reaches and calls what, if anybody asked for that: it takes a while.
    pub(crate) fn access(&self, access: impl FnOnce() -> Access) {
        let is_asked = self.writers.iter().any(|(format, _)| *format == Format::Html);
        if is_asked && self.report().access.is_none() {
            self.add(|report| report.access = Some(access()));
        }
    }

    /// Adds what was done.
    pub(crate) fn run(&self, run: &Run) {
        self.add(|report| report.add_run(run));
    }

    /// Adds a line of the stream of events.
    pub(crate) fn line(&self, line: impl FnOnce() -> Result<String, serde_json::Error>) {
        self.add(|report| {
            // What cannot be written as JSON, whoever prints it says.
            report.stream.extend(line());
        });
    }

    /// Writes all reports of a command that ended so. What the command ended with says more than that a report of it could
    /// not be written.
    pub(crate) fn finish(&self, ended: Result<Exit, Error>) -> Result<Exit, Error> {
        if self.writers.is_empty() {
            return ended;
        }
        let exit = ended.as_ref().map_or_else(Error::exit, |exit| *exit);
        let mut report = self.report();
        report.end = End { code: exit as u8, words: exit.words() };
        if let Err(error) = &ended {
            if let Error::Description(invalid) = error {
                let findings = invalid.diagnostics.iter().map(|diagnostic| diagnostic.finding(&invalid.files));
                report.findings = findings.collect();
            }
            report.fault = Some(failure::document(error));
        }
        let written: Vec<_> =
            self.writers.iter().map(|(format, sink)| sink.write(*format, &report, self.most)).collect();
        for error in written.into_iter().filter_map(Result::err) {
            if ended.as_ref().is_ok_and(|exit| *exit == Exit::Done) {
                return Err(error);
            }
            failure::report(&error);
        }
        ended
    }

    fn add(&self, add: impl FnOnce(&mut Report)) {
        if !self.writers.is_empty() {
            add(&mut self.report());
        }
    }

    /// A poisoned lock only means that something may be missing.
    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of the stream of events as it is printed.
pub(crate) fn as_line(value: &impl Serialize) -> impl FnOnce() -> Result<String, serde_json::Error> {
    move || json::line(value)
}

/// One writer for each place; `--json` is one for standard output.
fn check_once(targets: &[ReportTarget], output: Output) -> Result<(), CommandError> {
    let mut taken = BTreeSet::new();
    if output == Output::Json {
        taken.insert("-".to_owned());
    }
    for target in targets {
        let place = match &target.destination {
            Destination::Stdout => "-".to_owned(),
            Destination::File(path) => path.display().to_string(),
        };
        if !taken.insert(place.clone()) {
            return Err(CommandError::OneReportEach(place));
        }
    }
    Ok(())
}

impl Sink {
    fn open(destination: &Destination) -> Result<Self, CommandError> {
        match destination {
            Destination::Stdout => Ok(Self::Stdout),
            Destination::File(path) => {
                let failed = |cause: io::Error| CommandError::WriteFile { path: path.clone(), cause };
                Ok(Self::File(ReportFile::open(path).map_err(failed)?))
            }
        }
    }

    fn write(&self, format: Format, report: &Report, most: usize) -> Result<(), Error> {
        let text = format.write(report, most).map_err(CommandError::Report)?;
        match self {
            Self::Stdout => output::report(&text),
            Self::File(file) => {
                let failed = |cause| CommandError::WriteFile { path: file.path().to_owned(), cause };
                Ok(file.write(&text).map_err(failed)?)
            }
        }
    }
}
