//! Waits until an object is ready, for as long as something moves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::dead_end::{Look, Verdict};
use super::ended::{Ending, Life, ending};
use super::job::Job;
use super::silent::SilentKinds;
use crate::cluster::{ClusterError, Resource, Writer};
use crate::object::field::{flag, items, text};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness::{self, Readiness, Standing, State};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a wait may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Without any progress.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
    /// What is waited for at all.
    pub waits_for: WaitFor,
}

/// What an apply waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WaitFor {
    /// Everything that is not ready.
    #[default]
    Everything,
    /// What other objects of the run cannot do without; the next run asks for the rest.
    WhatOthersNeed,
}

/// How a wait ended.
pub(super) enum Waited {
    /// It is what its spec asks for, or ran to its end.
    Ready(Standing),
    /// It cannot get there by waiting, or did not in time.
    NotReady(String),
}

/// One object that is waited for.
pub(super) struct Waiting<'a> {
    pub(super) writer: &'a Writer,
    pub(super) resource: &'a Resource,
    pub(super) job: &'a Job,
    pub(super) patience: Patience,
    /// Kinds that are not worth waiting for.
    pub(super) silent: &'a SilentKinds,
}

/// What was seen of it so far.
struct Seen {
    begun: Instant,
    moved: Instant,
    /// A crash loop moves in circles: only what was not seen before is progress.
    tokens: BTreeSet<u64>,
    said: String,
    verdict: Verdict,
    last: Option<Value>,
}

impl Waiting<'_> {
    /// Waits for the object, which was last seen as `live`; none when nothing was written.
    pub(super) async fn until_ready(
        &self,
        live: Option<Value>,
        say: &mut impl FnMut(Readiness),
    ) -> Result<Waited, ClusterError> {
        let mut seen = Seen::default();
        let mut pause = FIRST_PAUSE;
        let mut live = live;
        loop {
            let current = match live.take() {
                Some(object) => object,
                None => match self.writer.get(self.resource, self.object()).await? {
                    Some(object) => object,
                    None => return self.gone(seen.last.as_ref(), say).await,
                },
            };
            if let Some(waited) = self.look(&mut seen, &current, say).await? {
                return Ok(waited);
            }
            seen.last = Some(current);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn object(&self) -> &ObjectRef {
        &self.job.change.object
    }

    /// Judges one look; none when there is reason to look again.
    async fn look(
        &self,
        seen: &mut Seen,
        current: &Value,
        say: &mut impl FnMut(Readiness),
    ) -> Result<Option<Waited>, ClusterError> {
        // What goes once it has ended is being deleted for that reason.
        let before = readiness::assess_before_deletion(current);
        let ended = readiness::completed(current) || before.state == State::Failed;
        let ended = ended && readiness::goes_when_ended(current);
        let readiness = if ended { before } else { readiness::assess(current) };
        match readiness.state {
            State::Current if served(self.writer, current).await? => {
                return Ok(Some(Waited::Ready(Standing::of_ready(current))));
            }
            // A controller that says nothing may have nothing to say, or there is none.
            State::Unknown if self.silent.have(self.object(), self.job.change.action, current) => {
                return Ok(Some(Waited::Ready(Standing::Ready)));
            }
            State::Unknown if seen.begun.elapsed() > readiness::GRACE.min(self.patience.idle) => {
                if self.silent.note(self.object(), current) {
                    let kind = &self.object().kind;
                    say(Readiness::current(format!("nobody writes a status to it: no other {kind} is waited for")));
                }
                return Ok(Some(Waited::Ready(Standing::Ready)));
            }
            State::Failed => return self.not_ready(seen, current, readiness.reason).await.map(Some),
            State::Terminating => {
                return Ok(Some(Waited::NotReady("it is being deleted by someone else".to_owned())));
            }
            _ => {}
        }
        if seen.tokens.insert(readiness::progress(current)) {
            seen.moved = Instant::now();
        }
        // Pods pass through bad states on their way: only a verdict that stands is believed.
        let cause = match seen.verdict.look(self.writer, self.object(), current).await? {
            Look::Waits(cause) => cause,
            Look::ForOthers(reason) => {
                say(Readiness::current(reason));
                return Ok(Some(Waited::Ready(Standing::Ready)));
            }
            Look::InVain(chain) => return Ok(Some(Waited::NotReady(chain))),
        };
        if seen.moved.elapsed() > self.patience.idle || seen.begun.elapsed() > self.patience.total {
            let reason = format!("not ready after {} s: {}", seen.begun.elapsed().as_secs(), readiness.reason);
            return self.not_ready(seen, current, reason).await.map(Some);
        }
        let reason = with_cause(&readiness.reason, cause);
        if reason != seen.said {
            seen.said.clone_from(&reason);
            say(Readiness { reason, ..readiness });
        }
        Ok(None)
    }

    async fn not_ready(&self, seen: &Seen, current: &Value, reason: String) -> Result<Waited, ClusterError> {
        let cause = seen.verdict.cause(self.writer, self.object(), current).await?;
        Ok(Waited::NotReady(with_cause(&reason, cause)))
    }

    /// It is not there any more, which for some is how they end.
    async fn gone(&self, last: Option<&Value>, say: &mut impl FnMut(Readiness)) -> Result<Waited, ClusterError> {
        let by_someone = || Ok(Waited::NotReady("it was deleted by someone else".to_owned()));
        let precondition = &self.job.change.precondition;
        let known = |field: &str, recorded: &Option<String>| {
            last.and_then(|last| text(last, field)).map(str::to_owned).or_else(|| recorded.clone())
        };
        let desired = self.job.manifest.as_ref().map(|manifest| &*manifest.object);
        if !last.or(desired).is_some_and(readiness::goes_when_ended) {
            return by_someone();
        }
        let uid = known("/metadata/uid", &precondition.uid);
        let version = known("/metadata/resourceVersion", &precondition.resource_version);
        let (Some(uid), Some(version)) = (uid, version) else { return by_someone() };
        let life = Life { object: self.object(), uid: &uid, version: &version };
        let removed = removed(self.object());
        match ending(self.writer, self.resource, &life).await? {
            Ending::Failed(reason) => Ok(Waited::NotReady(format!("{reason}; {removed}"))),
            Ending::Unknown if self.job.standing != Standing::Completed => {
                Ok(Waited::NotReady("it is gone, and nobody saw how it ended".to_owned()))
            }
            Ending::Completed | Ending::Unknown => {
                say(Readiness::current(format!("completed, {removed}")));
                Ok(Waited::Ready(Standing::Completed))
            }
        }
    }
}

impl Default for Seen {
    fn default() -> Self {
        let now = Instant::now();
        let (tokens, said) = (BTreeSet::new(), String::new());
        Self { begun: now, moved: now, tokens, said, verdict: Verdict::default(), last: None }
    }
}

/// Who removed an object that ended.
fn removed(object: &ObjectRef) -> &'static str {
    if object.is("", "Pod") { "removed by the garbage collector" } else { "removed by its TTL" }
}

/// What the object says of itself, and what is behind it.
pub(crate) fn with_cause(reason: &str, cause: Option<String>) -> String {
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
