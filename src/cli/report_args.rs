//! `--report FORMAT=FILE`, as it is written.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};

use crate::report::Format;

/// Which reports are written beside what a command prints.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ReportArgs {
    /// Also write a report: human, json, markdown, html, junit, sarif, github or gitlab. May be given several times; `-` is stdout, `{env}` in FILE the environment
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = Parser)]
    pub(crate) reports: Vec<ReportTarget>,
    /// Bytes that a Markdown report may have; GitHub takes comments of 65,536 characters
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, value_parser = clap::value_parser!(u32).range(1024..))]
    pub(crate) markdown_bytes: u32,
}

/// What stands for the name of an environment in the name of a file.
const ENVIRONMENT: &str = "{env}";

impl ReportArgs {
    /// The same for one environment.
    pub(crate) fn in_environment(&self, name: &str) -> Self {
        let mut args = self.clone();
        for target in &mut args.reports {
            if let Destination::File(path) = &mut target.destination {
                *path = file_of(path, name);
            }
        }
        args
    }

    /// Whether each environment has reports of its own.
    pub(crate) fn are_of_environments(&self) -> bool {
        self.reports.iter().all(|target| match &target.destination {
            Destination::Stdout => false,
            Destination::File(path) => is_of_environment(path),
        })
    }
}

/// Whether the name of a file has a place for that of the environment.
pub(crate) fn is_of_environment(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.contains(ENVIRONMENT))
}

/// The file of an environment.
pub(crate) fn file_of(path: &Path, environment: &str) -> PathBuf {
    path.to_str().map_or_else(|| path.to_owned(), |text| text.replace(ENVIRONMENT, environment).into())
}

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    pub(crate) format: Format,
    pub(crate) destination: Destination,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

#[derive(Clone, Debug)]
struct Parser;

impl TypedValueParser for Parser {
    type Value = ReportTarget;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, text: &OsStr) -> Result<Self::Value, clap::Error> {
        let refuse = |words: String| clap::Error::raw(ErrorKind::ValueValidation, words).with_cmd(command);
        let text = text.to_str().ok_or_else(|| refuse("a value of `--report` is no text\n".to_owned()))?;
        let (format, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(|| {
            refuse(format!("`--report {text}` names no file: write FORMAT=FILE, or FORMAT=- for standard output\n"))
        })?;
        let known = Format::named(format).ok_or_else(|| refuse(format!("{}\n", unknown(format))))?;
        let destination = if file == "-" { Destination::Stdout } else { Destination::File(file.into()) };
        Ok(ReportTarget { format: known, destination })
    }
}

fn unknown(format: &str) -> String {
    let names = Format::ALL.map(Format::name);
    let near = crate::stack::nearest(format, names);
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("`{format}` is no format of a report: there are {}{near}", names.map(|name| format!("`{name}`")).join(", "))
}
