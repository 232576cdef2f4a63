//! One object as a plan leaves it, as far as quotas count it. Knows no plan: what is desired of the object, and why, is
//! nobody's business here.

use serde_json::Value;

use crate::object::ObjectRef;

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It stays as it is.
    Keep,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made again.
    Replace,
    /// It goes, after everything else is there.
    Delete,
}

impl Step {
    /// Whether the object is made or changed.
    #[must_use]
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Replace)
    }

    /// Whether the object is made, from nothing or again.
    #[must_use]
    pub(crate) fn makes(self) -> bool {
        matches!(self, Self::Create | Self::Replace)
    }
}

/// One desired object as the plan leaves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What happens to it.
    pub step: Step,
    /// What it will be.
    pub next: &'a Value,
    /// What it is; none when it is not there.
    pub live: Option<&'a Value>,
}
