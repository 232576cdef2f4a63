//! Signs and words of actions, reasons and confidence.

use std::time::Duration;

use super::page::Ink;
use crate::object::ObjectRef;
use crate::plan::{Action, Change, Confidence, Reason};

/// The sign of an action, as in Terraform.
pub(super) fn sign(action: Action) -> (Ink, &'static str) {
    match action {
        Action::NoOp => (Ink::Plain, " "),
        Action::Create => (Ink::Added, "+"),
        Action::Update => (Ink::Modified, "~"),
        Action::Replace => (Ink::Removed, "-/+"),
        Action::Delete => (Ink::Removed, "-"),
        Action::Forget => (Ink::Faint, "."),
    }
}

/// Why an object gets its action.
pub(in crate::report) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Equal => "as described".to_owned(),
        Reason::Absent => "new".to_owned(),
        Reason::Changed => "the description changed".to_owned(),
        Reason::Drifted { managers } if managers.is_empty() => "drifted: changed outside langop".to_owned(),
        Reason::Drifted { managers } => format!("drifted: changed by `{}`", managers.join("`, `")),
        Reason::Adopt => "adopted: it exists and belongs to no stack".to_owned(),
        Reason::Immutable { fields } => format!("`{}` cannot change in place", fields.join("`, `")),
        Reason::Removed => "no longer described".to_owned(),
        Reason::Destroyed => "the stack is destroyed".to_owned(),
        Reason::With { object } => format!("with {}", short(object)),
        Reason::Completed => "completed".to_owned(),
        Reason::Gone => "already gone".to_owned(),
        Reason::Recreated => "made again by someone else, and left to them".to_owned(),
        Reason::Kept => "kept on purpose".to_owned(),
        Reason::Adopted => "forget (adopted): the stack did not make it".to_owned(),
        Reason::Forgotten => "forget: `[[forget]]` says so, and it stays".to_owned(),
    }
}

/// `Kind/name` without the namespace.
pub(super) fn short(object: &ObjectRef) -> String {
    format!("{}/{}", object.kind, object.name)
}

/// The tag of a confidence below `server`.
pub(in crate::report) fn tag(confidence: &Confidence) -> Option<String> {
    match confidence {
        Confidence::Server => None,
        Confidence::Recorded => Some("[recorded]".to_owned()),
        Confidence::Shadow => Some("[shadow]".to_owned()),
        Confidence::Schema => Some("[schema]".to_owned()),
        Confidence::Unverified(because) => Some(format!("[unverified: {because}]")),
    }
}

/// What the tag of a change means; none for those that say it themselves.
pub(in crate::report) fn legend(change: &Change) -> Option<(&'static str, &'static str)> {
    match &change.confidence {
        Confidence::Shadow if change.action == Action::Replace => {
            Some(("[shadow]  ", "tried on the server under another name: the old object is still there"))
        }
        Confidence::Recorded => Some(("[recorded]", "known from the record, not read")),
        Confidence::Shadow => Some(("[shadow]  ", "tried on the server in another namespace: this plan makes its own")),
        Confidence::Schema => Some((
            "[schema]  ",
            "checked against the schema alone: this plan makes its kind, or the server may not be asked",
        )),
        Confidence::Server | Confidence::Unverified(_) => None,
    }
}

/// What is being done, and what was done.
pub(in crate::report) fn verbs(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::NoOp => ("checking", "unchanged"),
        Action::Create => ("creating", "created"),
        Action::Update => ("changing", "changed"),
        Action::Replace => ("replacing", "replaced"),
        Action::Delete => ("deleting", "deleted"),
        Action::Forget => ("forgetting", "forgotten"),
    }
}

/// `0.4s`, `12s`, `3m05s`, `1h02m`.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{seconds}.{}s", duration.subsec_millis() / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// `1 replica`, `2 replicas`.
pub(in crate::report) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (milliseconds, text) in
            [(0, "0.0s"), (4_260, "4.2s"), (9_999, "9.9s"), (59_900, "59s"), (185_000, "3m05s"), (3_725_000, "1h02m")]
        {
            assert_eq!(elapsed(Duration::from_millis(milliseconds)), text);
        }
    }
}
