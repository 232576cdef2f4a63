//! Waits until an object is gone, and says what it waits for.

use std::time::Duration;

use serde_json::Value;

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::field::{items, text};
use crate::object::{Meta, ObjectRef};

/// The finalizer of an object whose dependents go first (Kubernetes, *Garbage Collection*).
const FOREGROUND: &str = "foregroundDeletion";
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Returns when no object of this name has this uid any more. Tells `say` why it is still there, each time
/// the reason changes.
pub(super) async fn wait_deleted(
    reader: &Reader,
    resource: &Resource,
    object: &ObjectRef,
    uid: &str,
    mut say: impl FnMut(String),
) -> Result<(), ClusterError> {
    let mut pause = FIRST_PAUSE;
    let mut said = String::new();
    loop {
        let Some(live) = reader.get(resource, object).await? else { return Ok(()) };
        match Meta::from_object(&object.group, &object.kind, &live) {
            Some(meta) if meta.uid == uid => {
                let reason = reason(&meta, &live);
                if reason != said {
                    say(reason.clone());
                    said = reason;
                }
            }
            _ => return Ok(()),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why it is still there: conditions of a namespace name what blocks it (`NamespaceContentRemaining`,
/// `NamespaceFinalizersRemaining`, `NamespaceDeletionDiscoveryFailure`), other objects have finalizers.
fn reason(meta: &Meta, live: &Value) -> String {
    if !meta.terminating {
        return "waits for the garbage collector".to_owned();
    }
    let conditions = items(live, "/status/conditions").iter();
    let blocking = conditions.filter(|condition| text(condition, "/status") == Some("True"));
    let blocking: Vec<_> = blocking.filter_map(|condition| text(condition, "/message")).collect();
    if blocking.is_empty() && meta.finalizers == [FOREGROUND] {
        return "waits for its pods to end".to_owned();
    }
    match (blocking.is_empty(), meta.finalizers.is_empty()) {
        (false, _) => blocking.join("; "),
        (true, false) => format!("waits for the finalizers `{}`", meta.finalizers.join("`, `")),
        (true, true) => "is terminating".to_owned(),
    }
}
