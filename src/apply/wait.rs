//! Waits until an object is ready, for as long as something moves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::dead_end::{Look, Verdict};
use crate::cluster::{ClusterError, Resource, Writer};
use crate::object::field::{flag, items, text};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness::{self, Readiness, State};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a wait may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Without any progress.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
}

/// How a wait ended.
pub(super) enum Waited {
    Ready,
    /// It cannot get there by waiting, or did not in time.
    NotReady(String),
}

/// Waits for one object, which was last seen as `live`.
pub(super) async fn until_ready(
    writer: &Writer,
    resource: &Resource,
    object: &ObjectRef,
    live: Option<Value>,
    patience: Patience,
    mut say: impl FnMut(Readiness, Duration),
) -> Result<Waited, ClusterError> {
    let begun = Instant::now();
    // A crash loop moves in circles: only what was not seen before is progress.
    let (mut moved, mut seen, mut said) = (begun, BTreeSet::new(), String::new());
    let mut pause = FIRST_PAUSE;
    let mut verdict = Verdict::default();
    let mut live = live;
    loop {
        let current = match live.take() {
            Some(object) => object,
            None => match writer.get(resource, object).await? {
                Some(object) => object,
                None => return Ok(Waited::NotReady("it was deleted by someone else".to_owned())),
            },
        };
        let readiness = readiness::assess(&current);
        match readiness.state {
            State::Current if served(writer, &current).await? => return Ok(Waited::Ready),
            // A controller that says nothing may have nothing to say.
            State::Unknown if begun.elapsed() > readiness::GRACE => return Ok(Waited::Ready),
            State::Failed => {
                let cause = verdict.cause(writer, object, &current).await?;
                return Ok(Waited::NotReady(with_cause(&readiness.reason, cause)));
            }
            State::Terminating => return Ok(Waited::NotReady("it is being deleted by someone else".to_owned())),
            _ => {}
        }
        if seen.insert(readiness::progress(&current)) {
            moved = Instant::now();
        }
        // Pods pass through bad states on their way: only a verdict that stands is believed.
        let cause = match verdict.look(writer, object, &current).await? {
            Look::Waits(cause) => cause,
            Look::InVain(chain) => return Ok(Waited::NotReady(chain)),
        };
        let reason = with_cause(&readiness.reason, cause);
        if moved.elapsed() > patience.idle || begun.elapsed() > patience.total {
            let reason = with_cause(&readiness.reason, verdict.cause(writer, object, &current).await?);
            let waited = begun.elapsed().as_secs();
            return Ok(Waited::NotReady(format!("not ready after {waited} s: {reason}")));
        }
        if reason != said {
            said.clone_from(&reason);
            say(Readiness { reason, ..readiness }, begun.elapsed());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What the object says of itself, and what is behind it.
fn with_cause(reason: &str, cause: Option<String>) -> String {
    match cause {
        Some(cause) if !reason.contains(&cause) => format!("{reason}; {cause}"),
        _ => reason.to_owned(),
    }
}

/// An established CRD is served a moment later, in each of its versions; its objects may be sent only then.
async fn served(writer: &Writer, object: &Value) -> Result<bool, ClusterError> {
    if object.pointer("/kind").and_then(Value::as_str) != Some("CustomResourceDefinition") {
        return Ok(true);
    }
    let kind = GroupKind::defined_by(object);
    let versions = items(object, "/spec/versions").iter();
    for version in versions.filter(|version| flag(version, "/served") == Some(true)) {
        let version = format!("{}/{}", kind.group, text(version, "/name").unwrap_or_default());
        let Ok(resource) = writer.resource(&kind, Some(&version)) else { return Ok(false) };
        match writer.list_metadata(&resource, None, Some("langop.io/served=no")).await {
            // Until the API server routes the kind in this version.
            Err(ClusterError::Rejected { code: 404, .. }) => return Ok(false),
            // Nobody knows.
            Err(
                error @ (ClusterError::Unreachable { .. }
                | ClusterError::Unavailable { code: 429 | 502..=504, .. }
                | ClusterError::Malformed(_)),
            ) => return Err(error),
            // Any other answer means that it is routed, whatever its webhooks and this identity's rights say.
            _ => {}
        }
    }
    Ok(true)
}

/// Kinds that are not ready the moment they are written, so that even an unchanged one may be on its way.
pub(super) fn takes_time(object: &ObjectRef) -> bool {
    matches!((object.group.as_str(), object.kind.as_str()), ("apps", _) | ("batch", "Job") | ("", "ResourceQuota"))
}
