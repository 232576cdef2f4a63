//! Waits until an object is gone, and says what it waits for.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::deadline::{Deadline, Patience};
use super::hang::{self, FOREGROUND};
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::field::{items, text};
use crate::object::{Meta, ObjectRef};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How a wait for a deletion ended.
#[derive(Debug)]
pub(super) enum Deletion {
    Gone,
    /// It did not in time, and what keeps it.
    Hangs(String),
}

/// What goes: this object, as long as it has this uid.
#[derive(Clone, Copy)]
pub(super) struct Going<'a> {
    pub(super) resource: &'a Resource,
    pub(super) object: &'a ObjectRef,
    pub(super) uid: &'a str,
}

/// Returns when no object of this name has this uid any more, or when nothing moved for as long as `patience` lasts. Tells
/// `say` why it is still there, each time the reason changes.
pub(super) async fn wait_deleted(
    reader: &Reader,
    Going { resource, object, uid }: Going<'_>,
    patience: Patience,
    mut say: impl FnMut(String),
) -> Result<Deletion, ClusterError> {
    let mut pause = FIRST_PAUSE;
    let mut said = String::new();
    let mut deadline = Deadline::from(Instant::now());
    let mut reasons = 0;
    loop {
        let Some(live) = reader.get(resource, object).await? else { return Ok(Deletion::Gone) };
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
            }
            _ => return Ok(Deletion::Gone),
        }
        if deadline.is_over(patience, Instant::now()) {
            return Ok(Deletion::Hangs(hang::cause(reader, object, &said).await));
        }
        tokio::time::sleep(pause.min(patience.idle)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
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
