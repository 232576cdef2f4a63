//! Why a plan cannot be saved, and why a saved one is not applied as a whole. What is wrong with one object is not
//! here: [`super::Stale`].

use jiff::{SignedDuration, Timestamp};

use crate::object::ErrorKind;

/// Why a plan cannot be saved, or a saved one not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedPlanError {
    /// It cannot be written as JSON.
    #[error("the plan cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// Its objects hold credentials.
    #[error("a saved plan holds no credentials, and these values are taken for some: {}", .0.join(", "))]
    Credentials(Vec<String>),
    /// Its Secrets have values that nobody could read again.
    #[error("these values cannot be read again when the plan is applied: {}", .0.join(", "))]
    Unrepeatable(Vec<String>),
    /// The file does not read as a plan.
    #[error("the saved plan is damaged")]
    Illegible(#[source] serde_json::Error),
    /// The digest is not that of the content.
    #[error("the saved plan is not as langop wrote it: its digest is that of another content")]
    Altered,
    /// A newer format.
    #[error("the saved plan has format {found}; this langop reads {known}")]
    NewerFormat {
        /// Of the file.
        found: u64,
        /// Of this langop.
        known: u64,
    },
    /// A format that this langop does not read.
    #[error("the saved plan has format {found}, which langop does not read any more; this langop reads {known}")]
    NoSuchFormat {
        /// Of the file.
        found: u64,
        /// Of this langop.
        known: u64,
    },
    /// Another langop made it.
    #[error("the plan was made by langop {made_by}, and this is langop {}: it may decide otherwise", env!("CARGO_PKG_VERSION"))]
    OtherVersion {
        /// Version of the other.
        made_by: String,
    },
    /// It is too old.
    #[error("the plan of {made_at:.0} has expired: it is older than {max_age:#}")]
    Expired {
        /// When it was made.
        made_at: Timestamp,
        /// How old it may be.
        max_age: SignedDuration,
    },
    /// It is of a time to come.
    #[error("the plan was made at {made_at:.0}, which is still to come by the clock of this machine")]
    FromTheFuture {
        /// When it was made.
        made_at: Timestamp,
    },
    /// It has errors.
    #[error("the plan has errors ({0}) and cannot be applied")]
    HasErrors(usize),
    /// It was made for another cluster.
    #[error("the plan was made for another cluster: {0}")]
    OtherTarget(String),
    /// The record is another one, or an earlier one.
    #[error("the record of stack `{stack}` is not the one that the plan was made from: {because}")]
    OtherRecord {
        /// The stack.
        stack: String,
        /// What is other.
        because: String,
    },
    /// What is wrong now is not about one of its objects.
    #[error("the plan cannot be applied any more: {}", .0.join("; "))]
    Impossible(Vec<String>),
}

impl SavedPlanError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unwritable(_) | Self::Credentials(_) | Self::Unrepeatable(_) | Self::HasErrors(_) => {
                ErrorKind::Failed
            }
            Self::Illegible(_) | Self::Altered | Self::NewerFormat { .. } | Self::NoSuchFormat { .. } => {
                ErrorKind::Invalid
            }
            Self::OtherVersion { .. }
            | Self::Expired { .. }
            | Self::FromTheFuture { .. }
            | Self::OtherTarget(_)
            | Self::OtherRecord { .. }
            | Self::Impossible(_) => ErrorKind::Stale,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unwritable(_) => "json",
            Self::Credentials(_) => "credential-in-plan",
            Self::Unrepeatable(_) => "unrepeatable-value",
            Self::Illegible(_) | Self::Altered => "damaged-plan",
            Self::NewerFormat { .. } | Self::NoSuchFormat { .. } => "other-plan-format",
            Self::OtherVersion { .. } => "other-version",
            Self::Expired { .. } | Self::FromTheFuture { .. } => "expired-plan",
            Self::HasErrors(_) => "plan-with-errors",
            Self::OtherTarget(_) => "other-target",
            Self::OtherRecord { .. } => "other-record",
            Self::Impossible(_) => "stale-plan",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Unwritable(_) => return None,
            Self::Credentials(_) => "take them from a Secret; or apply the description itself, without a file",
            Self::Unrepeatable(_) => {
                "write them into a file, or take them from the environment: `[secrets.NAME]` with `fromEnv`, `fromFile` \
                 or `fromCommand`"
            }
            Self::Illegible(_) | Self::Altered => "take the file anew from where it was made, or plan again",
            Self::NewerFormat { .. } => "apply it with the langop that made it, or plan again with this one",
            Self::OtherTarget(_) => "choose the cluster with `--context` or `--kubeconfig`; or plan again for this one",
            Self::Expired { .. } => "plan again; `--max-age` lets older plans pass",
            Self::FromTheFuture { .. } => "set the clock, or plan again",
            Self::HasErrors(_) => "`langop show` says which; mend them and plan again",
            Self::NoSuchFormat { .. } | Self::OtherVersion { .. } | Self::OtherRecord { .. } | Self::Impossible(_) => {
                "plan again"
            }
        };
        Some(text.to_owned())
    }
}
