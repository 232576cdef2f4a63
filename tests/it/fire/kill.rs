//! SIGKILL before and after every request of apply, update and destroy.
//!
//! In CI as many moments of the quickstart as a minute has, others each day; `LANGOP_KILL_RUNS=0..N` for all of them.

use std::sync::Mutex;
use std::time::Duration;

use super::blow::Blow;
use super::life::{Clean, Place, Story};
use super::runs::Runs;

/// The quickstart, and a change that reaches all of it.
const QUICKSTART: Story = Story {
    first: r#"
stack = "NAME"

[clusters.NAME]

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://ollama.ollama.svc:11434"
"#,
    second: r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3 }

[models.llama]
provider = "openai-compatible"
modelName = "llama3.3"
endpoint = "http://ollama.ollama.svc:11434"

[models.more]
provider = "openai-compatible"
modelName = "more"
endpoint = "http://more.models.svc:8080"
"#,
};

#[test]
fn killed_before_or_after_any_request_the_next_run_converges() {
    lives("killed_before_or_after_any_request", "kill", QUICKSTART, 12);
}

/// Lives of a story, each with a kill in each of its commands.
fn lives(test: &str, name: &str, story: Story, count: u64) {
    let mut places = Place::some(name, 6);
    let clean = Clean::live(&places[0], story);
    println!("{test}: {:?}, {} moments at the most", clean.requests(), clean.moments());
    assert_eq!(clean.live_shortly(&places[0]), None);
    let runs = Runs::new("LANGOP_KILL_RUNS", count, Duration::from_mins(1));
    let struck = Mutex::new(0);
    runs.each(test, &mut places, |place, number| {
        let killed = |_: &Place, said: &crate::bench::Said| said.code.map(|code| format!("it ended with {code}"));
        *struck.lock().unwrap() += clean.relive(place, scattered(number, clean.moments()), &Blow::Kill, killed)?;
        Ok(())
    });
    let struck = struck.into_inner().unwrap();
    println!("{test}: {struck} kills");
    assert!(struck > 0);
}

/// The same numbers in another order, so that the few of a day are from everywhere. The step and the number of moments have
/// no common divisor, or nearly none: the step is a prime.
fn scattered(number: u64, moments: usize) -> u64 {
    let moments = u64::try_from(moments.max(1)).unwrap();
    number.wrapping_mul(7919) % moments
}
