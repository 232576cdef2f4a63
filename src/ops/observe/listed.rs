//! What is known of each object of a stack before any is read. Four answers, because "not in the list" is not "not
//! there", and "could not be listed" is neither.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::object::{Meta, ObjectRef};

/// What is known of one object.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) enum Look<'a> {
    /// It is there.
    There(&'a Meta),
    /// It was asked for by its name, and is not there.
    Absent,
    /// It is not in the list of what has the stack's label, and nobody asked for it by its name.
    Unseen,
    /// This identity may not look, or the server cannot say.
    Unknown,
}

/// What is known of the objects of a stack.
#[derive(Debug, Default)]
pub(in crate::ops) struct Listed {
    pub(super) there: BTreeMap<ObjectRef, Arc<Meta>>,
    pub(super) absent: BTreeSet<ObjectRef>,
    pub(super) unknown: BTreeSet<ObjectRef>,
}

impl Listed {
    /// What is known of an object.
    pub(in crate::ops) fn look(&self, object: &ObjectRef) -> Look<'_> {
        match self.there.get(object) {
            Some(meta) => Look::There(meta),
            None if self.absent.contains(object) => Look::Absent,
            None if self.unknown.contains(object) => Look::Unknown,
            None => Look::Unseen,
        }
    }

    /// Its metadata, where it is known to be there. None says nothing.
    pub(in crate::ops) fn meta(&self, object: &ObjectRef) -> Option<&Meta> {
        self.there.get(object).map(Arc::as_ref)
    }

    /// The same, for who keeps it.
    pub(super) fn shared(&self, object: &ObjectRef) -> Option<&Arc<Meta>> {
        self.there.get(object)
    }

    /// Takes over what a question for one object found; what this identity may not see is unknown.
    pub(super) fn learn(&mut self, object: ObjectRef, found: Option<Meta>) {
        match found {
            Some(meta) => drop(self.there.insert(object, Arc::new(meta))),
            None => drop(self.absent.insert(object)),
        }
    }

    /// Whether the object's namespace is known to be gone, and the object with it.
    pub(in crate::ops) fn is_without_namespace(&self, object: &ObjectRef) -> bool {
        object.namespace.as_deref().is_some_and(|name| self.absent.contains(&ObjectRef::of_namespace(name)))
    }
}
