//! Waits until an object is ready, for as long as something moves.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::dead_end::{Look, Verdict};
use super::deadline::{Deadline, Patience};
use super::ended::{Ending, Life, ending};
use super::job::{Job, moves_by_itself};
use super::judgement::{self, Judgement};
use super::looks::Looks;
use super::silent::SilentKinds;
use crate::cluster::{ClusterError, Resource, Writer};
use crate::object::field::{flag, items, text};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness::{self, Readiness, Standing};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How a wait ended.
pub(super) enum Waited {
    /// It is what its spec asks for, or ran to its end.
    Ready {
        standing: Standing,
        /// The resourceVersion at which it was seen so, if it was looked at.
        version: Option<String>,
    },
    /// It cannot get there by waiting, or did not in time.
    NotReady(String),
}

impl Waited {
    /// It is, and nobody looked.
    pub(super) fn unseen(standing: Standing) -> Self {
        Self::Ready { standing, version: None }
    }

    fn seen(standing: Standing, live: &Value) -> Self {
        Self::Ready { standing, version: text(live, "/metadata/resourceVersion").map(str::to_owned) }
    }
}

/// One object that is waited for.
pub(super) struct Waiting<'a> {
    pub(super) writer: &'a Writer,
    pub(super) looks: &'a Looks,
    pub(super) resource: &'a Resource,
    pub(super) job: &'a Job,
    pub(super) patience: Patience,
    /// Kinds that are not worth waiting for.
    pub(super) silent: &'a SilentKinds,
}

/// What was seen of it so far.
struct Seen {
    deadline: Deadline,
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
        let mut seen = Seen::from(Instant::now());
        let mut pause = FIRST_PAUSE;
        let mut live = live;
        loop {
            let current = match live.take() {
                Some(object) => object,
                None => match self.looks.at(self.resource, self.object()).await? {
                    Some(object) => object,
                    None => return self.gone(seen.last.as_ref(), say).await,
                },
            };
            if let Some(waited) = self.look(&mut seen, (&current, Instant::now()), say).await? {
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

    /// Judges one look, which is made now; none when there is reason to look again.
    async fn look(
        &self,
        seen: &mut Seen,
        (current, now): (&Value, Instant),
        say: &mut impl FnMut(Readiness),
    ) -> Result<Option<Waited>, ClusterError> {
        let waited = judgement::Watched::new(self.job, self.silent, self.patience);
        let readiness = match waited.judge(current, seen.deadline.waited(now)) {
            Judgement::Ready if served(self.writer, current).await? => {
                if let Some(remains) = readiness::remains(current) {
                    say(Readiness::current(remains));
                }
                return Ok(Some(Waited::seen(Standing::of_ready(current), current)));
            }
            Judgement::Silent { news } => {
                if news {
                    let kind = &self.object().kind;
                    say(Readiness::current(format!("nobody writes a status to it: no other {kind} is waited for")));
                }
                return Ok(Some(Waited::seen(Standing::Ready, current)));
            }
            Judgement::Failed(reason) => return self.not_ready(seen, current, reason).await.map(Some),
            Judgement::Terminating => {
                return Ok(Some(Waited::NotReady("it is being deleted by someone else".to_owned())));
            }
            Judgement::Waits(readiness) => readiness,
            // Established, and not served yet.
            Judgement::Ready => readiness::assess(current),
        };
        seen.deadline.saw(readiness::progress(current), now);
        // Pods pass through bad states on their way: only a verdict that stands is believed.
        let cause = match seen.verdict.look(self.writer, self.object(), (current, now)).await? {
            Look::Waits(cause) => cause,
            Look::ForOthers(reason) => {
                say(Readiness::current(reason));
                return Ok(Some(Waited::seen(Standing::Ready, current)));
            }
            Look::InVain(chain) => return Ok(Some(Waited::NotReady(chain))),
        };
        let patience = self.patience.with(readiness::work(current));
        if seen.deadline.is_over(patience, now) {
            let reason = format!("not ready after {} s: {}", seen.deadline.waited(now).as_secs(), readiness.reason);
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
                Ok(Waited::unseen(Standing::Completed))
            }
        }
    }
}

impl Seen {
    fn from(now: Instant) -> Self {
        Self { deadline: Deadline::from(now), said: String::new(), verdict: Verdict::from(now), last: None }
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
    moves_by_itself(object) || object.is("", "ResourceQuota")
}
