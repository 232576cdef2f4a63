//! Whether one object has reached what its spec asks for, and why not. Pure: one object in, one answer out.

use serde::{Deserialize, Serialize};

/// The state of one object (kstatus' terms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum State {
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
    /// Nobody can say.
    Unknown,
}

/// A state and the reason for it, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// The state.
    pub state: State,
    /// Why, as a lower-case fragment: "1 of 2 replicas available".
    pub reason: String,
}
