//! Disturbs answers at random, the same for the same seed: what happens to a request is told by the seed, by what it asks
//! for and by how often it was sent, not by what else is under way.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use super::{Counted, Fault, Seen};

/// Everything that is done to an answer.
const FAULTS: [Fault; 22] = [
    Fault::Slow(Duration::from_millis(300)),
    Fault::Reset,
    Fault::Lost,
    Fault::Lost,
    Fault::Truncated,
    Fault::Empty,
    Fault::Nonsense,
    Fault::Page(200),
    Fault::Page(404),
    Fault::Page(502),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(408),
    Fault::Status(409),
    Fault::Status(410),
    Fault::Status(500),
    Fault::Status(502),
    Fault::Status(503),
    Fault::Status(504),
    Fault::Status(429),
    Fault::Throttled(1),
    Fault::Until(1),
];
/// How many answers a storm disturbs before it has blown itself out.
const MOST: usize = 12;

/// Faults of one seed.
pub struct Storm {
    seed: u64,
    /// One answer in so many.
    one_in: u64,
    /// Those that write alone: of many disturbed reads one ends the run before it writes anything.
    counted: Counted,
    /// The name of the stack, which differs from run to run.
    name: String,
    sent: BTreeMap<String, u64>,
    /// What was done to which request.
    pub log: Vec<(Fault, String)>,
}

impl Storm {
    pub fn new(seed: u64, name: &str) -> Self {
        let (one_in, counted) =
            if seed.is_multiple_of(2) { (5 + seed % 31, Counted::All) } else { (2 + seed % 3, Counted::Writes) };
        Self { seed, one_in, counted, name: name.to_owned(), sent: BTreeMap::new(), log: Vec::new() }
    }

    /// What is done to the answer of this request.
    pub(super) fn next(&mut self, seen: &Seen) -> Option<Fault> {
        let request = format!("{} {}", seen.method, seen.uri).replace(&self.name, "NAME");
        let times = self.sent.entry(request.clone()).or_default();
        *times += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, &request, *times).hash(&mut hasher);
        let drawn = hasher.finish();
        if self.log.len() >= MOST || !self.counted.has(seen) || !drawn.is_multiple_of(self.one_in) {
            return None;
        }
        let fault = FAULTS[usize::try_from(drawn / self.one_in % FAULTS.len() as u64).unwrap()];
        self.log.push((fault, request));
        Some(fault)
    }
}
