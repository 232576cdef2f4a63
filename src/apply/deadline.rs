//! When a wait is over: by how long it lasts, and by how long nothing new was seen. Knows no clock: who asks says what time
//! it is on one that only goes forward. Nor does it know a time that a server wrote: two clocks need not agree.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

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

impl Patience {
    /// Longer by the time that the object says that its work may take: it moves for all of it.
    pub(super) fn with(self, work: Option<Duration>) -> Self {
        let Some(work) = work else { return self };
        let idle = self.idle.saturating_add(work);
        Self { idle, total: self.total.max(idle), ..self }
    }
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

/// The deadline of one wait, which moves with what is waited for.
#[derive(Debug)]
pub(super) struct Deadline {
    begun: Instant,
    moved: Instant,
    /// A crash loop moves in circles: only what was not seen before is progress.
    seen: BTreeSet<u64>,
}

impl Deadline {
    /// Of a wait that begins now.
    pub(super) fn from(now: Instant) -> Self {
        Self { begun: now, moved: now, seen: BTreeSet::new() }
    }

    /// Moves on if this was never seen before; `token` stands for how far the object has got.
    pub(super) fn saw(&mut self, token: u64, now: Instant) {
        if self.seen.insert(token) {
            self.moved = now;
        }
    }

    /// How long it has been waited for.
    pub(super) fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.begun)
    }

    /// Whether it is waited for no longer.
    pub(super) fn is_over(&self, patience: Patience, now: Instant) -> bool {
        now.saturating_duration_since(self.moved) >= patience.idle || self.waited(now) >= patience.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn patience() -> Patience {
        Patience { idle: 5 * MINUTE, total: 30 * MINUTE, waits_for: WaitFor::Everything }
    }

    /// Waits from one moment on; a token a minute. The minute in which it is over.
    fn over_at(tokens: impl Fn(u32) -> u64) -> u32 {
        let begun = Instant::now();
        let mut deadline = Deadline::from(begun);
        let is_over = |minute: &u32| {
            let now = begun + *minute * MINUTE;
            deadline.saw(tokens(*minute), now);
            deadline.is_over(patience(), now)
        };
        (0..100).find(is_over).unwrap()
    }

    #[test]
    fn what_does_not_move_is_waited_for_as_long_as_the_idle_patience() {
        assert_eq!(over_at(|_| 7), 5);
    }

    #[test]
    fn each_progress_begins_the_idle_patience_anew() {
        assert_eq!(over_at(|minute| u64::from(minute.min(12) / 4)), 17);
    }

    #[test]
    fn what_goes_in_circles_does_not_move() {
        assert_eq!(over_at(|minute| u64::from(minute % 3)), 7);
    }

    #[test]
    fn what_moves_all_the_time_is_waited_for_as_long_as_the_whole_patience() {
        assert_eq!(over_at(u64::from), 30);
    }

    #[test]
    fn no_patience_is_one_look() {
        let begun = Instant::now();
        let mut deadline = Deadline::from(begun);
        deadline.saw(1, begun);
        assert!(deadline.is_over(Patience { idle: Duration::ZERO, ..patience() }, begun));
    }

    #[test]
    fn what_is_at_work_is_waited_for_longer_by_as_much_as_it_may_work() {
        let minutes = Duration::from_mins;
        let patience = Patience { idle: minutes(5), total: minutes(30), waits_for: WaitFor::Everything };
        let bounds = |work: Option<Duration>| (patience.with(work).idle, patience.with(work).total);
        assert_eq!(bounds(None), (minutes(5), minutes(30)));
        assert_eq!(bounds(Some(minutes(1))), (minutes(6), minutes(30)));
        assert_eq!(bounds(Some(minutes(120))), (minutes(125), minutes(125)), "past the longest wait of others");
        assert_eq!(bounds(Some(Duration::MAX)), (Duration::MAX, Duration::MAX));
    }
}
