//! Whether this machine and the server agree on the time: leases, expiries of keys and saved plans, and certificates are
//! written on one and read on the other. Pure.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Topic};

/// What two clocks may differ: a server says whole seconds, and an answer takes its time.
const APART: SignedDuration = SignedDuration::from_secs(5);

pub(super) fn judge(server: Option<Timestamp>, here: Timestamp) -> Finding {
    let Some(server) = server else {
        let text = "the server does not say what time it is".to_owned();
        return Finding::doubtful(Topic::Clock, text, "compare the clocks by hand: NTP should run on both machines");
    };
    let apart = here.duration_since(server);
    if apart.abs() <= APART {
        return Finding::fit(Topic::Clock, "this machine and the server have the same time".to_owned());
    }
    let seconds = apart.abs().as_secs();
    let which = if apart.is_negative() { "behind" } else { "ahead of" };
    Finding::doubtful(
        Topic::Clock,
        format!("the clock of this machine is {seconds} s {which} the server's"),
        "let NTP run on both: saved plans, keys and locks expire by the clock",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fitness::Fitness;

    #[test]
    fn some_seconds_are_no_difference_and_a_minute_is_one() {
        let server: Timestamp = "2026-11-06T08:49:30Z".parse().unwrap();
        let seen = |seconds| judge(Some(server), server + SignedDuration::from_secs(seconds));
        assert_eq!(seen(4).fitness, Fitness::Fit);
        assert_eq!(seen(-5).fitness, Fitness::Fit);
        assert_eq!(seen(60).text, "the clock of this machine is 60 s ahead of the server's");
        assert_eq!(seen(-6).text, "the clock of this machine is 6 s behind the server's");
        assert_eq!(judge(None, server).fitness, Fitness::Doubtful);
    }
}
