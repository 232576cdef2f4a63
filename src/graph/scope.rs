//! What any object waits for, whatever its kind: its namespace, its definition, its owners, and the
//! objects that its deferred values are computed from.

use super::dependency::Wait;
use super::field::path_of_pointer;
use super::found::Found;
use crate::object::ObjectRef;

/// Namespace, CRD, owners, deferred values.
pub(super) fn references(found: &mut Found<'_>) {
    let manifest = found.manifest;
    if let Some(namespace) = &manifest.reference.namespace {
        let on = ObjectRef::of_namespace(namespace);
        found.wait_for(on, Wait::Exists, "metadata.namespace".to_owned());
    }
    if let Some(crd) = found.index.definition(&manifest.reference.group_kind()) {
        let on = crd.reference.clone();
        found.wait_for(on, Wait::Established, "kind".to_owned());
    }
    for owner in &manifest.owners {
        let why = "metadata.ownerReferences".to_owned();
        found.wait_for(owner.object.clone(), Wait::Exists, why);
    }
    for deferred in &manifest.deferred {
        for named in deferred.value.objects() {
            let why = path_of_pointer(&deferred.pointer);
            found.wait_for(named.clone(), Wait::Exists, why);
        }
    }
}
