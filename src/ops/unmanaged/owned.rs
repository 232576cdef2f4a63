//! What the garbage collector takes along with an object that is deleted: all whose owners all go. Pure.

use std::collections::BTreeMap;

use crate::object::Meta;

/// What becomes of an object.
#[derive(Clone, Copy)]
struct Gone<'a> {
    /// The deletion that it comes from.
    with: &'a str,
    /// Whether it is this stack's, or made from something that is.
    ours: bool,
}

/// Objects that go because of the deletions in `going` (uid → name), by the name of the deletion, without those that
/// are this stack's or that a controller made from something of this stack.
pub(super) fn taken_along<'a>(
    going: &'a BTreeMap<String, String>,
    is_ours: impl Fn(&Meta) -> bool,
    all: &'a [Meta],
) -> BTreeMap<&'a str, Vec<&'a Meta>> {
    let mut gone: BTreeMap<&str, Gone<'_>> =
        going.iter().map(|(uid, with)| (uid.as_str(), Gone { with, ours: true })).collect();
    loop {
        let before = gone.len();
        for meta in all {
            if let Some(fate) = fate(meta, &gone, &is_ours) {
                gone.insert(&meta.uid, fate);
            }
        }
        if gone.len() == before {
            break;
        }
    }
    let mut taken: BTreeMap<&str, Vec<&Meta>> = BTreeMap::new();
    for meta in all {
        if let Some(Gone { with, ours: false }) = gone.get(meta.uid.as_str()) {
            taken.entry(with).or_default().push(meta);
        }
    }
    taken
}

fn fate<'a>(meta: &Meta, gone: &BTreeMap<&str, Gone<'a>>, is_ours: impl Fn(&Meta) -> bool) -> Option<Gone<'a>> {
    if gone.contains_key(meta.uid.as_str()) {
        return None;
    }
    // An owner that stays keeps it.
    let owners: Option<Vec<_>> = meta.owners.iter().map(|owner| Some((owner, gone.get(owner.uid.as_str())?))).collect();
    let owners = owners?;
    let (_, first) = owners.first()?;
    let made_from_ours = owners.iter().any(|(owner, gone)| gone.ours && owner.controller);
    Some(Gone { with: first.with, ours: made_from_ours || is_ours(meta) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn meta(name: &str, owners: &Value) -> Meta {
        let object = json!({"metadata": {"name": name, "uid": name, "ownerReferences": owners}});
        Meta::from_object("", "ConfigMap", &object).unwrap()
    }

    #[test]
    fn what_others_hang_on_ours_is_theirs_and_what_controllers_make_is_not() {
        let by = |uid: &str, controller: bool| json!({"uid": uid, "kind": "X", "name": uid, "controller": controller});
        let all = [
            meta("replicas", &json!([by("deployment", true)])),
            meta("pod", &json!([by("replicas", true)])),
            meta("theirs", &json!([by("deployment", false)])),
            meta("below", &json!([by("theirs", true)])),
            meta("kept", &json!([by("deployment", false), by("another", false)])),
            meta("free", &json!([])),
        ];
        let going = BTreeMap::from([("deployment".to_owned(), "Deployment/n/x".to_owned())]);
        let taken = taken_along(&going, |_| false, &all);
        let names: Vec<_> = taken["Deployment/n/x"].iter().map(|meta| meta.reference.name.as_str()).collect();
        assert_eq!(names, ["theirs", "below"]);
        assert_eq!(taken.len(), 1);
    }
}
