//! Which object may be worked on now. A pure machine: told what happened, it says what is free. It must
//! not know what is done to an object, how long it takes, or how it is known to be ready.
//!
//! Each object is started at most once and ends exactly once: ready, failed or skipped. There are no
//! levels: what an object waits for is all that holds it back. Because a [`Graph`] has no cycles, an
//! object is always free, in flight, awaited or ended, unless something it needs is still one of these.

use std::collections::{BTreeMap, BTreeSet};

use super::Limit;
use crate::graph::{Graph, Wait};
use crate::object::ObjectRef;

/// The objects of a run and how far each has come.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// In the order in which they would run one after another.
    nodes: Vec<Node>,
    places: BTreeMap<ObjectRef, usize>,
    free: BTreeSet<usize>,
    in_flight: usize,
    ended: usize,
    limit: Limit,
    direction: Direction,
}

/// Which of two objects goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// What is needed.
    Forward,
    /// What needs it.
    Reversed,
}

/// An object that will not be started, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// The object.
    pub object: ObjectRef,
    /// The object whose failure this comes from; none when the run was interrupted.
    pub root: Option<ObjectRef>,
    /// The reason, a lower-case fragment.
    pub because: String,
}

#[derive(Clone, Debug)]
struct Node {
    object: ObjectRef,
    phase: Phase,
    /// How many of its needs are not met yet.
    unmet: usize,
    dependents: Vec<Dependent>,
}

#[derive(Clone, Debug)]
struct Dependent {
    place: usize,
    wait: Wait,
    why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    InFlight,
    /// Done on the server as far as this, and awaited further.
    Reached(Wait),
    Ready,
    Failed,
    Skipped,
}

impl Schedule {
    /// Everything after what it waits for.
    #[must_use]
    pub(crate) fn new(graph: &Graph, limit: Limit) -> Self {
        let order = graph.order().iter();
        let mut schedule = Self::in_order(order.cloned(), limit, Direction::Forward);
        for object in graph.order() {
            for need in graph.dependencies(object) {
                schedule.hold(object, &need.on, need.wait, &need.why);
            }
        }
        schedule.release_the_free();
        schedule
    }

    /// For deletions: everything after all that waited for it is gone. [`Schedule::applied`] then means
    /// that the deletion was accepted, [`Schedule::ready`] that the object is gone.
    #[must_use]
    pub(crate) fn reversed(graph: &Graph, limit: Limit) -> Self {
        let order = graph.order().iter().rev();
        let mut schedule = Self::in_order(order.cloned(), limit, Direction::Reversed);
        for object in graph.order() {
            for need in graph.dependencies(object) {
                schedule.hold(&need.on, object, Wait::Ready, &need.why);
            }
        }
        schedule.release_the_free();
        schedule
    }

    /// The next object to work on; it is in flight from now on. None when nothing is free, the limit is
    /// reached, or the run was interrupted.
    pub(crate) fn start_next(&mut self) -> Option<ObjectRef> {
        if self.in_flight >= self.limit.current() {
            return None;
        }
        let place = self.free.pop_first()?;
        self.in_flight += 1;
        let node = &mut self.nodes[place];
        node.phase = Phase::InFlight;
        Some(node.object.clone())
    }

    /// It is on the server: no longer in flight, but awaited until it is [`Schedule::ready`]. What needs it
    /// only to exist is free. Like all reports, without effect for an object that is not being worked on.
    pub(crate) fn applied(&mut self, object: &ObjectRef) {
        self.reach(object, Wait::Exists);
    }

    /// Its kind is served.
    pub(crate) fn established(&mut self, object: &ObjectRef) {
        self.reach(object, Wait::Established);
    }

    /// It has come to its end: what needs it is free.
    pub(crate) fn ready(&mut self, object: &ObjectRef) {
        self.reach(object, Wait::Ready);
    }

    /// It has come to a bad end. Returns what is skipped because of it, in order: everything that needs
    /// more of it than it had reached, and everything that needs what is skipped.
    pub(crate) fn failed(&mut self, object: &ObjectRef) -> Vec<Skip> {
        let Some((place, had)) = self.worked_on(object) else {
            return Vec::new();
        };
        if had.is_none() {
            self.in_flight -= 1;
        }
        self.finish(place, Phase::Failed);
        self.skip_dependents(place, had)
    }

    /// Nothing is started any more. Returns what is skipped by that, in order; what is in flight or awaited
    /// still has to end.
    pub(crate) fn interrupt(&mut self) -> Vec<Skip> {
        self.free.clear();
        let mut skips = Vec::new();
        for place in 0..self.nodes.len() {
            if self.nodes[place].phase == Phase::Waiting {
                self.finish(place, Phase::Skipped);
                skips.push(Skip {
                    object: self.nodes[place].object.clone(),
                    root: None,
                    because: "the run was interrupted before it was started".to_owned(),
                });
            }
        }
        skips
    }

