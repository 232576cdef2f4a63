//! What the API server and its controllers write into every object, and nobody asked for.

use serde_json::Value;

/// Fields of `metadata` that the API server owns.
const METADATA: [&str; 6] = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/// Written by client-side apply: a copy of the whole object, secret values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object as somebody might have described it: without `status`, without what the server writes into
/// `metadata`, without the copy that `kubectl apply` leaves in an annotation.
#[must_use]
pub(crate) fn without_noise(object: &Value) -> Value {
    let mut object = object.clone();
    let Some(fields) = object.as_object_mut() else {
        return object;
    };
    fields.remove("status");
    let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) else {
        return object;
    };
    for field in METADATA {
        metadata.remove(field);
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_asked_for_is_left() {
        let live = json!({
            "kind": "Service",
            "metadata": {
                "name": "gateway", "uid": "1", "resourceVersion": "7", "generation": 2, "managedFields": [{}],
                "creationTimestamp": "2026-01-01T00:00:00Z", "selfLink": "/x",
                "annotations": {"a": "b", LAST_APPLIED: "{}"},
            },
            "spec": {"status": "kept"},
            "status": {"loadBalancer": {}},
        });
        let expected = json!({
            "kind": "Service",
            "metadata": {"name": "gateway", "annotations": {"a": "b"}},
            "spec": {"status": "kept"},
        });
        assert_eq!(without_noise(&live), expected);
    }

    #[test]
    fn what_is_no_object_stays() {
        for value in [Value::Null, json!([1]), json!({"metadata": "x"})] {
            assert_eq!(without_noise(&value), value);
        }
    }
}
