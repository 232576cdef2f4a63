//! What happens while applying: a line for each event, and the lines of a live display.

use std::time::Duration;

use super::Style;
use super::page::{Ink, fit, paint};
use super::words::{elapsed, sign, verbs};
use crate::apply::{Event, Outcome};
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::readiness::{Readiness, State};

/// The line of an event, without a line break; none for what nobody needs to read.
#[must_use]
pub fn event(event: &Event, style: &Style) -> Option<String> {
    let (object, ink, text) = match event {
        Event::Started { action: Action::NoOp | Action::Forget, .. } => return None,
        Event::Started { object, action } => (Some(object), Ink::Plain, format!("{} …", verbs(*action).0)),
        Event::Waiting { object, readiness, elapsed: since } => {
            (Some(object), Ink::Faint, format!("waiting for {}: {}", elapsed(*since), waits(readiness)))
        }
        Event::Retrying { object, because, after } => {
            (object.as_ref(), Ink::Modified, format!("trying again in {}: {because}", elapsed(*after)))
        }
        Event::Finished { object, action, outcome, elapsed } => {
            let (ink, text) = finished(*action, outcome, *elapsed)?;
            (Some(object), ink, text)
        }
        Event::Interrupted => {
            let text = "interrupted: nothing new is started, what is in flight is finished; again to stop waiting";
            (None, Ink::Warning, text.to_owned())
        }
    };
    let object = object.map(|object| format!("{object}: ")).unwrap_or_default();
    Some(paint(&[(Ink::Strong, &object), (ink, &text)], style.colour))
}

fn finished(action: Action, outcome: &Outcome, took: Duration) -> Option<(Ink, String)> {
    let done = format!("{} after {}", verbs(action).1, elapsed(took));
    Some(match outcome {
        Outcome::Unchanged => return None,
        Outcome::Applied | Outcome::Deleted => (Ink::Added, done),
        Outcome::Forgotten => (Ink::Faint, "forgotten".to_owned()),
        Outcome::Failed { error, unhealthy: true, .. } => {
            (Ink::Error, format!("not healthy after {}: {error}", elapsed(took)))
        }
        Outcome::Failed { error, .. } => (Ink::Error, format!("failed after {}: {error}", elapsed(took))),
        Outcome::Skipped { because } => (Ink::Modified, format!("skipped: {because}")),
    })
}

/// The reason, and the state where it is not the usual one.
fn waits(readiness: &Readiness) -> String {
    match readiness.state {
        State::Failed => format!("failing: {}", readiness.reason),
        _ => readiness.reason.clone(),
    }
}

/// An object that is being worked on, for a display that is drawn again and again.
#[derive(Clone, Debug)]
pub struct LiveRow {
    /// The object.
    pub object: ObjectRef,
    /// What is done to it.
    pub action: Action,
    /// What it waits for; none while a request is on its way.
    pub readiness: Option<Readiness>,
    /// Since work on it began.
    pub elapsed: Duration,
}

/// One line for each row, none wider than the style's width: a line that wraps cannot be drawn over.
#[must_use]
pub fn live(rows: &[LiveRow], style: &Style) -> Vec<String> {
    rows.iter().map(|row| live_line(row, style)).collect()
}

fn live_line(row: &LiveRow, style: &Style) -> String {
    let (ink, mark) = sign(row.action);
    let since = elapsed(row.elapsed);
    let state = row.readiness.as_ref().map_or_else(|| format!("{} …", verbs(row.action).0), waits);
    let head = format!("{} {since:>6} ", row.object);
    let room = style.width.saturating_sub(mark.len() + 1);
    let head = fit(&head, room);
    let state = fit(&state, room.saturating_sub(unicode_width::UnicodeWidthStr::width(head.as_str())));
    paint(&[(ink, mark), (Ink::Plain, " "), (Ink::Strong, &head), (Ink::Faint, &state)], style.colour)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn gateway() -> ObjectRef {
        ObjectRef::namespaced("apps", "Deployment", "prod", "gateway")
    }

    #[test]
    fn every_event_has_its_line() {
        let took = Duration::from_millis(3_200);
        let finished = |action, outcome| Event::Finished { object: gateway(), action, outcome, elapsed: took };
        let failed = |unhealthy| Outcome::Failed { error: "quota exceeded".into(), hint: None, unhealthy };
        for (given, line) in [
            (
                Event::Started { object: gateway(), action: Action::Create },
                Some("Deployment/gateway in prod: creating …"),
            ),
            (Event::Started { object: gateway(), action: Action::NoOp }, None),
            (
                Event::Waiting {
                    object: gateway(),
                    readiness: Readiness::in_progress("0 of 1 replicas available"),
                    elapsed: Duration::from_secs(72),
                },
                Some("Deployment/gateway in prod: waiting for 1m12s: 0 of 1 replicas available"),
            ),
            (
                Event::Retrying { object: None, because: "connection refused".into(), after: Duration::from_secs(2) },
                Some("trying again in 2.0s: connection refused"),
            ),
            (finished(Action::Create, Outcome::Applied), Some("Deployment/gateway in prod: created after 3.2s")),
            (finished(Action::Delete, Outcome::Deleted), Some("Deployment/gateway in prod: deleted after 3.2s")),
            (finished(Action::NoOp, Outcome::Unchanged), None),
            (
                finished(Action::Update, failed(false)),
                Some("Deployment/gateway in prod: failed after 3.2s: quota exceeded"),
            ),
            (
                finished(Action::Update, failed(true)),
                Some("Deployment/gateway in prod: not healthy after 3.2s: quota exceeded"),
            ),
            (
                finished(Action::Create, Outcome::Skipped { because: "Namespace/prod failed".into() }),
                Some("Deployment/gateway in prod: skipped: Namespace/prod failed"),
            ),
        ] {
            assert_eq!(event(&given, &Style::default()).as_deref(), line);
        }
    }

    #[test]
    fn live_lines_never_wrap() {
        let row = LiveRow {
            object: gateway(),
            action: Action::Replace,
            readiness: Some(Readiness::in_progress("模型 ".repeat(40))),
            elapsed: Duration::from_secs(5),
        };
        for width in [0, 4, 20, 60] {
            let style = Style { width, ..Style::default() };
            let line = live(std::slice::from_ref(&row), &style).remove(0);
            assert!(line.width() <= width.max(4), "{line}");
        }
        let line = live(&[LiveRow { readiness: None, ..row }], &Style::default()).remove(0);
        assert_eq!(line, "-/+ Deployment/gateway in prod   5.0s replacing …");
    }
}
