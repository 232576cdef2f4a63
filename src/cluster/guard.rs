//! Asked right before each write leaves, and before each time it is sent again: a process that was stopped or a machine
//! that slept wakes up in the middle of anything.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Loss;

/// Says whether a write may still leave; else why not.
type Question = dyn Fn() -> BoxFuture<'static, Result<(), Loss>> + Send + Sync;

/// What a writer asks before each write.
#[derive(Clone)]
pub struct Guard(Arc<Question>);

impl Guard {
    /// A guard that asks `question`, which answers with the reason when nothing may be written any more.
    pub fn new(question: impl Fn() -> BoxFuture<'static, Result<(), Loss>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(question))
    }

    /// Asks.
    ///
    /// # Errors
    /// Why nothing may be written any more.
    pub async fn check(&self) -> Result<(), Loss> {
        (self.0)().await
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
