//! What one look at an object that is waited for means: a live object and how long it has been waited for in, one answer
//! out. Asks nobody, and knows no clock.

use std::time::Duration;

use serde_json::Value;

use super::deadline::Patience;
use super::job::Job;
use super::silent::SilentKinds;
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::readiness::{self, Readiness, State};

/// What is known beforehand of an object that is waited for.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) object: &'a ObjectRef,
    pub(super) action: Action,
    /// Kinds that are not worth waiting for.
    pub(super) silent: &'a SilentKinds,
    pub(super) patience: Patience,
}

/// What a look at it means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is what its spec asks for.
    Ready,
    /// Nobody writes a status to it, which is as ready as it gets; whether that is news of its kind.
    Silent { news: bool },
    /// It cannot get there by waiting.
    Failed(String),
    /// It is being deleted.
    Terminating,
    /// It is on its way.
    Waits(Readiness),
}

impl<'a> Watched<'a> {
    pub(super) fn new(job: &'a Job, silent: &'a SilentKinds, patience: Patience) -> Self {
        Self { object: &job.change.object, action: job.change.action, silent, patience }
    }

    /// Judges the live object after it has been waited for so long.
    pub(super) fn judge(self, live: &Value, waited: Duration) -> Judgement {
        let readiness = as_it_was(live);
        match readiness.state {
            State::Current => Judgement::Ready,
            // A controller that says nothing may have nothing to say, or there is none.
            State::Unknown if self.silent.have(self.object, self.action, live) => Judgement::Silent { news: false },
            State::Unknown if waited >= readiness::GRACE.min(self.patience.idle) => {
                Judgement::Silent { news: self.silent.note(self.object, live) }
            }
            State::Failed => Judgement::Failed(readiness.reason),
            State::Terminating => Judgement::Terminating,
            _ => Judgement::Waits(readiness),
        }
    }
}

/// What goes once it has ended is being deleted for that reason.
fn as_it_was(live: &Value) -> Readiness {
    let before = readiness::assess_before_deletion(live);
    let ended = readiness::completed(live) || before.state == State::Failed;
    if ended && readiness::goes_when_ended(live) { before } else { readiness::assess(live) }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::json;

    use super::*;
    use crate::apply::deadline::{Deadline, WaitFor};

    const SECOND: Duration = Duration::from_secs(1);

    fn patience() -> Patience {
        Patience { idle: 300 * SECOND, total: 1800 * SECOND, waits_for: WaitFor::Everything }
    }

    fn judge(live: &Value, waited: Duration) -> Judgement {
        let object = ObjectRef::namespaced("apps", "Deployment", "n", "web");
        let silent = SilentKinds::default();
        Watched { object: &object, action: Action::Create, silent: &silent, patience: patience() }.judge(live, waited)
    }

    /// A rollout of two replicas, whose controller wrote at this time.
    fn rollout(available: u64, progressing: (&str, &str), time: &str) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "uid": "1", "generation": 1, "creationTimestamp": time},
            "spec": {"replicas": 2, "progressDeadlineSeconds": 600},
            "status": {
                "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2,
                "readyReplicas": available, "availableReplicas": available,
                "conditions": [
                    {"type": "Progressing", "status": progressing.0, "reason": progressing.1,
                     "lastUpdateTime": time, "lastTransitionTime": time},
                    {"type": "Available", "status": if available == 2 { "True" } else { "False" }, "lastTransitionTime": time},
                ],
            },
        })
    }

    const NOW: &str = "2026-01-01T00:00:00Z";
    const OVER: (&str, &str) = ("False", "ProgressDeadlineExceeded");
    const GOES_ON: (&str, &str) = ("True", "ReplicaSetUpdated");

    /// Weights may download for longer than the ten minutes that nobody thought of.
    #[test]
    fn the_progress_deadline_of_a_deployment_is_said_and_ends_no_wait() {
        let Judgement::Waits(readiness) = judge(&rollout(1, OVER, NOW), 700 * SECOND) else { panic!() };
        assert_eq!(readiness.reason, "1 of 2 replicas available, and its progress deadline is over");
        assert_eq!(judge(&rollout(2, ("True", "NewReplicaSetAvailable"), NOW), 900 * SECOND), Judgement::Ready);
    }

    /// A server whose clock is years ahead, years behind, or jumps, is waited for exactly as long.
    #[test]
    fn what_a_server_takes_for_the_time_moves_no_deadline() {
        let begun = Instant::now();
        let mut deadline = Deadline::from(begun);
        let times = ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "no time at all"];
        let mut said = std::collections::BTreeSet::new();
        for (minute, time) in (0_u32..5).zip(times.iter().cycle()) {
            let now = begun + minute * 60 * SECOND;
            let live = rollout(1, GOES_ON, time);
            let Judgement::Waits(readiness) = judge(&live, deadline.waited(now)) else { panic!("{live}") };
            said.insert(readiness.reason);
            deadline.saw(readiness::progress(&live), now);
            assert!(!deadline.is_over(patience(), now), "after {minute} minutes");
        }
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(deadline.is_over(patience(), begun + patience().idle));
    }

    #[test]
    fn a_controller_that_says_nothing_has_its_time_and_no_longer_than_the_patience() {
        let object = ObjectRef::namespaced("a.io", "Widget", "n", "w");
        let live = json!({"apiVersion": "a.io/v1", "kind": "Widget", "metadata": {"name": "w", "generation": 1}});
        let silent = SilentKinds::default();
        let waited = Watched { object: &object, action: Action::Create, silent: &silent, patience: patience() };
        let almost = readiness::GRACE.saturating_sub(SECOND);
        assert!(matches!(waited.judge(&live, almost), Judgement::Waits(_)));
        let hurried = Watched { patience: Patience { idle: SECOND, ..patience() }, ..waited };
        assert_eq!(hurried.judge(&live, SECOND), Judgement::Silent { news: true });
        // Another of its kind is not waited for.
        assert_eq!(waited.judge(&live, Duration::ZERO), Judgement::Silent { news: false });
    }
}
