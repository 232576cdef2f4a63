//! Stderr, where lines are said above others that are drawn anew all the time. A terminal that went away is no reason to stop.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::Term;
use unicode_width::UnicodeWidthStr as _;

use super::super::output;
use super::frame::Size;

/// Where lines go while something may be live below them.
#[derive(Clone)]
pub(super) struct Voice(Arc<Mutex<Said>>);

struct Said {
    live: Option<Live>,
    last: Option<Instant>,
}

/// A terminal, and the lines at its end that are drawn over.
///
/// Not those of indicatif: it fills each with spaces, which a terminal that becomes wider joins, so that what stands above
/// is drawn over, too.
struct Live {
    term: Term,
    drawn: Vec<String>,
}

impl Default for Voice {
    fn default() -> Self {
        let term = Term::buffered_stderr();
        // One that cannot move its cursor is a log.
        let is_live = term.is_term() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let live = is_live.then(|| Live { term, drawn: Vec::new() });
        Self(Arc::new(Mutex::new(Said { live, last: None })))
    }
}

impl Voice {
    /// Writes a line, above the live ones.
    pub(super) fn say(&self, text: &str) {
        let mut said = self.said();
        said.last = Some(Instant::now());
        match &mut said.live {
            Some(live) => drop(live.say(text)),
            None => output::note(text),
        }
    }

    /// Draws lines in place of those before; whether there is a terminal to draw on, which they are made for.
    pub(super) fn draw(&self, lines: impl FnOnce(Size) -> Vec<String>) -> bool {
        let mut said = self.said();
        let Some(live) = &mut said.live else { return false };
        // The size is asked for each time: windows are resized.
        let lines = lines(live.size());
        let _ = live.draw(lines);
        true
    }

    /// Whether lines are live.
    pub(super) fn is_live(&self) -> bool {
        self.said().live.is_some()
    }

    /// For how long nothing has been said, since then.
    pub(super) fn silence(&self, since: Instant) -> Duration {
        self.said().last.map_or(since, |last| last.max(since)).elapsed()
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn size(&self) -> Size {
        let (rows, columns) = self.term.size();
        Size { rows: rows.into(), columns: columns.into() }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.erase()?;
        self.term.write_line(text)?;
        self.write(self.drawn.as_slice())
    }

    fn draw(&mut self, lines: Vec<String>) -> io::Result<()> {
        self.erase()?;
        self.write(&lines)?;
        self.drawn = lines;
        Ok(())
    }

    fn erase(&self) -> io::Result<()> {
        if self.drawn.is_empty() {
            return Ok(());
        }
        // A terminal that became narrower has wrapped what is wider now.
        let columns = self.size().columns.max(1);
        let rows = self.drawn.iter().map(|line| line.width().max(1).div_ceil(columns)).sum();
        self.term.clear_last_lines(rows)
    }

    fn write(&self, lines: &[String]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.term.write_line(line))?;
        self.term.flush()
    }
}
