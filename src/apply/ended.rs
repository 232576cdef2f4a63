//! How an object ended that is gone: a Job with a TTL of nought is removed in the moment in which it finishes. Asks the
//! server's memory: what it still has of the last changes, then the events.

use serde_json::Value;

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::field::text;
use crate::object::{GroupKind, ObjectRef};
use crate::readiness::{self, State};

/// How an object ended that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It ran to its end.
    Completed,
    /// It failed, for this reason.
    Failed(String),
    /// Nobody saw it.
    Unknown,
}

/// One life of an object.
pub(crate) struct Life<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// Its uid.
    pub uid: &'a str,
    /// The last resourceVersion that was seen.
    pub version: &'a str,
}

/// How one life of a Job or of a pod ended. Two requests at the most; what this identity may not ask is not known.
pub(crate) async fn ending(reader: &Reader, resource: &Resource, life: &Life<'_>) -> Result<Ending, ClusterError> {
    let seen = match reader.last_state(resource, life.object, life.version).await {
        // Too long ago for the server to remember.
        Err(ClusterError::Forbidden(_) | ClusterError::Rejected { code: 410, .. }) => None,
        answer => answer?,
    };
    if let Some(last) = seen.filter(|last| text(last, "/metadata/uid") == Some(life.uid)) {
        let readiness = readiness::assess_before_deletion(&last);
        if readiness::completed(&last) {
            return Ok(Ending::Completed);
        }
        if readiness.state == State::Failed {
            return Ok(Ending::Failed(readiness.reason));
        }
    }
    by_events(reader, life).await
}

/// The Job controller tells of each end.
async fn by_events(reader: &Reader, life: &Life<'_>) -> Result<Ending, ClusterError> {
    let Some(namespace) = &life.object.namespace else { return Ok(Ending::Unknown) };
    let resource = reader.resource(&GroupKind::new("", "Event"), None)?;
    let events = match reader.list(&resource, Some(namespace), None).await {
        Err(ClusterError::Forbidden(_)) => return Ok(Ending::Unknown),
        answer => answer?,
    };
    let about = events.iter().filter(|event| text(event, "/involvedObject/uid") == Some(life.uid));
    Ok(told(about))
}

fn told<'a>(events: impl Iterator<Item = &'a Value>) -> Ending {
    let mut ending = Ending::Unknown;
    for event in events {
        match text(event, "/reason").unwrap_or_default() {
            "Completed" => return Ending::Completed,
            reason @ ("BackoffLimitExceeded" | "DeadlineExceeded" | "PodFailurePolicy" | "FailedIndexes") => {
                ending = Ending::Failed(reason.to_owned());
            }
            _ => {}
        }
    }
    ending
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_tell_of_an_end() {
        let told = |reasons: &[&str]| {
            let events: Vec<_> = reasons.iter().map(|reason| json!({"reason": reason})).collect();
            told(events.iter())
        };
        assert_eq!(told(&["SuccessfulCreate", "Completed"]), Ending::Completed);
        assert_eq!(told(&["SuccessfulCreate", "BackoffLimitExceeded"]), Ending::Failed("BackoffLimitExceeded".into()));
        assert_eq!(told(&["SuccessfulCreate"]), Ending::Unknown);
    }
}
