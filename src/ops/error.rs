//! Why a use case could not be carried out.

use super::Missing;
use super::import::ImportError;
use crate::cluster::ClusterError;
use crate::object::ErrorKind;
use crate::plan::saved::SavedPlanError;
use crate::state::StateError;

/// Why a use case could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpsError {
    /// The API server.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The record or its lock.
    #[error(transparent)]
    State(#[from] StateError),
    /// A saved plan.
    #[error(transparent)]
    SavedPlan(Box<SavedPlanError>),
    /// A gateway whose secrets cannot be rotated.
    #[error("the secrets of the gateway of cluster `{cluster}` cannot be rotated: {why}")]
    NothingToRotate {
        /// The cluster.
        cluster: String,
        /// Why.
        why: String,
    },
    /// Nothing that a stack could go back to.
    #[error("stack `{stack}` cannot go back: {because}")]
    NoWayBack {
        /// The stack.
        stack: String,
        /// Why.
        because: String,
    },
    /// No entry of the history with this serial.
    #[error("the history of stack `{stack}` has no entry with serial {serial}")]
    NoSuchSerial {
        /// The stack.
        stack: String,
        /// What was asked for.
        serial: u64,
        /// Those that there are.
        has: Vec<u64>,
    },
    /// Live Secrets that lack what an entry of the history needs.
    #[error("what would be gone back to needs {}, which no live Secret has: the history keeps no values", .0.join(", "))]
    LackingKeys(Vec<String>),
    /// Pods that still have keys of an old secret.
    #[error("still with keys of the old secret: {}", .0.join(", "))]
    OldKeysInUse(Vec<String>),
    /// A gateway that logs nothing, for it has no pod.
    #[error("there is no log of the gateway of cluster `{cluster}`: {because}")]
    NoGatewayLog {
        /// The cluster.
        cluster: String,
        /// Why.
        because: String,
    },
    /// A gateway that does not say what was spent.
    #[error("what was spent in cluster `{cluster}` is not known: {because}")]
    NoSpending {
        /// The cluster.
        cluster: String,
        /// Why.
        because: String,
    },
    /// A pod whose log cannot be read.
    #[error("there is no log of pod `{pod}`")]
    NoLog {
        /// The pod.
        pod: String,
        /// What the API server says.
        #[source]
        cause: ClusterError,
    },
    /// Nothing to import.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A pattern of `--target` or `--exclude` that names nothing.
    #[error("the stack has nothing that is called `{pattern}`")]
    NoSuchTarget {
        /// The pattern.
        pattern: String,
        /// The address that was probably meant.
        near: Option<String>,
    },
    /// Secret values that apply needs and cannot get.
    #[error("{} cannot be read: {}", if .0.len() == 1 { "a secret value" } else { "secret values" }, list(.0))]
    MissingValues(Vec<Missing>),
}

impl OpsError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Cluster(error) => error.kind(),
            Self::State(error) => error.kind(),
            Self::SavedPlan(error) => error.kind(),
            Self::NoSuchTarget { .. } | Self::NoSuchSerial { .. } => ErrorKind::Usage,
            Self::MissingValues(_) | Self::NothingToRotate { .. } => ErrorKind::Invalid,
            Self::Import(error) => error.kind(),
            Self::NoLog { cause, .. } => cause.kind(),
            Self::NoWayBack { .. }
            | Self::LackingKeys(_)
            | Self::OldKeysInUse(_)
            | Self::NoGatewayLog { .. }
            | Self::NoSpending { .. } => ErrorKind::Failed,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cluster(error) => error.code(),
            Self::State(error) => error.code(),
            Self::SavedPlan(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::NoSuchTarget { .. } => "no-such-target",
            Self::MissingValues(_) => "missing-secret-values",
            Self::NothingToRotate { .. } => "nothing-to-rotate",
            Self::NoWayBack { .. } => "no-way-back",
            Self::NoSuchSerial { .. } => "no-such-serial",
            Self::LackingKeys(_) => "lacking-secret-keys",
            Self::OldKeysInUse(_) => "old-keys-in-use",
            Self::NoGatewayLog { .. } => "no-gateway-log",
            Self::NoSpending { .. } => "no-spending",
            Self::NoLog { .. } => "no-log",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.hint(),
            Self::State(error) => error.hint(),
            Self::SavedPlan(error) => error.hint(),
            Self::NothingToRotate { .. } => Some("`langop apply` first, with a gateway that restarts".to_owned()),
            Self::NoWayBack { stack, .. } => {
                Some(format!("`langop rollback {stack} --list` shows what there is; else apply the description of then"))
            }
            Self::NoSuchSerial { has, .. } if has.is_empty() => Some("it has none".to_owned()),
            Self::NoSuchSerial { has, .. } => {
                let all: Vec<_> = has.iter().map(u64::to_string).collect();
                Some(format!("it has {}", all.join(", ")))
            }
            Self::LackingKeys(_) => Some("apply the description as it was then: it says where values come from".to_owned()),
            Self::OldKeysInUse(_) => Some(
                "run the same command again when these pods have ended, or were made anew; `--end-old-keys` does not wait \
                 for them"
                    .to_owned(),
            ),
            Self::Import(error) => error.hint(),
            Self::NoGatewayLog { .. } => Some("`langop status` lists the clusters of the target".to_owned()),
            Self::NoSpending { .. } => Some("`langop check` asks whether the gateway is as described".to_owned()),
            Self::NoLog { cause, .. } => cause.hint(),
            Self::NoSuchTarget { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::NoSuchTarget { .. } => {
                Some("`langop graph` and `langop state list` list what there is; `*` stands for anything".to_owned())
            }
            Self::MissingValues(_) => Some("set them where apply runs; plan does without".to_owned()),
        }
    }
}

fn list(missing: &[Missing]) -> String {
    let one = |missing: &Missing| format!("`{}` of {}: {}", missing.key, missing.object, missing.because);
    missing.iter().map(one).collect::<Vec<_>>().join("; ")
}
