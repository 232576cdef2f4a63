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
    /// The broken end of the chain, and since when it has been the same.
    standing: Option<(String, Instant)>,
    cause: Option<String>,
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

impl Default for Verdict {
    fn default() -> Self {
        Self { begun: Instant::now(), standing: None, cause: None }
    }
}

impl Verdict {
    /// Looks, unless the object has only just been written. A dead end is believed once the same one has stood for as
    /// long as it needs to be.
    pub(super) async fn look(
        &mut self,
        reader: &Reader,
        object: &ObjectRef,
        live: &Value,
    ) -> Result<Look, ClusterError> {
        if self.begun.elapsed() < GRACE && !readiness::is_telling(live) {
            return Ok(Look::Waits(None));
        }
        let surroundings = Surroundings::read(reader, object, live).await?;
        let evidence = surroundings.evidence(live);
        if let Some(reason) = evidence.waits_for_consumer() {
            return Ok(Look::ForOthers(reason));
        }
        self.cause = evidence.cause();
        let Some(end) = readiness::dead_end(&evidence) else {
            self.standing = None;
            return Ok(Look::Waits(self.cause.clone()));
        };
        // The cause counts restarts; the chain says whether it is the same one.
        let chain = end.chain.join(" → ");
        let since = match &self.standing {
            Some((old, since)) if *old == chain => *since,
            _ => Instant::now(),
        };
        self.standing = Some((chain, since));
        Ok(if since.elapsed() >= end.patience {
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
