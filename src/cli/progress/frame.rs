//! What is shown of a command while it works: lines on a terminal, and a line now and then without one. Pure.

use std::time::Instant;

use super::in_flight::InFlight;
use crate::object::printable;
use crate::report::human::{elapsed, fit};

/// How many objects have a line of their own: nobody reads more of what moves.
const MOST: usize = 10;
/// Rows that are left to what is said above.
const SPARED: usize = 4;
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const BAR: usize = 20;

/// A terminal, in characters.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Size {
    /// The text as a line that is not wrapped, also where a terminal wraps at its last column.
    pub(super) fn line(self, text: &str) -> String {
        fit(text, self.columns.saturating_sub(1))
    }
}

/// A line an object, oldest first, and one for the whole; none is wider than the terminal.
pub(super) fn run(run: &InFlight, size: Size, now: Instant) -> Vec<String> {
    let objects = run.oldest_first();
    let shown = size.rows.saturating_sub(SPARED).clamp(1, MOST);
    // A line that says that there is one more takes the place of that one.
    let shown = if objects.len() <= shown { objects.len() } else { shown - 1 };
    let since_begun = now.saturating_duration_since(run.begun);
    let spinner = SPINNER[usize::try_from(since_begun.as_millis() / 100).unwrap_or(0) % SPINNER.len()];
    // What is logged takes rows that nothing else needs.
    let spare = size.rows.saturating_sub(SPARED + shown + 1);
    let lines = objects[..shown].iter().flat_map(|(object, wait)| {
        // Half of a line is for what is waited for.
        let name = fit(&object.to_string(), (size.columns / 2).max(20));
        let since = elapsed(now.saturating_duration_since(wait.since));
        let logged = run.tail_of(object);
        let logged = &logged[logged.len() - logged.len().min(spare)..];
        let line = format!("  {spinner} {name} {since} {}", wait.reason);
        std::iter::once(line).chain(logged.iter().map(|line| format!("    │ {line}")))
    });
    let mut lines: Vec<String> = lines.collect();
    if objects.len() > shown {
        lines.push(format!("  … and {} more", objects.len() - shown));
    }
    lines.push(format!("  {} {} of {} · {}", bar(run), run.done, run.total, elapsed(since_begun)));
    lines.into_iter().map(|line| size.line(&line)).collect()
}

/// The same in one line of a log.
pub(super) fn heartbeat(run: &InFlight, now: Instant) -> String {
    let since = |then| elapsed(now.saturating_duration_since(then));
    let objects = run.oldest_first();
    let waits = objects.first().map(|(object, wait)| {
        let others = if objects.len() > 1 { format!(", and {} more", objects.len() - 1) } else { String::new() };
        format!("; longest in work: {object}, for {}: {}{others}", since(wait.since), printable(&wait.reason))
    });
    format!("still working after {}: {} of {} done{}", since(run.begun), run.done, run.total, waits.unwrap_or_default())
}

/// A plan has no count to go by but that of what it asked.
pub(super) fn planning(begun: Instant, requests: u64, now: Instant) -> String {
    format!("still planning after {}: {requests} requests sent", elapsed(now.saturating_duration_since(begun)))
}

fn bar(run: &InFlight) -> String {
    let full = (run.done * BAR).checked_div(run.total).unwrap_or(BAR);
    format!("{}{}", "━".repeat(full), "─".repeat(BAR - full))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::apply::Event;
    use crate::object::ObjectRef;
    use crate::plan::Action;
    use crate::readiness::Readiness;

    fn waiting(count: usize, reason: &str) -> InFlight {
        let mut run = InFlight::new(40);
        for number in 0..count {
            let object =
                ObjectRef::namespaced("", "Service", "prod", &format!("網關-{number:02}-with-a-rather-long-name"));
            run.handle_event(&Event::Started { object: object.clone(), action: Action::Create });
            let readiness = Readiness::in_progress(reason);
            run.handle_event(&Event::Waiting { object, readiness, elapsed: Duration::ZERO });
        }
        run
    }

    #[test]
    fn no_terminal_is_too_small_for_a_frame() {
        let run_of = waiting(30, "0 of 2 pods are ready: ContainerCreating 正在等待\u{1b}[2J");
        for (rows, columns) in [(24, 80), (24, 50), (5, 50), (1, 1), (0, 0), (200, 300)] {
            let lines = run(&run_of, Size { rows, columns }, Instant::now());
            assert!(lines.iter().all(|line| line.width() <= columns.max(2) && !line.contains('\u{1b}')), "{lines:#?}");
            assert!(lines.len() <= rows.clamp(3, MOST + 1), "{rows}: {lines:#?}");
        }
        let lines = run(&run_of, Size { rows: 24, columns: 50 }, Instant::now());
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[MOST - 1], "  … and 21 more");
        assert!(lines[MOST].ends_with("─ 0 of 40 · 0.0s"), "{lines:#?}");
        assert!(lines[0].contains("網關-00-with") && lines[0].contains("0.0s 0 of"), "{lines:#?}");
    }

    #[test]
    fn what_an_object_logs_stands_below_it_where_there_is_room() {
        let mut run_of = waiting(2, "0 of 1 pods are ready");
        let object = run_of.oldest_first()[0].0.clone();
        run_of.logs(object, vec!["one".into(), "two 正在\u{1b}[2J".into(), "three".into()]);
        let lines = |rows| run(&run_of, Size { rows, columns: 60 }, Instant::now());
        let all = lines(24);
        assert!(all[1] == "    │ one" && all[2].starts_with("    │ two 正在") && all[3] == "    │ three", "{all:#?}");
        assert!(all.len() == 6 && !all[2].contains('\u{1b}'), "{all:#?}");
        assert_eq!(lines(8)[1], "    │ three");
        assert_eq!(lines(7).len(), 3);
    }

    #[test]
    fn what_ended_counts_and_has_no_line() {
        let mut run_of = waiting(2, "it has no address");
        let object = run_of.oldest_first()[0].0.clone();
        let outcome = crate::apply::Outcome::Applied;
        let ended = Event::Finished { object, action: Action::Create, outcome, elapsed: Duration::ZERO };
        run_of.handle_event(&ended);
        let later = run_of.begun + Duration::from_secs(75);
        let lines = run(&run_of, Size { rows: 24, columns: 100 }, later);
        assert!(lines.len() == 2 && lines[1].ends_with("1 of 40 · 1m15s"), "{lines:#?}");
        let said = heartbeat(&run_of, later);
        assert!(
            said.starts_with("still working after 1m15s: 1 of 40 done; longest in work: Service/網關-01"),
            "{said}"
        );
        assert!(said.ends_with(": it has no address"), "{said}");
        assert_eq!(heartbeat(&InFlight::new(3), Instant::now()), "still working after 0.0s: 0 of 3 done");
        assert_eq!(planning(run_of.begun, 830, later), "still planning after 1m15s: 830 requests sent");
    }
}
