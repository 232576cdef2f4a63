//! What a refusal of the API server is for langop: one of its errors, and as many of the server's words as may be shown.

use http::StatusCode;
use kube::core::Status;

use super::{Cause, ClusterError, FieldConflict, escalation, refusal};

/// Whether the server's words may be shown: they may quote the object, and those about a Secret are for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wording {
    Shown,
    Withheld,
}

impl Wording {
    pub(super) fn for_path(path: &str) -> Self {
        if path.contains("/secrets") { Self::Withheld } else { Self::Shown }
    }
}

/// Whether a 404 is about an object, or about the namespace that it would be in. The API server names what is not
/// there (`apierrors.NewNotFound`); an address that nobody serves, and a proxy that does not know the way, do not.
fn names_what_is_absent(status: &Status) -> bool {
    status.reason == "NotFound" && status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

/// A quota without room, or one that wants limits to be said: the API has no reason of its own for it
/// (apiserver, `resourcequota.quotaEvaluator.checkRequest`).
fn is_of_quota(status: &Status) -> bool {
    ["exceeded quota: ", "failed quota: "].iter().any(|words| status.message.contains(words))
}

pub(super) fn translate(code: StatusCode, message: String, status: &Status, wording: Wording) -> ClusterError {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    match code.as_u16() {
        401 => ClusterError::Unauthorized(message),
        // A webhook may speak of quotas and rights of its own.
        403 if refusal::webhook(status).is_some() => ClusterError::Denied(message),
        403 if is_of_quota(status) => ClusterError::Quota { message, uncounted: false },
        403 if refusal::terminating_namespace(status) => ClusterError::NamespaceTerminating(message),
        403 if refusal::is_of_rights(status) => {
            ClusterError::Forbidden(escalation::in_words(status).unwrap_or(message))
        }
        403 => ClusterError::Denied(message),
        404 if names_what_is_absent(status) => ClusterError::NotFound(message),
        409 => {
            let conflicts: Vec<_> =
                causes.filter(|cause| cause.reason == "FieldManagerConflict").map(conflict).collect();
            if conflicts.is_empty() { ClusterError::Conflict(message) } else { ClusterError::FieldConflict(conflicts) }
        }
        422 => {
            let cause = |cause: &kube::core::response::StatusCause| Cause {
                reason: cause.reason.clone(),
                field: cause.field.clone(),
                message: if wording == Wording::Withheld { String::new() } else { cause.message.clone() },
            };
            ClusterError::Invalid { message, causes: causes.map(cause).collect() }
        }
        code => ClusterError::Rejected { code, message },
    }
}

/// The manager stands only in the message: `conflict with "kubectl-edit" using apps/v1`.
fn conflict(cause: &kube::core::response::StatusCause) -> FieldConflict {
    let manager = cause.message.split('"').nth(1).unwrap_or("another manager").to_owned();
    FieldConflict { field: cause.field.clone(), manager }
}

pub(super) fn without_words(code: StatusCode, status: &Status) -> String {
    let fields = refusal::fields(status);
    let reason = if refusal::lasts(code, status) {
        "it does not fit the schema of its kind"
    } else if status.reason.is_empty() {
        code.as_str()
    } else {
        &status.reason
    };
    let of = refusal::webhook(status).map(|name| format!(" of the webhook `{name}`")).unwrap_or_default();
    match fields.as_slice() {
        [] => format!("the API server refused this Secret: {reason}{of}"),
        fields => format!("the API server refused this Secret: {reason}{of} at {}", fields.join(", ")),
    }
}
