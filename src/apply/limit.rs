//! How many objects may be in flight at once: fewer when the server says that it is too many, more while it answers:
//! quickly until it said so for the first time, slowly from then on. Knows no clock and no server.

/// A bound that adapts: halved by throttling; raised by one with each success before the first of that, and after as many
/// successes as it counts since. That is slow start and congestion avoidance (RFC 5681).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    current: usize,
    maximum: usize,
    successes: usize,
    was_throttled: bool,
}

impl Limit {
    /// Starts at `start`, never exceeds `maximum`; neither is below one.
    #[must_use]
    pub(crate) fn new(start: usize, maximum: usize) -> Self {
        let maximum = maximum.max(1);
        Self { current: start.clamp(1, maximum), maximum, successes: 0, was_throttled: false }
    }

    /// How many may be in flight now.
    #[must_use]
    pub(crate) fn current(&self) -> usize {
        self.current
    }

    /// The server answered 429.
    pub(crate) fn throttled(&mut self) {
        self.current = (self.current / 2).max(1);
        self.successes = 0;
        self.was_throttled = true;
    }

    /// The server answered in good order.
    pub(crate) fn succeeded(&mut self) {
        self.successes += 1;
        let enough = if self.was_throttled { self.current } else { 1 };
        if self.successes >= enough && self.current < self.maximum {
            self.current += 1;
            self.successes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_at_once_and_grows_by_one_a_round() {
        let mut limit = Limit::new(8, 10);
        limit.throttled();
        assert_eq!(limit.current(), 4);
        for _ in 0..3 {
            limit.succeeded();
        }
        assert_eq!(limit.current(), 4);
        limit.succeeded();
        assert_eq!(limit.current(), 5);
        for _ in 0..100 {
            limit.succeeded();
        }
        assert_eq!(limit.current(), 10);
        for _ in 0..10 {
            limit.throttled();
        }
        assert_eq!(limit.current(), 1);
    }

    #[test]
    fn it_doubles_a_round_until_the_server_says_that_it_is_too_many() {
        let mut limit = Limit::new(8, 32);
        for _ in 0..8 {
            limit.succeeded();
        }
        assert_eq!(limit.current(), 16);
        limit.throttled();
        for _ in 0..8 {
            limit.succeeded();
        }
        assert_eq!(limit.current(), 9);
    }

    #[test]
    fn it_is_never_below_one() {
        assert_eq!(Limit::new(0, 0).current(), 1);
        assert_eq!(Limit::new(9, 4).current(), 4);
    }
}
