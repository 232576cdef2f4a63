//! Objects that may not be deleted: the live object says so, whatever became of its description.

use super::inputs::PlanOptions;
use super::refusal::Refusal;
use crate::object::{Address, Meta, ObjectRef, labels};

/// Why the object may not be deleted; none when it may.
pub(super) fn refusal(object: &ObjectRef, address: &Address, meta: &Meta, options: &PlanOptions) -> Option<Refusal> {
    let protected = meta.annotations.get(labels::PROTECT).is_some_and(|value| value == "true");
    if !protected || options.delete_protected.has(address, object) {
        return None;
    }
    let message = format!("it is protected by the annotation `{}`", labels::PROTECT);
    let hint = format!(
        "`--delete-protected={}` deletes it all the same; so does taking `preventDestroy` out of its description, or the \
         annotation off the live object, first",
        Address::object(object)
    );
    Some(Refusal::new("protected", &message).hint(&hint))
}
