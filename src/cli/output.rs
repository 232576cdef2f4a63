//! Writes results to stdout and everything else to stderr.
//!
//! `anstream` drops colours where the stream cannot show them: pipes, `NO_COLOR`, `TERM=dumb`.
//!
//! A result that could not be written is an error, also when its reader went away: `langop plan | head` ends like
//! `kubectl get | head`, silent and with the code of SIGPIPE. The signal itself stays ignored, as Rust sets it: it
//! would end an apply in the middle.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::error::{CommandError, Error};
use crate::report::human::{Detail, Style};
use crate::report::{json, yaml};

/// Whether stdout is a report's: it has one writer.
static STDOUT_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// From here on what is for people goes to stderr.
pub(crate) fn give_stdout_to_a_report() {
    STDOUT_IS_TAKEN.store(true, Ordering::Relaxed);
}

fn stdout_is_taken() -> bool {
    STDOUT_IS_TAKEN.load(Ordering::Relaxed)
}

/// Writes a report to stdout, all of it or with an error.
pub(crate) fn report(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(written.map_err(CommandError::Output)?)
}

/// Writes to stdout, all of it or with an error.
pub(crate) fn result(text: &str) -> Result<(), Error> {
    if stdout_is_taken() {
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(written.map_err(CommandError::Output)?)
}

/// Writes a line to stdout.
pub(crate) fn result_line(text: &str) -> Result<(), Error> {
    result(&format!("{text}\n"))
}

/// Writes objects to stdout as YAML.
pub(crate) fn yaml_documents(objects: impl Iterator<Item = serde_json::Value>) -> Result<(), Error> {
    result(&yaml::documents(objects))
}

/// Writes one JSON document to stdout.
pub(crate) fn json_document(value: &impl Serialize) -> Result<(), Error> {
    result(&json::document(value).map_err(CommandError::from)?)
}

/// Writes one line of a JSON stream to stdout.
pub(crate) fn json_line(value: &impl Serialize) -> Result<(), Error> {
    result(&json::line(value).map_err(CommandError::from)?)
}

/// Writes a line to stderr. There is nobody left to tell when that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Whether stdout shows colours.
pub(crate) fn colour() -> bool {
    if stdout_is_taken() {
        return error_colour();
    }
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

/// How much of a new object is shown, by `--full`.
pub(crate) fn detail(full: bool) -> Detail {
    if full { Detail::Full } else { Detail::Brief }
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

/// Whether stdout is a screen on which something can be drawn over.
pub(crate) fn redraws() -> bool {
    io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Draws a text over what the screen shows, as much of it as there is room for.
pub(crate) fn redraw(text: &str) -> Result<(), Error> {
    let rows = terminal_size::terminal_size().map_or(24, |(_, height)| usize::from(height.0));
    // Not by way of `anstream`: without colours it would take the movements, too.
    let mut out = io::stdout().lock();
    let written = out.write_all(screen(text, rows).as_bytes()).and_then(|()| out.flush());
    Ok(written.map_err(CommandError::Output)?)
}

/// The top left corner, each line with nothing of what was there before, and nothing below. The last row stays empty.
fn screen(text: &str, rows: usize) -> String {
    let room = rows.saturating_sub(1).max(1);
    let all = text.lines().count();
    let shown = if all > room { room - 1 } else { all };
    let mut drawn = "\u{1b}[H".to_owned();
    for line in text.lines().take(shown) {
        drawn.push_str(line);
        drawn.push_str("\u{1b}[K\r\n");
    }
    if shown < all {
        let _ = write!(drawn, "… {} more lines\u{1b}[K\r\n", all - shown);
    }
    drawn + "\u{1b}[J"
}

/// Whether a person can be asked.
pub(crate) fn interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question on stderr and reads one line. None at end of input.
pub(crate) fn ask(question: &str) -> Option<String> {
    let mut err = anstream::stderr().lock();
    // Nobody can answer a question that nobody sees: the answer is none then.
    write!(err, "{question} ").and_then(|()| err.flush()).ok()?;
    let mut answer = String::new();
    match io::stdin().read_line(&mut answer) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_drawn_over_and_never_scrolls() {
        assert_eq!(screen("a\nb\n", 24), "\u{1b}[Ha\u{1b}[K\r\nb\u{1b}[K\r\n\u{1b}[J");
        let cut = screen("a\nb\nc\nd\n", 4);
        assert!(cut.contains("a\u{1b}[K\r\nb\u{1b}[K\r\n… 2 more lines") && !cut.contains('c'), "{cut:?}");
    }
}
