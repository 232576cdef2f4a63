//! Whether anything about an object has moved. Knows no clock: times, messages and counters of failure are
//! left out, or a crash loop would look like progress.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::object::field::text;

/// Fields that move while nothing gets on. The last five are the churn of a container that fails.
const IDLE: [&str; 11] = [
    "lastHeartbeatTime",
    "lastProbeTime",
    "lastTransitionTime",
    "lastUpdateTime",
    "message",
    "startedAt",
    "finishedAt",
    "containerID",
    "lastState",
    "restartCount",
    "observedAt",
];

/// A token that changes when the object moves: a replica becomes ready, a condition turns, a finalizer goes.
///
/// A waiter restarts its deadline when it sees a token it has **never seen** for this object: a container
/// that runs and crashes in turn shows the same few again and again. Tokens are good for one process.
#[must_use]
pub(crate) fn progress(object: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    for pointer in ["/metadata/uid", "/metadata/generation", "/metadata/deletionTimestamp", "/metadata/finalizers"] {
        object.pointer(pointer).map(Value::to_string).hash(&mut hasher);
    }
    // The messages of a dying namespace count what is left of its content.
    let messages = if text(object, "/kind") == Some("Namespace") { Messages::Counted } else { Messages::LeftOut };
    hash(object.get("status").unwrap_or(&Value::Null), messages, &mut hasher);
    hasher.finish()
}

/// Whether messages are progress.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Messages {
    Counted,
    LeftOut,
}

fn hash(value: &Value, messages: Messages, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            for (key, value) in fields {
                let idle = IDLE.contains(&key.as_str()) && !(messages == Messages::Counted && key == "message");
                if !idle {
                    key.hash(hasher);
                    hash(value, messages, hasher);
                }
            }
        }
        Value::Array(items) => {
            items.len().hash(hasher);
            for item in items {
                hash(item, messages, hasher);
            }
        }
        scalar => scalar.to_string().hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moves_are_seen() {
        let token = |ready: i64| progress(&json!({"status": {"readyReplicas": ready}}));
        assert_ne!(token(0), token(1));
        let finalizers = |names: Value| progress(&json!({"metadata": {"finalizers": names}}));
        assert_ne!(finalizers(json!(["a", "b"])), finalizers(json!(["b"])));
        let content =
            |left: &str| progress(&json!({"kind": "Namespace", "status": {"conditions": [{"message": left}]}}));
        assert_ne!(content("3 pods"), content("2 pods"));
    }

    #[test]
    fn a_crash_loop_is_no_progress() {
        let token = |restarts: i64, message: &str| {
            progress(&json!({"kind": "Pod", "status": {"containerStatuses": [{
                "restartCount": restarts, "lastState": {"terminated": {"exitCode": restarts}},
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": message}},
            }]}}))
        };
        assert_eq!(token(1, "back-off 10s"), token(2, "back-off 20s"));
    }

    #[test]
    fn the_clock_is_no_progress() {
        let token =
            |time: &str| progress(&json!({"status": {"conditions": [{"type": "A", "lastTransitionTime": time}]}}));
        assert_eq!(token("1"), token("2"));
    }
}
