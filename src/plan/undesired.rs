//! The decision table of what this stack owns and nobody desires any more. Where the desired object is decided is
//! [`super::decide`].
//!
//! | live | uid | action |
//! |---|---|---|
//! | yes | the recorded one | Delete, or Forget when it was adopted, is to be retained, or the description says so |
//! | yes | another | Forget, with a warning |
//! | yes, and a controller of others keeps it | | Forget, with a warning |
//! | no | | Forget |

use super::decide::{FORBIDDEN, Verdict};
use super::inputs::{Owned, PlanOptions};
use super::observed::Observed;
use super::refusal::Refusal;
use super::retained::is_retained;
use super::{Action, Confidence, Reason, protection};
use crate::object::{Lifecycle, ObjectRef};

/// Decides for an object that is owned and no longer desired. The second value is a warning. `is_ours` tells by a uid
/// whether the stack owns what has it.
pub(super) fn decide(
    object: &ObjectRef,
    owned: &Owned,
    observed: &Observed,
    options: &PlanOptions,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(Verdict, Option<String>), Refusal> {
    let gone = if options.destroy { Reason::Destroyed } else { Reason::Removed };
    let forget = |reason| Verdict::new(Action::Forget, reason, Confidence::Server);
    match observed {
        Observed::Absent(_) | Observed::Gone => Ok((forget(Reason::Gone), None)),
        Observed::Hidden { message, hint, .. } => Err(Refusal::with(FORBIDDEN, message, hint.as_deref())),
        Observed::Unreadable { message, hint } => Err(Refusal::with("unreadable", message, hint.as_deref())),
        Observed::Unchanged(meta) | Observed::Undesired(meta) | Observed::Live { meta, .. } => {
            if owned.uid.as_deref().is_some_and(|uid| uid != meta.uid) {
                return Ok((
                    forget(Reason::Recreated),
                    Some("someone else made it again; it is left alone".to_owned()),
                ));
            }
            if options.forget.iter().any(|forget| forget.has(&owned.address, object)) {
                return Ok((forget(Reason::Forgotten), None));
            }
            if owned.adopted && !options.include_adopted.has(&owned.address, object) {
                return Ok((forget(Reason::Adopted), None));
            }
            if is_kept(owned, options) {
                return Ok((forget(Reason::Kept), None));
            }
            if !meta.managed_by_langop() {
                let warning = "langop manages no field of it any more; it is left alone".to_owned();
                return Ok((forget(Reason::Kept), Some(warning)));
            }
            if let Some(keeper) = meta.owners.iter().find(|owner| owner.controller && !is_ours(&owner.uid)) {
                let warning = format!("{}/{} keeps it, which is of others; it is left alone", keeper.kind, keeper.name);
                return Ok((forget(Reason::Kept), Some(warning)));
            }
            if let Some(refusal) = protection::refusal(object, &owned.address, meta, options) {
                return Err(refusal);
            }
            if is_retained(meta) {
                return Ok((forget(Reason::Kept), None));
            }
            Ok((Verdict::new(Action::Delete, gone, Confidence::Server), None))
        }
    }
}

/// Whether an object outlives its stack though the stack may have made it.
fn is_kept(owned: &Owned, options: &PlanOptions) -> bool {
    match owned.lifecycle {
        Lifecycle::Kept => !owned.adopted,
        Lifecycle::Shared => !options.crds,
        Lifecycle::Managed | Lifecycle::CreateOnce | Lifecycle::Derived => false,
    }
}
