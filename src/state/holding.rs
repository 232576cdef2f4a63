//! What is known of a lock that a run has taken.

use std::time::Duration;

use crate::cluster::Loss;

/// What is known of a lock that a run has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Holding {
    /// It is held.
    #[default]
    Held,
    /// It could not be renewed for this long: it is asked for again, and nothing is written until it is known to be held.
    Doubtful(Duration),
    /// It is held no more: nothing new may be started.
    Lost(Loss),
}
