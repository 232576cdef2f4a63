//! What can go wrong with a request, in langop's words. `kube::Error` ends here.
//!
//! Errors are not absences: 403, "kind unknown", time-outs and 404 are different answers.

use super::Loss;
use crate::object::{ErrorKind, GroupKind};

/// What a request may have done that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it reads.
    None,
    /// It writes, and may have come through.
    Unknown,
}

/// Another manager owns a field with another value (409, reason `Conflict`, cause `FieldManagerConflict`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// The path, as the API server names it: `.spec.replicas`.
    pub field: String,
    /// The manager, as the API server names it: `kubectl-edit`.
    pub manager: String,
}

/// One cause of a 422.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueInvalid`, `FieldValueRequired`, …
    pub reason: String,
    /// The path.
    pub field: String,
    /// The server's words; empty for requests about Secrets, which may be quoted in them.
    pub message: String,
}

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// There is no usable kubeconfig.
    #[error("no cluster to talk to: {0}")]
    Config(String),
    /// No answer: refused, reset, timed out, bad TLS.
    #[error("cannot reach {server}: {cause}")]
    Unreachable {
        /// URL of the server.
        server: String,
        /// The last cause.
        cause: String,
        /// What the request may have done all the same.
        effect: Effect,
    },
    /// 401.
    #[error("the API server does not accept these credentials: {0}")]
    Unauthorized(String),
    /// 403 for lack of a right.
    #[error("{0}")]
    Forbidden(String),
    /// 403 of admission: a policy of the cluster, or something that the object needs and that is not there.
    #[error("{0}")]
    Denied(String),
    /// 403 because the namespace is being deleted.
    #[error("{0}")]
    NamespaceTerminating(String),
    /// 403 because of a quota of the namespace.
    #[error("{message}")]
    Quota {
        /// The server's words.
        message: String,
        /// Not full: its controller does not count these objects yet, so that nothing of them is let in.
        uncounted: bool,
    },
    /// 404 that names an object: it, or its namespace, is absent. A 404 that names none is `Rejected`.
    #[error("{0}")]
    NotFound(String),
    /// The kind is not served.
    #[error("the server does not know the kind `{0}`")]
    UnknownKind(GroupKind),
    /// The kind is served, and not in this version.
    #[error("the server does not serve the kind `{kind}` in `{wanted}`, but in `{}`", .served.join("`, `"))]
    UnknownVersion {
        /// The kind.
        kind: GroupKind,
        /// The `apiVersion` that was asked for.
        wanted: String,
        /// Those that it serves.
        served: Vec<String>,
    },
    /// The API server announces a group-version whose own server does not answer: nothing is known of its kinds.
    #[error("the API `{group_version}` does not answer, so that nothing is known of the kind `{kind}`")]
    StaleGroup {
        /// The kind.
        kind: GroupKind,
        /// `group/version`.
        group_version: String,
    },
    /// Something on the server defines the kind, and the server does not serve it: not yet, or not any more.
    #[error("the server does not serve the kind `{kind}`, although it has the {definition}")]
    NotServed {
        /// The kind.
        kind: GroupKind,
        /// The CRD or `APIService` that defines it: `CustomResourceDefinition/widgets.example.com`.
        definition: String,
    },
    /// Other managers own fields of this apply.
    #[error("{} of this object belong to other field managers", fields(.0))]
    FieldConflict(Vec<FieldConflict>),
    /// Any other 409: uid or resourceVersion moved, already exists, still terminating.
    #[error("{0}")]
    Conflict(String),
    /// 422.
    #[error("{message}")]
    Invalid {
        /// The server's words.
        message: String,
        /// Field by field.
        causes: Vec<Cause>,
    },
    /// 400 to a dry-run: an admission webhook does not say that it is free of side effects, and is not asked. Nothing is
    /// known of the object.
    #[error("{0}")]
    DryRunUnsupported(String),
    /// Any other refusal.
    #[error("{message} (HTTP {code})")]
    Rejected {
        /// HTTP status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// A passing fault that did not pass in time.
    #[error("{message} (HTTP {code}, tried {tries} times)")]
    Unavailable {
        /// HTTP status.
        code: u16,
        /// The server's words.
        message: String,
        /// How often it was sent.
        tries: u32,
    },
    /// A write that did not leave: the lock that allowed it is gone.
    #[error("nothing was sent: {0}")]
    NotSent(Loss),
    /// An answer that is not what the API promises.
    #[error("unexpected answer of the API server: {0}")]
    Malformed(String),
}

fn fields(conflicts: &[FieldConflict]) -> String {
    let fields: Vec<_> =
        conflicts.iter().map(|conflict| format!("`{}` ({})", conflict.field, conflict.manager)).collect();
    fields.join(", ")
}

impl ClusterError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreachable { .. } | Self::Unavailable { .. } => ErrorKind::Unreachable,
            Self::Unauthorized(_) | Self::Forbidden(_) => ErrorKind::Forbidden,
            Self::NotSent(loss) => loss.kind(),
            _ => ErrorKind::Failed,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "no-cluster",
            Self::Unreachable { .. } => "unreachable",
            Self::Unauthorized(_) => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::Denied(_) => "denied",
            Self::NamespaceTerminating(_) => "namespace-terminating",
            Self::Quota { uncounted: false, .. } => "quota-exceeded",
            Self::Quota { uncounted: true, .. } => "quota-uncounted",
            Self::NotFound(_) => "not-found",
            Self::UnknownKind(_) => "unknown-kind",
            Self::UnknownVersion { .. } => "unknown-version",
            Self::StaleGroup { .. } => "stale-group",
            Self::NotServed { .. } => "not-served",
            Self::FieldConflict(_) => "field-conflict",
            Self::Conflict(_) => "conflict",
            Self::Invalid { .. } => "invalid-object",
            Self::DryRunUnsupported(_) => "dry-run-unsupported",
            Self::Rejected { .. } => "rejected",
            Self::Unavailable { .. } => "unavailable",
            Self::NotSent(_) => "lock-lost",
            Self::Malformed(_) => "malformed-answer",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Config(_) => "set KUBECONFIG or pass `--kubeconfig FILE`; `--dev` starts a local control plane",
            Self::Unreachable { effect: Effect::None, .. } => {
                "check the server with `kubectl version`; nothing was changed by this request"
            }
            Self::Unreachable { effect: Effect::Unknown, .. } => {
                "check the server with `kubectl version`; whether this request came through is not known: run again, \
                 which looks first"
            }
            Self::Unauthorized(_) => "log in again, or choose another `--context`",
            Self::Forbidden(_) => "ask for the permission named above; `kubectl auth can-i --list` shows what you have",
            Self::NamespaceTerminating(_) => "wait until the namespace is gone, then run again",
            Self::Quota { uncounted: false, .. } => "raise the quota, or take something away first; then run again",
            Self::Quota { uncounted: true, .. } => {
                "run again in a minute: its controller learns of new kinds by and by"
            }
            Self::FieldConflict(_) => "`--force-conflicts` takes these fields; or leave them out of the description",
            Self::StaleGroup { group_version, .. } => {
                let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
                return Some(format!("see `kubectl get apiservice {version}.{group}`; run again when it is available"));
            }
            Self::NotServed { .. } => {
                "run again in a moment; `kubectl get --raw /readyz?verbose` says what is not ready"
            }
            Self::NotSent(_) => "plan again: another run may have changed what this one planned from",
            Self::UnknownKind(_) => "install its CRD first, or add the CRD to the description",
            Self::UnknownVersion { .. } => "write the object in a version that is served",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// The innermost causes say the most: "Connection refused" rather than "client error".
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}
