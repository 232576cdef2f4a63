//! Shows what happens while it happens: live lines on a terminal, a line an event elsewhere, JSON on demand.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::apply::Event;
use crate::object::ObjectRef;
use crate::report;
use crate::report::human::Style;

/// A writer of events.
pub(crate) struct Progress {
    json: bool,
    style: Style,
    live: Option<MultiProgress>,
    bars: BTreeMap<ObjectRef, ProgressBar>,
}

impl Progress {
    pub(crate) fn new(json: bool) -> Self {
        let live = (!json && std::io::stderr().is_terminal())
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        if json && let Ok(line) = report::json::line(&report::json::version()) {
            output::result(&line);
        }
        Self { json, style: output::error_style(), live, bars: BTreeMap::new() }
    }

    /// Shows one event.
    pub(crate) fn tell(&mut self, event: &Event) {
        if self.json {
            if let Ok(line) = report::json::line(&report::json::event(event).at(jiff::Timestamp::now())) {
                output::result(&line);
            }
            return;
        }
        if self.live.is_none() {
            if let Some(line) = report::human::event(event, &self.style) {
                output::note(&line);
            }
            return;
        }
        self.draw(event);
    }

    fn draw(&mut self, event: &Event) {
        match event {
            Event::Started { object, .. } => self.spin(object, "…"),
            Event::Waiting { object, readiness, .. } => self.spin(object, &readiness.reason),
            Event::Finished { object, .. } => {
                if let Some(bar) = self.bars.remove(object) {
                    bar.finish_and_clear();
                }
                self.print(event);
            }
            _ => self.print(event),
        }
    }

    fn spin(&mut self, object: &ObjectRef, reason: &str) {
        let Some(live) = &self.live else { return };
        let bar = self.bars.entry(object.clone()).or_insert_with(|| {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(object.to_string());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(crate::object::printable(reason).into_owned());
    }

    fn print(&self, event: &Event) {
        if let (Some(live), Some(line)) = (&self.live, report::human::event(event, &self.style)) {
            // A terminal that went away is no reason to stop.
            let _ = live.println(line);
        }
    }

    /// Leaves the terminal as it should be.
    pub(crate) fn close(&mut self) {
        for (_, bar) in std::mem::take(&mut self.bars) {
            bar.finish_and_clear();
        }
    }
}
