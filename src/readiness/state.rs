//! The answer: a state, and the reason for it. Knows no kind.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of one object (kstatus' terms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) enum State {
    /// It is what its spec asks for.
    Current,
    /// It is on its way.
    InProgress,
    /// It cannot get there by waiting.
    Failed,
    /// It is being deleted.
    Terminating,
    /// It is not there.
    NotFound,
    /// Nobody can say: a custom resource whose controller has said nothing yet, and perhaps never will.
    /// A waiter gives it [`GRACE`] and then takes it for current.
    Unknown,
}

/// How long a waiter lets a custom resource be [`State::Unknown`]: its controller may be slow, or there may
/// be none.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// A state and the reason for it, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// The state.
    pub state: State,
    /// Why, as a lower-case fragment: "1 of 2 replicas available".
    pub reason: String,
}

impl Readiness {
    /// A state and its reason.
    #[must_use]
    pub(crate) fn new(state: State, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into() }
    }

    /// It is what its spec asks for.
    #[must_use]
    pub(crate) fn current(reason: impl Into<String>) -> Self {
        Self::new(State::Current, reason)
    }

    /// It is on its way.
    #[must_use]
    pub(crate) fn in_progress(reason: impl Into<String>) -> Self {
        Self::new(State::InProgress, reason)
    }

    /// It cannot get there by waiting.
    #[must_use]
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::new(State::Failed, reason)
    }
}
