//! Writes results to stdout and everything else to stderr.
//!
//! `anstream` drops colours where the stream cannot show them: pipes, `NO_COLOR`, `TERM=dumb`.

use crate::report::human::Style;
use std::io::{self, IsTerminal as _, Write as _};

/// A reader that went away (`langop plan | head`) is not an error of ours.
fn unless_closed(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // Nothing is left to complain to.
        drop(error);
    }
}

/// Writes to stdout.
pub(crate) fn result(text: &str) {
    let mut out = anstream::stdout().lock();
    unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes a line to stdout.
pub(crate) fn result_line(text: &str) {
    result(&format!("{text}\n"));
}

/// Writes documents to stdout as YAML.
pub(crate) fn yaml(documents: impl Iterator<Item = serde_json::Value>) {
    result(&crate::report::yaml::documents(documents));
}

/// Writes a line to stderr.
pub(crate) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    unless_closed(writeln!(out, "{text}"));
}

/// Whether stdout shows colours.
pub(crate) fn colour() -> bool {
    !matches!(anstream::AutoStream::choice(&io::stdout()), anstream::ColorChoice::Never)
}

/// Whether stderr shows colours.
pub(crate) fn error_colour() -> bool {
    !matches!(anstream::AutoStream::choice(&io::stderr()), anstream::ColorChoice::Never)
}

/// How text for stdout looks.
pub(crate) fn style() -> Style {
    Style { colour: colour(), width: width(), ..Style::default() }
}

/// How a table for stdout looks: a program that reads it wants all of it, so only a terminal cuts it.
pub(crate) fn table_style() -> Style {
    let width = if io::stdout().is_terminal() { width() } else { usize::MAX };
    Style { width, ..style() }
}

/// How text for stderr looks.
pub(crate) fn error_style() -> Style {
    Style { colour: error_colour(), width: width(), ..Style::default() }
}

/// Columns of the terminal; a hundred where there is none.
fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

/// Whether a person can be asked.
pub(crate) fn interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question on stderr and reads one line. None at end of input.
pub(crate) fn ask(question: &str) -> Option<String> {
    let mut err = anstream::stderr().lock();
    unless_closed(write!(err, "{question} ").and_then(|()| err.flush()));
    let mut answer = String::new();
    match io::stdin().read_line(&mut answer) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim().to_owned()),
    }
}
