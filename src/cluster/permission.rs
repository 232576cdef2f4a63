//! What a connection has found out of what its identity may do. Knows no server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A right to do something with the objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// `patch`, `create`.
    pub verb: &'static str,
    /// `deployments.apps`.
    pub resource: String,
    /// Where; none for kinds without a namespace.
    pub namespace: Option<String>,
}

/// What was asked so far, and the answers.
#[derive(Debug, Default)]
pub(super) struct Permissions(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    /// For all objects of a kind in a namespace.
    general: BTreeMap<Right, bool>,
    /// What some object needed and had not.
    denied: BTreeSet<Right>,
}

impl Permissions {
    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the right is known to be given, or not given, for all objects.
    pub(super) fn general(&self, right: &Right) -> Option<bool> {
        self.answers().general.get(right).copied()
    }

    pub(super) fn learn(&self, right: &Right, allowed: bool) {
        self.answers().general.insert(right.clone(), allowed);
    }

    pub(super) fn deny(&self, right: Right) {
        self.answers().denied.insert(right);
    }

    pub(super) fn denied(&self) -> BTreeSet<Right> {
        self.answers().denied.clone()
    }
}