    /// Whether every object has ended.
    #[must_use]
    pub(crate) fn is_finished(&self) -> bool {
        self.ended == self.nodes.len()
    }

    /// How many objects are being worked on.
    #[cfg(test)]
    fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// The server answered 429: half as many from now on.
    pub(crate) fn throttled(&mut self) {
        self.limit.throttled();
    }

    /// The server answered in good order.
    pub(crate) fn succeeded(&mut self) {
        self.limit.succeeded();
    }

    fn in_order(order: impl Iterator<Item = ObjectRef>, limit: Limit, direction: Direction) -> Self {
        let node = |object| Node { object, phase: Phase::Waiting, unmet: 0, dependents: Vec::new() };
        let nodes: Vec<Node> = order.map(node).collect();
        let places = nodes.iter().enumerate();
        Self {
            places: places.map(|(place, node)| (node.object.clone(), place)).collect(),
            nodes,
            free: BTreeSet::new(),
            in_flight: 0,
            ended: 0,
            limit,
            direction,
        }
    }

    fn hold(&mut self, object: &ObjectRef, on: &ObjectRef, wait: Wait, why: &str) {
        let (Some(&place), Some(&on)) = (self.places.get(object), self.places.get(on)) else {
            return;
        };
        self.nodes[place].unmet += 1;
        self.nodes[on].dependents.push(Dependent { place, wait, why: why.to_owned() });
    }

    fn release_the_free(&mut self) {
        let free = self.nodes.iter().enumerate().filter(|(_, node)| node.unmet == 0);
        self.free = free.map(|(place, _)| place).collect();
    }

    /// Where an object that is being worked on stands, and what it has reached.
    fn worked_on(&self, object: &ObjectRef) -> Option<(usize, Option<Wait>)> {
        let place = *self.places.get(object)?;
        match self.nodes[place].phase {
            Phase::InFlight => Some((place, None)),
            Phase::Reached(wait) => Some((place, Some(wait))),
            _ => None,
        }
    }

    fn reach(&mut self, object: &ObjectRef, wait: Wait) {
        let Some((place, had)) = self.worked_on(object) else {
            return;
        };
        if had.is_some_and(|had| had >= wait) {
            return;
        }
        if had.is_none() {
            self.in_flight -= 1;
        }
        if wait == Wait::Ready {
            self.finish(place, Phase::Ready);
        } else {
            self.nodes[place].phase = Phase::Reached(wait);
        }
        let is_met = |dependent: &&Dependent| dependent.wait <= wait && Some(dependent.wait) > had;
        let met = self.nodes[place].dependents.iter().filter(is_met);
        for place in met.map(|dependent| dependent.place).collect::<Vec<_>>() {
            self.meet(place);
        }
    }

    /// One need fewer.
    fn meet(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        node.unmet -= 1;
        if node.unmet == 0 && node.phase == Phase::Waiting {
            self.free.insert(place);
        }
    }

    fn finish(&mut self, place: usize, phase: Phase) {
        self.nodes[place].phase = phase;
        self.ended += 1;
    }

    fn skip_dependents(&mut self, failed: usize, had: Option<Wait>) -> Vec<Skip> {
        let root = self.nodes[failed].object.clone();
        let mut skips = BTreeMap::new();
        let mut spread = vec![(failed, had)];
        while let Some((place, had)) = spread.pop() {
            for dependent in self.nodes[place].dependents.clone() {
                let unmet = Some(dependent.wait) > had;
                if unmet && self.nodes[dependent.place].phase == Phase::Waiting {
                    self.finish(dependent.place, Phase::Skipped);
                    skips.insert(dependent.place, self.skip(&dependent, place, &root));
                    spread.push((dependent.place, None));
                }
            }
        }
        skips.into_values().collect()
    }

    fn skip(&self, skipped: &Dependent, by: usize, root: &ObjectRef) -> Skip {
        let relation = if self.direction == Direction::Reversed { "is needed by" } else { "needs" };
        let (by, why) = (&self.nodes[by].object, &skipped.why);
        let end = if by == root { "failed".to_owned() } else { format!("was skipped because `{root}` failed") };
        Skip {
            object: self.nodes[skipped.place].object.clone(),
            root: Some(root.clone()),
            because: format!("{relation} `{by}` ({why}), which {end}"),
        }
    }
}

#[cfg(test)]
mod tests;
