//! What a run is doing: the objects that are worked on or waited for, and how far the whole is. Knows nothing of terminals.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::apply::Event;
use crate::object::ObjectRef;
use crate::readiness::State;

/// An object that is being written, waited for or deleted.
pub(super) struct Wait {
    pub(super) since: Instant,
    pub(super) reason: String,
}

/// The objects in flight, and how many have ended.
pub(super) struct InFlight {
    pub(super) begun: Instant,
    pub(super) total: usize,
    pub(super) done: usize,
    objects: BTreeMap<ObjectRef, Wait>,
    /// What one of them logged last.
    tail: Option<(ObjectRef, Vec<String>)>,
}

impl InFlight {
    /// A run of so many changes.
    pub(super) fn new(total: usize) -> Self {
        Self { begun: Instant::now(), total, done: 0, objects: BTreeMap::new(), tail: None }
    }

    pub(super) fn handle_event(&mut self, event: &Event) {
        match event {
            Event::Started { object, .. } => self.waits(object, "…"),
            Event::Waiting { object, readiness, .. } if readiness.state != State::Current => {
                self.waits(object, &readiness.reason);
            }
            Event::Finished { object, .. } => {
                self.objects.remove(object);
                self.done = (self.done + 1).min(self.total);
            }
            _ => {}
        }
    }

    /// What an object logged last, in the place of what was known before.
    pub(super) fn logs(&mut self, object: ObjectRef, lines: Vec<String>) {
        self.tail = Some((object, lines));
    }

    /// What an object logged last, as far as it is known.
    pub(super) fn tail_of(&self, object: &ObjectRef) -> &[String] {
        self.tail.as_ref().filter(|(of, _)| of == object).map_or(&[], |(_, lines)| lines)
    }

    /// Those that have taken longest first.
    pub(super) fn oldest_first(&self) -> Vec<(&ObjectRef, &Wait)> {
        let mut objects: Vec<_> = self.objects.iter().collect();
        objects.sort_by_key(|(_, wait)| wait.since);
        objects
    }

    fn waits(&mut self, object: &ObjectRef, reason: &str) {
        let new = || Wait { since: Instant::now(), reason: String::new() };
        reason.clone_into(&mut self.objects.entry(object.clone()).or_insert_with(new).reason);
    }
}
