//! One change and what is needed to carry it out.

use std::collections::BTreeMap;

use crate::object::{Manifest, SecretValue};
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
}
