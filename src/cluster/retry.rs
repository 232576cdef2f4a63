//! When a passing fault is tried again: pauses that grow and vary, what the server asks for, and for how long in all.
//! Knows neither requests nor their faults.

use std::time::{Duration, Instant};

use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The tries of one request.
pub(super) struct Tries {
    begun: Instant,
    /// For how long a passing fault is waited out.
    budget: Duration,
    pause: Duration,
}

/// A pause, and what is left of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) after: Duration,
    pub(super) left: Duration,
}

impl Tries {
    pub(super) fn new(budget: Duration) -> Self {
        Self { begun: Instant::now(), budget, pause: FIRST_PAUSE }
    }

    /// The pause before the next try, as long as the server asked for or longer; none when that is more than the budget
    /// has left.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Pause> {
        let left = self.budget.saturating_sub(self.begun.elapsed());
        let after = match asked {
            Some(asked) => asked + varied(FIRST_PAUSE),
            None => varied(self.pause),
        };
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        (after <= left).then_some(Pause { after, left })
    }
}

/// Between half of it and all of it: who was refused together does not come back together.
fn varied(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + rand::random::<f64>() / 2.0)
}

/// What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = date(text)?;
    // A date that has passed asks for nothing.
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// A date as headers have it (RFC 9110, section 5.6.7).
pub(super) fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_vary_and_end_with_the_budget() {
        let mut tries = Tries::new(Duration::from_mins(1));
        let pauses: Vec<_> = (0..8).map(|_| tries.next(None).unwrap()).collect();
        for (pause, most) in pauses.iter().zip([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]) {
            let most = Duration::from_millis(most);
            assert!(most / 2 <= pause.after && pause.after <= most, "{pauses:?}");
        }
        assert!(pauses[6].after != pauses[7].after, "{pauses:?}");
        assert!(Duration::from_secs(59) < pauses[0].left && pauses[0].left <= Duration::from_mins(1));
        assert_eq!(Tries::new(Duration::ZERO).next(None), None);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least_and_no_more_than_the_budget_is_waited() {
        let asked = Some(Duration::from_secs(3));
        let pause = Tries::new(Duration::from_secs(10)).next(asked).unwrap();
        assert!(Duration::from_secs(3) <= pause.after && pause.after < Duration::from_secs(4), "{pause:?}");
        assert_eq!(Tries::new(Duration::from_secs(3)).next(asked), None);
    }

    #[test]
    fn it_is_asked_for_in_seconds_and_by_date() {
        let now: Timestamp = "2026-11-06T08:49:30Z".parse().unwrap();
        let asked_by = |text: &str| {
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, text.parse().unwrap())]);
            asked(&headers, now)
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(asked_by("120"), seconds(120));
        assert_eq!(asked_by("Fri, 06 Nov 2026 08:49:37 GMT"), seconds(7));
        assert_eq!(asked_by("Fri, 06 Nov 2026 08:49:00 GMT"), seconds(0));
        assert_eq!(asked_by("soon"), None);
        assert_eq!(asked(&HeaderMap::new(), now), None);
    }
}
