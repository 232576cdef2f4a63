//! What the API server made of an object beside what was sent: webhooks, defaults and normal forms. Others fail of it
//! ("inconsistent result after apply"); here it is worth a word. Pure.

use serde_json::Value;

use crate::diff::{Delta, Diff};
use crate::object::united;

/// The fields that were sent and came back with another value, or not at all. What was added is none of them.
pub(super) fn altered(sent: &Value, answered: &Value) -> Vec<String> {
    let diff = Diff::between(&united(answered, sent), answered);
    // An empty text asks the server to choose.
    let is_open = |delta: &Delta| matches!(delta, Delta::Modified { before, .. } if before == "");
    let altered = diff.entries().iter().filter(|entry| !is_open(&entry.delta));
    altered.map(|entry| entry.path.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_came_back_otherwise_is_named_and_what_was_added_is_not() {
        let sent = json!({"metadata": {"name": "x", "labels": {"a": "sent"}}, "spec": {"clusterIP": "", "paused": true,
            "containers": [{"name": "web", "image": "web:1", "resources": {"limits": {"memory": "1024Mi"}}}]}});
        let answered = json!({"metadata": {"name": "x", "uid": "1", "labels": {"a": "set", "b": "added"}},
            "spec": {"clusterIP": "10.0.0.1", "replicas": 1,
                "containers": [{"name": "web", "image": "mirror/web:1", "resources": {"limits": {"memory": "1Gi"}}}, {"name": "injected"}]}});
        assert_eq!(altered(&sent, &answered), ["metadata.labels.a", "spec.containers[web].image", "spec.paused"]);
        assert!(altered(&sent, &sent).is_empty());
    }
}
