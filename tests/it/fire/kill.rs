//! SIGKILL before and after every request of apply, update and destroy.
//!
//! In CI as many moments of the quickstart as its time has, and a few of a large stack, others each day;
//! `LANGOP_KILL_RUNS=0..N` for all of them, where the first line of output tells N.

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

/// Two clusters with all that they can have, and a change that takes one of them away.
const LARGE: Story = Story {
    first: r#"
stack = "NAME"

[clusters.NAME]
domain = "agents.example.com"
capacity = { maxAgents = 20, maxModels = 10, maxCPU = "16", maxMemory = "32Gi" }
ingress = { enabled = true, className = "nginx", controllerNamespace = "ingress-nginx" }
gateway.deployment = { replicas = 2 }

[clusters.NAME-more]

[models.one]
clusters = ["NAME", "NAME-more"]
provider = "openai-compatible"
modelName = "one"
endpoint = "http://one.models.svc:8080"

[models.two]
clusters = ["NAME", "NAME-more"]
provider = "openai-compatible"
modelName = "two"
endpoint = "http://two.models.svc:8080"
"#,
    second: r#"
stack = "NAME"

[clusters.NAME]
domain = "agents.example.com"
capacity = { maxAgents = 30, maxModels = 10, maxCPU = "16", maxMemory = "32Gi" }
ingress = { enabled = true, className = "nginx", controllerNamespace = "ingress-nginx" }
gateway.deployment = { replicas = 3 }

[models.one]
provider = "openai-compatible"
modelName = "other"
endpoint = "http://one.models.svc:8080"
"#,
};

#[test]
fn killed_before_or_after_any_request_the_next_run_converges() {
    lives("killed_before_or_after_any_request", "kill", QUICKSTART, (12, Duration::from_secs(40)));
}

#[test]
fn a_large_stack_killed_at_some_of_its_requests_converges() {
    lives("a_large_stack_killed_at_some", "large", LARGE, (3, Duration::from_secs(5)));
}

/// Lives of a story, each with a kill in each of its commands.
fn lives(test: &str, name: &str, story: Story, (count, budget): (u64, Duration)) {
    let mut places = Place::some(name, usize::try_from(count.min(6)).unwrap());
    let clean = Clean::live(&places[0], story);
    println!("{test}: {:?}, {} moments at the most", clean.requests(), clean.moments());
    assert_eq!(clean.live_shortly(&places[0]), None);
    let runs = Runs::new("LANGOP_KILL_RUNS", count, budget);
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
