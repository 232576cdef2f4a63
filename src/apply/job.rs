//! One change and what is needed to carry it out.

use std::collections::BTreeMap;

use crate::object::{Manifest, ObjectRef, SecretValue};
use crate::plan::Change;
use crate::readiness::Standing;

/// One change and what is needed to carry it out.
#[derive(Debug)]
pub(crate) struct Job {
    /// The change.
    pub change: Change,
    /// The desired object; none for `Delete` and `Forget`.
    pub manifest: Option<Manifest>,
    /// Values of the Secret, if it is one.
    pub secret: BTreeMap<String, SecretValue>,
    /// How far the object had come when the last run ended.
    pub standing: Standing,
    /// The resourceVersion in the record: where it is ready, the one at which it was last seen so.
    pub recorded_version: Option<String>,
}

impl Job {
    /// Whether nothing of the object moved since it was seen ready: not its spec, and not its status.
    pub(super) fn is_as_seen_ready(&self) -> bool {
        let live = &self.change.precondition.resource_version;
        moves_by_itself(&self.change.object)
            && self.standing == Standing::Ready
            && live.is_some()
            && *live == self.recorded_version
    }
}

/// Whether the object runs, and has a generation, so that its record needs no resourceVersion to tell whether somebody
/// wrote it: it holds the one at which it was last seen ready.
pub(super) fn moves_by_itself(object: &ObjectRef) -> bool {
    object.group == "apps" || object.is("batch", "Job")
}
