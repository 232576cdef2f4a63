//! Waits until an object is gone, and says what it waits for.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::deadline::{Deadline, Patience};
use super::descendants::Descendants;
use super::going::Going;
use super::hang::{self, FOREGROUND};
use super::looks::Looks;
use crate::cluster::{ClusterError, Writer};
use crate::object::Meta;
use crate::object::field::{items, text};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// When it should be gone.
const SOON: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How a wait for a deletion ended.
#[derive(Debug)]
pub(super) enum Deletion {
    Gone,
    /// It did not in time, and what keeps it.
    Hangs(String),
}

/// What a wait for a deletion has.
#[derive(Clone, Copy)]
pub(super) struct Deleting<'a> {
    pub(super) writer: &'a Writer,
    pub(super) looks: &'a Looks,
    pub(super) patience: Patience,
}

/// Returns when no object of this name has this uid any more, or when nothing moved for as long as `patience` lasts. Tells
/// `say` why it is still there, each time the reason changes.
pub(super) async fn wait_deleted(
    Deleting { writer, looks, patience }: Deleting<'_>,
    going: Going<'_>,
    mut say: impl FnMut(String),
) -> Result<Deletion, ClusterError> {
    let Going { resource, object, uid } = going;
    let mut descendants = Descendants::new(writer, looks, going);
    let mut pause = FIRST_PAUSE;
    let mut said = String::new();
    let mut deadline = Deadline::from(Instant::now());
    let mut reasons = 0;
    loop {
        let Some(live) = looks.at(resource, object).await? else { return Ok(Deletion::Gone) };
        match Meta::from_object(&object.group, &object.kind, &live) {
            Some(meta) if meta.uid == uid => {
                let reason = reason(&meta, &live);
                if reason != said {
                    say(reason.clone());
                    said = reason;
                    // Whatever it says, another reason is progress: what is left to delete goes down by and by.
                    reasons += 1;
                    deadline.saw(reasons, Instant::now());
                }
                if waits_for_its_own(&meta) && descendants.delete().await? {
                    pause = SOON;
                }
            }
            _ => return Ok(Deletion::Gone),
        }
        if deadline.is_over(patience, Instant::now()) {
            return Ok(Deletion::Hangs(hang::cause(looks.reader(), object, &said).await));
        }
        tokio::time::sleep(pause.min(patience.idle)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether it goes as soon as all that it owns is gone.
fn waits_for_its_own(meta: &Meta) -> bool {
    meta.terminating && meta.finalizers.iter().any(|name| name == FOREGROUND)
}

/// Why it is still there: conditions of a namespace name what blocks it (`NamespaceContentRemaining`,
/// `NamespaceFinalizersRemaining`, `NamespaceDeletionDiscoveryFailure`), other objects have finalizers. Conditions of
/// other kinds say nothing of their deletion.
fn reason(meta: &Meta, live: &Value) -> String {
    if !meta.terminating {
        return "waits for the garbage collector".to_owned();
    }
    let is_namespace = meta.reference.is("", "Namespace");
    let conditions = items(live, "/status/conditions").iter().filter(|_| is_namespace);
    let blocking = conditions.filter(|condition| text(condition, "/status") == Some("True"));
    let blocking: Vec<_> = blocking.filter_map(|condition| text(condition, "/message")).collect();
    if !blocking.is_empty() {
        return blocking.join("; ");
    }
    let others: Vec<_> = meta.finalizers.iter().filter(|name| *name != FOREGROUND).map(String::as_str).collect();
    match (others.as_slice(), meta.finalizers.is_empty()) {
        ([], true) => "is terminating".to_owned(),
        ([], false) => "waits for its pods to end".to_owned(),
        (others, _) => format!("waits for the finalizers `{}`", others.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reason_of(kind: &str, finalizers: &Value, conditions: &Value) -> String {
        let object = json!({
            "metadata": {"name": "x", "uid": "1", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": finalizers},
            "status": {"conditions": conditions},
        });
        reason(&Meta::from_object("", kind, &object).unwrap(), &object)
    }

    #[test]
    fn a_finalizer_is_named_whatever_the_conditions_of_a_workload_say() {
        let fine = json!([{"type": "Available", "status": "True", "message": "all is well"}]);
        let guarded = json!(["a.io/guard", "foregroundDeletion"]);
        assert_eq!(reason_of("Deployment", &guarded, &fine), "waits for the finalizers `a.io/guard`");
        assert_eq!(reason_of("Deployment", &json!(["foregroundDeletion"]), &fine), "waits for its pods to end");
        assert_eq!(reason_of("Namespace", &json!([]), &fine), "all is well");
        assert_eq!(reason_of("Pod", &json!([]), &fine), "is terminating");
    }
}
