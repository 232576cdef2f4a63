//! Why a change was not carried out.

use crate::cluster::ClusterError;
use crate::object::{ErrorKind, Path};

/// Why a change was not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) hint: Option<String>,
    pub(super) kind: ErrorKind,
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self { hint: error.hint(), error: error.to_string(), kind: error.kind() }
    }
}

impl Failure {
    pub(super) fn new(error: &str, hint: &str) -> Self {
        Self { error: error.to_owned(), hint: Some(hint.to_owned()), kind: ErrorKind::Failed }
    }

    /// What would be sent is not what was shown, at this place: nothing was sent.
    pub(super) fn stale(place: &Path) -> Self {
        let error = format!("`{place}` is not what the plan showed, now that it is known");
        Self { error, hint: Some("plan again".to_owned()), kind: ErrorKind::Stale }
    }

    /// Others claim what the plan did not show.
    pub(super) fn unseen(claims: &ClusterError) -> Self {
        Self {
            error: format!("since the plan was made, {claims}"),
            hint: Some("plan again".to_owned()),
            kind: ErrorKind::Stale,
        }
    }
}
