//! The stream of an apply: one JSON object a line, each with `type` and `message`.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::apply::{Event, Outcome, Run};
use crate::diff::Diff;
use crate::object::ObjectRef;
use crate::plan::saved::Stale;
use crate::plan::{Action, Plan};
use crate::report::Counts;
use crate::report::human::{self, Style};

/// What a line may be about, but for the first and an error as the last.
const TYPES: [&str; 8] = ["started", "altered", "waiting", "retrying", "finished", "interrupted", "stale", "summary"];

/// The first line of every stream.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct VersionLine {
    /// `version`.
    #[schemars(extend("const" = "version"))]
    pub r#type: &'static str,
    /// Version of this document.
    pub format_version: &'static str,
    /// Version of langop.
    pub langop: &'static str,
}

/// Any other line. Fields that a type does not have are left out.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct EventLine {
    /// `started`, `altered`, `waiting`, `retrying`, `finished`, `interrupted`, `stale`, `summary`.
    #[schemars(extend("enum" = TYPES))]
    pub r#type: &'static str,
    /// When, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The line that a person would read.
    pub message: String,
    /// The object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// Method and path of the request, for `retrying`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What is done to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// `applied`, `unchanged`, `deleted`, `forgotten`, `failed`, `unhealthy`, `no-address`, `stale`, `skipped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Fields of which the server made something else than was sent, for `altered`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// State of readiness while waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<crate::readiness::State>,
    /// What was approved, of `stale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Effect>,
    /// What would be done now instead, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Effect>,
    /// Why it waits, is retried, failed or was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// `true` for what failed after the object that it was to replace was deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Milliseconds since work on the object, or the run, began; for `retrying` the pause before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// Milliseconds for which it is still tried, for `retrying`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds_left: Option<u64>,
    /// Numbers of objects, for `summary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

/// What a change does.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Effect {
    /// The action.
    pub action: Action,
    /// What differs, path by path.
    pub diff: Diff,
}

impl Effect {
    fn of((action, diff): &(Action, Diff)) -> Self {
        Self { action: *action, diff: diff.clone() }
    }
}

impl EventLine {
    /// The same line with its time: clocks are the caller's.
    #[must_use]
    pub(crate) fn at(self, time: Timestamp) -> Self {
        Self { at: Some(time), ..self }
    }
}

/// The first line.
#[must_use]
pub(crate) fn version() -> VersionLine {
    VersionLine { r#type: "version", format_version: FORMAT_VERSION, langop: env!("CARGO_PKG_VERSION") }
}

/// The line of an event.
#[must_use]
pub(crate) fn event(event: &Event) -> EventLine {
    let message = human::event(event, &Style::default()).unwrap_or_default();
    let line = |kind: &'static str, object: Option<&ObjectRef>| EventLine {
        r#type: kind,
        message: message.clone(),
        object: object.cloned(),
        ..EventLine::default()
    };
    match event {
        Event::Started { object, action } => EventLine { action: Some(*action), ..line("started", Some(object)) },
        Event::Altered { object, fields } => EventLine { fields: fields.clone(), ..line("altered", Some(object)) },
        Event::Waiting { object, readiness, elapsed } => EventLine {
            state: Some(readiness.state),
            reason: Some(readiness.reason.clone()),
            milliseconds: Some(milliseconds(*elapsed)),
            ..line("waiting", Some(object))
        },
        Event::Retrying { object, request, because, after, left } => EventLine {
            request: Some(request.clone()),
            reason: Some(because.clone()),
            milliseconds: Some(milliseconds(*after)),
            milliseconds_left: Some(milliseconds(*left)),
            ..line("retrying", object.as_ref())
        },
        Event::Finished { object, action, outcome, elapsed } => {
            let (name, reason, hint) = outcome_fields(object, outcome);
            EventLine {
                action: Some(*action),
                outcome: Some(name),
                reason: reason.map(str::to_owned),
                hint: hint.map(str::to_owned),
                deleted: matches!(outcome, Outcome::Failed { deleted: true, .. }),
                milliseconds: Some(milliseconds(*elapsed)),
                ..line("finished", Some(object))
            }
        }
        Event::Interrupted => line("interrupted", None),
    }
}

/// The line of an object that is not as it was approved.
#[must_use]
pub(crate) fn stale(stale: &Stale) -> EventLine {
    EventLine {
        r#type: "stale",
        message: format!("{}: {}", stale.object, stale.because),
        object: Some(stale.object.clone()),
        reason: Some(stale.because.clone()),
        approved: Some(Effect::of(&stale.approved)),
        current: stale.current.as_ref().map(Effect::of),
        ..EventLine::default()
    }
}

/// The last line.
#[must_use]
pub(crate) fn run(plan: &Plan, run: &Run) -> EventLine {
    let text = human::run(plan, run, &Style::default());
    let message = text.lines().find(|line| line.contains(" destroyed")).unwrap_or_default();
    EventLine {
        r#type: "summary",
        message: message.to_owned(),
        milliseconds: Some(milliseconds(run.elapsed)),
        counts: Some(Counts::of_run(run)),
        ..EventLine::default()
    }
}

fn outcome_fields<'a>(object: &ObjectRef, outcome: &'a Outcome) -> (&'static str, Option<&'a str>, Option<&'a str>) {
    match outcome {
        Outcome::Applied => ("applied", None, None),
        Outcome::Unchanged => ("unchanged", None, None),
        Outcome::Deleted => ("deleted", None, None),
        Outcome::Forgotten => ("forgotten", None, None),
        Outcome::Failed { error, hint, unhealthy, .. } => {
            let name = match unhealthy {
                true if outcome.lacks_address(object) => "no-address",
                true => "unhealthy",
                false => "failed",
            };
            (name, Some(error), hint.as_deref())
        }
        Outcome::Stale { because } => ("stale", Some(because), None),
        Outcome::Skipped { because } => ("skipped", Some(because), None),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readiness::Readiness;

    #[test]
    fn a_stream_has_one_object_a_line() {
        let at = Timestamp::UNIX_EPOCH;
        let object = ObjectRef::namespaced("apps", "Deployment", "prod", "gateway");
        let outcome =
            Outcome::Failed { error: "no\nway".into(), hint: Some("h".into()), unhealthy: false, deleted: false };
        let events = [
            Event::Started { object: object.clone(), action: Action::Create },
            Event::Waiting {
                object: object.clone(),
                readiness: Readiness::in_progress("0 of 1 replicas available"),
                elapsed: Duration::from_secs(2),
            },
            Event::Retrying {
                object: None,
                request: "GET /apis".into(),
                because: "refused".into(),
                after: Duration::from_millis(500),
                left: Duration::from_secs(9),
            },
            Event::Finished {
                object: object.clone(),
                action: Action::Create,
                outcome: outcome.clone(),
                elapsed: Duration::from_secs(3),
            },
            Event::Interrupted,
        ];
        let result = Run {
            outcomes: vec![(object, Action::Create, outcome)],
            elapsed: Duration::from_secs(4),
            interrupted: false,
            forbidden: std::collections::BTreeSet::new(),
            recorded: None,
            rolled_back: std::collections::BTreeMap::new(),
            unrecorded: None,
        };
        let mut stream = serde_json::to_string(&VersionLine { langop: "0.0.0", ..version() }).unwrap();
        for line in events.iter().map(event).chain([run(&Plan::default(), &result)]) {
            stream.push('\n');
            stream.push_str(&serde_json::to_string(&line.at(at)).unwrap());
        }
        insta::assert_snapshot!(stream);
    }
}
