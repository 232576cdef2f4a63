//! An object whose deletion was or is to be sent.

use crate::cluster::Resource;
use crate::object::ObjectRef;

/// What goes: this object, as long as it has this uid.
#[derive(Clone, Copy)]
pub(super) struct Going<'a> {
    pub(super) resource: &'a Resource,
    pub(super) object: &'a ObjectRef,
    pub(super) uid: &'a str,
}
