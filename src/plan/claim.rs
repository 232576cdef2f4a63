//! What of a claim of a workspace or a store cannot become as described. The API server refuses it too, in words of its own; said
//! here, it comes with the place in the description and what to do.

use serde_json::Value;

use super::inputs::{Desired, PlanOptions};
use super::observed::Observed;
use super::{Problem, Severity};
use crate::object::field::{names, text, text_map};
use crate::object::role::{Part, part};
use crate::object::{ObjectRef, Quantity};

const SIZE: &str = "/spec/resources/requests/storage";
const CLASS: &str = "/spec/storageClassName";
const MODES: &str = "/spec/accessModes";

/// The part of a claim that cannot change, and why.
struct Fault {
    part: &'static str,
    message: String,
}

/// What is wrong with a claim that is there; none when it can become as described, or is to be made again.
pub(super) fn refused(
    object: &ObjectRef,
    desired: &Desired,
    observed: &Observed,
    options: &PlanOptions,
) -> Option<Problem> {
    let Observed::Live { live, .. } = observed else { return None };
    let replaced = [&options.replace, &options.replace_unproven].map(|asked| asked.has(&desired.address, object));
    if !is_langops(object, &desired.object) || desired.replaceable || replaced.contains(&true) {
        return None;
    }
    let fault = fault(&desired.object, live)?;
    let hint = format!(
        "write what is there; `--replace={}` deletes the claim, and the data with it unless its volume is retained, \
         and makes it again",
        desired.address
    );
    let problem = Problem::new(Severity::Error, "immutable", fault.message);
    Some(problem.about(object, Some(desired.address.clone()), desired.place(fault.part)).with_hint(hint))
}

/// Whether an object is the claim of an agent or of a store. Of others nobody here knows whether their values are right.
fn is_langops(object: &ObjectRef, desired: &Value) -> bool {
    let labels = text_map(desired, "/metadata/labels");
    object.is("", "PersistentVolumeClaim") && matches!(part(&labels), Some(Part::Agent(_) | Part::Store))
}

fn fault(desired: &Value, live: &Value) -> Option<Fault> {
    let size = |object: &Value, pointer: &str| Quantity::from_json(object.pointer(pointer)?);
    // A growth that failed may be taken back, down to what the volume has.
    let has = size(live, "/status/capacity/storage").or_else(|| size(live, SIZE));
    if let (Some(has), Some(wanted)) = (has, size(desired, SIZE))
        && wanted < has
    {
        return Some(Fault {
            part: SIZE,
            message: format!("a volume cannot shrink: it has {has}, described is {wanted}"),
        });
    }
    let (was, is) = (text(live, CLASS), text(desired, CLASS));
    if is.is_some() && was != is {
        let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
        let message = format!("a volume stays in its storage class: it is of `{was}`, described is `{is}`");
        return Some(Fault { part: CLASS, message });
    }
    let (was, is) = (names(live, MODES), names(desired, MODES));
    (!is.is_empty() && was != is).then(|| {
        let message =
            format!("an access mode cannot change: it is `{}`, described is `{}`", was.join("`, `"), is.join("`, `"));
        Fault { part: MODES, message }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claim(size: &str, class: Option<&str>, mode: &str) -> Value {
        let mut claim = json!({"spec": {"accessModes": [mode], "resources": {"requests": {"storage": size}}}});
        if let Some(class) = class {
            claim["spec"]["storageClassName"] = json!(class);
        }
        claim
    }

    #[test]
    fn a_workspace_grows_and_changes_in_no_other_way() {
        let mut live = claim("10Gi", Some("standard"), "ReadWriteOnce");
        live["status"] = json!({"capacity": {"storage": "5Gi"}});
        let part = |desired: &Value| fault(desired, &live).map(|fault| (fault.part, fault.message));
        for fine in [
            claim("20Gi", None, "ReadWriteOnce"),
            claim("10240Mi", Some("standard"), "ReadWriteOnce"),
            // The growth to ten is taken back.
            claim("6Gi", None, "ReadWriteOnce"),
        ] {
            assert_eq!(part(&fine), None);
        }
        let shrunk = part(&claim("4Gi", None, "ReadWriteOnce")).unwrap();
        assert_eq!(shrunk, (SIZE, "a volume cannot shrink: it has 5Gi, described is 4Gi".to_owned()));
        assert_eq!(part(&claim("10Gi", Some("fast"), "ReadWriteOnce")).unwrap().0, CLASS);
        assert_eq!(part(&claim("10Gi", None, "ReadWriteMany")).unwrap().0, MODES);
    }
}
