//! Table tests of readiness: an object, the state it must have, the reason it must give.

use serde_json::{Value, json};

use super::{Readiness, State, assess};

/// Object, state, reason.
pub(super) struct Row(pub(super) Value, pub(super) State, pub(super) &'static str);

pub(super) fn check(rows: &[Row]) {
    for Row(object, state, reason) in rows {
        assert_eq!(assess(object), Readiness::new(*state, *reason), "{object}");
    }
}

/// An object of generation 2.
pub(super) fn object(version: &str, kind: &str, spec: &Value, status: &Value) -> Value {
    json!({
        "apiVersion": version, "kind": kind, "metadata": {"name": "x", "generation": 2},
        "spec": spec, "status": status,
    })
}
