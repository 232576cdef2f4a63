//! Which numbers a test runs: a few of the day, or those that an environment variable names.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The numbers of a test, in their order.
pub(super) struct Runs {
    pub(super) numbers: Vec<u64>,
    variable: &'static str,
    /// No new number is begun after this; none where they were named.
    budget: Option<Duration>,
}

impl Runs {
    /// `count` numbers, which move with the day, unless the variable names them: `200` for so many, `17..40` for a range,
    /// `=17` for this one.
    pub(super) fn new(variable: &'static str, count: u64, budget: Duration) -> Self {
        let first = day().wrapping_mul(count);
        match std::env::var(variable) {
            Ok(text) => Self { numbers: named(&text, first).collect(), variable, budget: None },
            Err(_) => Self { numbers: (first..first + count).collect(), variable, budget: Some(budget) },
        }
    }

    /// Runs each number in one of the places, and fails with what was wrong. How many were run.
    pub(super) fn each<P: Send>(
        &self,
        test: &str,
        places: &mut [P],
        run: impl Fn(&mut P, u64) -> Result<(), String> + Sync,
    ) -> usize {
        let (next, ran, failures, begun) =
            (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()), Instant::now());
        std::thread::scope(|scope| {
            for place in places {
                let (run, next, ran, failures) = (&run, &next, &ran, &failures);
                scope.spawn(move || {
                    while self.budget.is_none_or(|budget| begun.elapsed() < budget) {
                        let Some(number) = self.numbers.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                        if let Err(wrong) = run(place, *number) {
                            let again = format!("{}=={number} cargo test --test it {test}", self.variable);
                            failures.lock().unwrap().push(format!("{again}\n{wrong}"));
                            return;
                        }
                        ran.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let (ran, failures) = (ran.into_inner(), failures.into_inner().unwrap());
        println!("{test}: {ran} of {} in {:?}", self.numbers.len(), begun.elapsed());
        assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n---\n"));
        ran
    }
}

fn named(text: &str, first: u64) -> Range<u64> {
    let number = |text: &str| text.trim().parse::<u64>().unwrap_or_else(|_| panic!("`{text}` is no number"));
    match (text.strip_prefix('='), text.split_once("..")) {
        (Some(one), _) => number(one)..number(one) + 1,
        (None, Some((from, to))) => number(from)..number(to),
        (None, None) => first..first + number(text),
    }
}

/// Days since 1970: what is left out today comes by on another day.
pub fn day() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 86_400
}

#[test]
fn numbers_are_named_one_by_one_as_a_range_or_as_a_count() {
    assert_eq!(named("=17", 5), 17..18);
    assert_eq!(named("17..40", 5), 17..40);
    assert_eq!(named("200", 5), 5..205);
}
