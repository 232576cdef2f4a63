//! What happens while applying: a line for each event.

use std::time::Duration;

use super::Style;
use super::page::{Ink, paint};
use super::words::{elapsed, verbs};
use crate::apply::{Event, Outcome};
use crate::plan::Action;
use crate::readiness::{Readiness, State};

/// The line of an event, without a line break; none for what nobody needs to read.
#[must_use]
pub(crate) fn event(event: &Event, style: &Style) -> Option<String> {
    let (object, ink, text) = match event {
        Event::Started { action: Action::NoOp | Action::Forget, .. } => return None,
        Event::Started { object, action } => (Some(object), Ink::Plain, format!("{} …", verbs(*action).0)),
        Event::Altered { object, fields } => {
            let fields = if fields.len() == 1 {
                format!("a field of what was sent: `{}`", fields[0])
            } else {
                format!("{} fields of what was sent: `{}`", fields.len(), fields.join("`, `"))
            };
            (Some(object), Ink::Plain, format!("the server changed {fields}"))
        }
        // What was waited for, and ended in a way worth a word.
        Event::Waiting { object, readiness, .. } if readiness.state == State::Current => {
            (Some(object), Ink::Plain, readiness.reason.clone())
        }
        Event::Waiting { object, readiness, elapsed: since } => {
            (Some(object), Ink::Faint, format!("waiting for {}: {}", elapsed(*since), waits(readiness)))
        }
        Event::Retrying { object, request, because, after, left } => {
            let of = if object.is_some() { String::new() } else { format!("{request}: ") };
            let pause = format!("retrying in {} ms, for up to {}", after.as_millis(), elapsed(*left));
            (object.as_ref(), Ink::Modified, format!("{of}{pause}: {because}"))
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
    Some(paint(&[(Ink::Strong, &object), (ink, &text)], style))
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
        Outcome::Stale { because } => (Ink::Modified, format!("stale: {because}")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectRef;

    fn gateway() -> ObjectRef {
        ObjectRef::namespaced("apps", "Deployment", "prod", "gateway")
    }

    #[test]
    fn every_event_has_its_line() {
        let took = Duration::from_millis(3_200);
        let finished = |action, outcome| Event::Finished { object: gateway(), action, outcome, elapsed: took };
        let failed =
            |unhealthy| Outcome::Failed { error: "quota exceeded".into(), hint: None, unhealthy, deleted: false };
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
                Event::Waiting {
                    object: gateway(),
                    readiness: Readiness::current("completed, removed by its TTL"),
                    elapsed: Duration::from_secs(2),
                },
                Some("Deployment/gateway in prod: completed, removed by its TTL"),
            ),
            (
                Event::Retrying {
                    object: None,
                    request: "GET /api/v1/pods".into(),
                    because: "connection refused".into(),
                    after: Duration::from_secs(2),
                    left: Duration::from_secs(90),
                },
                Some("GET /api/v1/pods: retrying in 2000 ms, for up to 1m30s: connection refused"),
            ),
            (
                Event::Altered { object: gateway(), fields: vec!["spec.paused".into(), "metadata.labels.a".into()] },
                Some(
                    "Deployment/gateway in prod: the server changed 2 fields of what was sent: `spec.paused`, `metadata.labels.a`",
                ),
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
            (
                Event::Retrying {
                    object: Some(gateway()),
                    request: "PATCH /apis/apps/v1/x".into(),
                    because: "\u{1b}]0;title\u{7}".into(),
                    after: Duration::from_millis(250),
                    left: Duration::from_secs(5),
                },
                Some("Deployment/gateway in prod: retrying in 250 ms, for up to 5.0s: \\u{1b}]0;title\\u{7}"),
            ),
        ] {
            assert_eq!(event(&given, &Style::default()).as_deref(), line);
        }
    }
}
