//! Looks behind an object that does not become ready, poll after poll: what it waits for, and whether that is in vain.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::surroundings::{Surroundings, cause};
use crate::cluster::{ClusterError, Reader};
use crate::object::ObjectRef;
use crate::readiness;

/// How long an object may take before its surroundings are looked at.
const GRACE: Duration = Duration::from_secs(5);

/// What the surroundings of one object said so far.
pub(super) struct Verdict {
    begun: Instant,
    standing: Standing,
    cause: Option<String>,
}

/// The broken end of the chain, and since when it has been the same.
#[derive(Default)]
struct Standing(Option<(String, Instant)>);

impl Standing {
    /// For how long this end has stood, which is seen now.
    fn stood(&mut self, chain: String, now: Instant) -> Duration {
        let since = match &self.0 {
            Some((old, since)) if *old == chain => *since,
            _ => now,
        };
        self.0 = Some((chain, since));
        now.saturating_duration_since(since)
    }
}

/// What was seen behind an object.
pub(super) enum Look {
    /// Waiting may help; this is what it waits for, as far as anybody says.
    Waits(Option<String>),
    /// It becomes ready only when others come that need it; it is as ready as it can be.
    ForOthers(String),
    /// Waiting is in vain: the chain of causes.
    InVain(String),
}

impl Verdict {
    /// Of a wait that begins now.
    pub(super) fn from(now: Instant) -> Self {
        Self { begun: now, standing: Standing::default(), cause: None }
    }

    /// Looks, unless the object has only just been written. A dead end is believed once the same one has stood for as
    /// long as it needs to be.
    pub(super) async fn look(
        &mut self,
        reader: &Reader,
        object: &ObjectRef,
        (live, now): (&Value, Instant),
    ) -> Result<Look, ClusterError> {
        if now.saturating_duration_since(self.begun) < GRACE && !readiness::is_telling(live) {
            return Ok(Look::Waits(None));
        }
        let surroundings = Surroundings::read(reader, object, live).await?;
        let evidence = surroundings.evidence(live);
        if let Some(reason) = evidence.waits_for_consumer() {
            return Ok(Look::ForOthers(reason));
        }
        self.cause = evidence.cause();
        let Some(end) = readiness::dead_end(&evidence) else {
            self.standing = Standing::default();
            return Ok(Look::Waits(self.cause.clone()));
        };
        // The cause counts restarts; the chain says whether it is the same one.
        Ok(if self.standing.stood(end.chain.join(" → "), now) >= end.patience {
            Look::InVain(end.to_string())
        } else {
            Look::Waits(self.cause.clone())
        })
    }

    /// What it waits for, now that nobody waits any more: by the last look, else by one that is made for it.
    pub(super) async fn cause(
        &self,
        reader: &Reader,
        object: &ObjectRef,
        live: &Value,
    ) -> Result<Option<String>, ClusterError> {
        match &self.cause {
            Some(cause) => Ok(Some(cause.clone())),
            None => cause(reader, object, live).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_stays_the_same_stands() {
        let begun = Instant::now();
        let mut standing = Standing::default();
        let mut stood =
            |chain: &str, second| standing.stood(chain.to_owned(), begun + Duration::from_secs(second)).as_secs();
        assert_eq!([stood("a", 0), stood("a", 9), stood("b", 10), stood("b", 25), stood("a", 30)], [0, 9, 0, 15, 0]);
    }
}
