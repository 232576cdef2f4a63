//! Whether a description lets one end reach another, and by which rule of which line. Decides on what the
//! rules mean, not on the policies that they become, and on the policies that stand beside them; knows no server.
//!
//! A connection needs both ends: the sender's egress and the receiver's ingress. [`parse`] reads the words of
//! a user, [`explain`] answers.

mod answer;
mod ask;
mod block;
mod candidates;
mod closed_tools;
mod combined;
mod egress;
mod end;
mod ingress;
mod judgement;
mod models;
mod opened;
mod own;
mod parse;
mod peer;
mod policy;
mod port;
mod rules;
mod selector;
mod tools;
mod unreached;
mod way;
mod witness;
mod world;

pub use answer::{Answer, RuleRef, Side};
pub use closed_tools::{ClosedTool, closed_tools};
pub use end::{End, Pod, PodPort};
pub use opened::{Opened, opened};
pub use parse::{Ends, ReachError, parse};
pub use policy::UNKNOWN_KINDS;
pub use port::{Number, Port};
pub use unreached::{Unreached, unreached};
pub use world::World;

use ask::Ask;
use way::Way;

/// The rules of the cluster and of its own that say what an agent may connect to.
#[must_use]
pub fn egress_rules(world: &World<'_>, cluster: &str, agent: &str) -> Vec<RuleRef> {
    let pod = world.agent(cluster, agent);
    let rules = pod.iter().flat_map(|pod| rules::of_pod(world, pod, Way::Out));
    rules.map(|rule| rule.named(None, None)).collect()
}

/// Answers for every pair of ends: a group is each of its agents.
#[must_use]
pub fn explain(world: &World<'_>, ends: &Ends) -> Vec<Answer> {
    let pairs = ends.from.iter().flat_map(|from| ends.to.iter().map(move |to| (from, to)));
    pairs.map(|(from, to)| pair(world, from, to, &ends.ports)).collect()
}

/// Without a port, the answer is about every port that some rule, Service or agent names.
fn pair(world: &World<'_>, from: &End, to: &End, ports: &[Port]) -> Answer {
    if let [port] = ports {
        return one(world, Ask { from, to, port });
    }
    let (all, any) = candidates::ports(world, ports);
    let asked = all.iter().chain(&any).map(|port| one(world, Ask { from, to, port }));
    let answers: Vec<Answer> = asked.collect();
    let open = candidates::open(&answers, all.len());
    // What tells most: an open port, else one that may be, else one that only one end refuses.
    let best = answers.into_iter().enumerate().max_by_key(|(at, answer)| {
        let sides = usize::from(answer.egress.allowed) + usize::from(answer.ingress.allowed);
        (answer.allowed, answer.undecided, sides, usize::MAX - at)
    });
    let shown = best.map(|(_, answer)| answer);
    shown.map_or_else(|| Answer::nothing(from, to), |answer| Answer { port: None, open: Some(open), ..answer })
}

fn one(world: &World<'_>, ask: Ask<'_>) -> Answer {
    Answer::of(ask, combined::decide(world, ask, Way::Out), combined::decide(world, ask, Way::In))
}
