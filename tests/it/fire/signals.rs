//! Ctrl-C, twice Ctrl-C, SIGTERM and SIGHUP at any request of apply, update and destroy: the run says which signal ended
//! it, gives the lock back, and the next run goes on.
//!
//! A number is a moment and a signal; a few of the day in CI, `LANGOP_SIGNAL_RUNS` for others.

use std::sync::Mutex;
use std::time::Duration;

use super::blow::Blow;
use super::life::{Clean, Place, Story};
use super::runs::Runs;
use super::world;
use crate::bench::Said;

const STORY: Story = Story {
    first: r#"
stack = "NAME"

[clusters.NAME]
"#,
    second: r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 2 }

[models.one]
provider = "openai-compatible"
modelName = "one"
endpoint = "http://one.models.svc:8080"
"#,
};

/// What is sent, and the exit code that says so.
const SIGNALS: [(&[&str], i32); 5] =
    [(&["-INT"], 130), (&["-INT", "-INT"], 130), (&["-TERM"], 143), (&["-TERM", "-INT"], 143), (&["-HUP"], 129)];

#[test]
fn interrupted_at_any_request_it_says_so_gives_the_lock_back_and_the_next_run_goes_on() {
    let mut places = Place::some("signal", 5);
    let clean = Clean::live(&places[0], STORY);
    let runs = Runs::new("LANGOP_SIGNAL_RUNS", 10, Duration::from_secs(25));
    let struck = Mutex::new(0);
    runs.each("interrupted_at_any_request", &mut places, |place, number| {
        let (signals, code) = SIGNALS[usize::try_from(number % SIGNALS.len() as u64).unwrap()];
        let moment = number.wrapping_mul(7919);
        let judge = |place: &Place, said: &Said| judge(place, said, code);
        *struck.lock().unwrap() += clean.relive(place, moment, &Blow::Signals(signals.into()), judge)?;
        Ok(())
    });
    assert!(struck.into_inner().unwrap() > 0);
}

/// What is wrong with how an interrupted run ended.
fn judge(place: &Place, said: &Said, code: i32) -> Option<String> {
    let wrote = || place.recorder.take().iter().any(crate::proxy::Seen::writes);
    match said.code {
        // Nobody listens before the first question.
        None if wrote() => Some("the signal killed it while it wrote".to_owned()),
        // It had nothing left to do.
        Some(ended) if ![0, code].contains(&ended) => Some(format!("it ended with {ended} instead of {code}")),
        _ if world::is_locked(&place.recorder, &place.bench.name) => Some("it kept the lock".to_owned()),
        _ => None,
    }
}
