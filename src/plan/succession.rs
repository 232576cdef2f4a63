//! Which object comes in the place of which: where the name of an object ends in the digest of its content, other content
//! is another object, and the plan a creation and a deletion. People want to see one change. Pure; changes no decision.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::inputs::Owned;
use super::{Action, Change, Observed, Plan};
use crate::diff::Diff;
use crate::object::field::text_map;
use crate::object::{Meta, ObjectRef, labels};

/// An object that comes in the place of another of its kind and namespace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub(crate) struct Succession {
    /// The object that goes, once what uses it has changed over.
    pub old: ObjectRef,
    /// The object in its place.
    pub new: ObjectRef,
    /// What differs in their content, metadata aside.
    pub diff: Diff,
}

impl Succession {
    /// With the content of the old object, as it is on the server.
    pub(crate) fn new((old, new): (ObjectRef, &Change), content: &Value) -> Self {
        let diff = Diff::between(&without_metadata(content), &without_metadata(&new.desired));
        Self { old, new: new.object.clone(), diff }
    }
}

/// Pairs of an object that the plan deletes and the wanted object in its place. Of several that go, the one that was
/// used last is meant, as far as the record knows.
#[must_use]
pub(crate) fn successors<'a>(
    plan: &'a Plan,
    observed: &BTreeMap<ObjectRef, Observed>,
    owned: &BTreeMap<ObjectRef, Owned>,
) -> Vec<(ObjectRef, &'a Change)> {
    if plan.with_action(Action::Delete).next().is_none() {
        return Vec::new();
    }
    let used: BTreeSet<_> = owned.values().flat_map(|owned| &owned.depends_on).map(|need| &need.on).collect();
    let mut going: BTreeMap<_, Vec<&ObjectRef>> = BTreeMap::new();
    for change in plan.with_action(Action::Delete) {
        if let Some(meta) = observed.get(&change.object).and_then(Observed::meta) {
            going.entry(place(&change.object, live_version_of(meta))).or_default().push(&change.object);
        }
    }
    let wanted = plan.changes.iter().filter_map(|change| Some((change, version_of(change)?)));
    let pair = |(change, version_of): (&'a Change, String)| {
        let olds = going.get(&place(&change.object, &version_of))?;
        let old = olds.iter().max_by_key(|old| used.contains(*old))?;
        Some(((*old).clone(), change))
    };
    wanted.filter_map(pair).collect()
}

/// Where objects succeed each other: kind, namespace, and what they are versions of.
fn place<'a>(object: &'a ObjectRef, version_of: &'a str) -> (&'a str, &'a str, Option<&'a str>, &'a str) {
    (&object.group, &object.kind, object.namespace.as_deref(), version_of)
}

/// What a wanted object is a version of, if it is one.
fn version_of(change: &Change) -> Option<String> {
    text_map(&change.desired, "/metadata/labels").remove(labels::VERSION_OF)
}

/// What a live object is a version of. One without the label may be from before there were versions.
fn live_version_of(meta: &Meta) -> &str {
    meta.labels.get(labels::VERSION_OF).map_or(&*meta.reference.name, String::as_str)
}

fn without_metadata(object: &Value) -> Value {
    let mut content = object.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("metadata");
    }
    content
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::object::{Address, Lifecycle, Manifest, Source};
    use crate::plan::{Confidence, Dependency, Desired, Inputs, PlanOptions, Preview, Wait, compute};
    use crate::readiness::Standing;

    fn map(name: &str, version_of: Option<&str>, value: &str) -> Value {
        let mut map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": value},
            "metadata": {"name": name, "namespace": "n", "uid": name, "labels": {
                "app.kubernetes.io/managed-by": "langop", "langop.io/stack": "s"},
                "managedFields": [{"manager": "langop", "operation": "Apply"}]}});
        if let Some(version_of) = version_of {
            map["metadata"]["labels"][labels::VERSION_OF] = json!(version_of);
        }
        map
    }

    /// The pairs when `new` is wanted, and each of `old` is recorded and live; `used` is what the record's workload used.
    fn pairs(new: &Value, olds: &[Value], used: &str) -> Vec<(String, String)> {
        let reference = |object: &Value| Manifest::new(object.clone(), None, None).unwrap().reference;
        let object = reference(new);
        let wanted = Desired {
            address: Address::object(&object),
            source: None::<Source>,
            object: new.clone().into(),
            digest: String::new(),
            lifecycle: Lifecycle::Managed,
            replaceable: false,
            depends_on: Vec::new(),
            places: BTreeMap::new(),
        };
        let next = Preview::Becomes { object: new.clone(), confidence: Confidence::Server, takes: Vec::new() };
        let mut observed = BTreeMap::from([(object.clone(), Observed::Absent(next))]);
        let mut owned = BTreeMap::new();
        for old in olds {
            let meta = Meta::from_object("", "ConfigMap", old).unwrap();
            let depends_on = vec![Dependency {
                on: ObjectRef::namespaced("", "ConfigMap", "n", used),
                wait: Wait::Exists,
                why: String::new(),
            }];
            let entry = Owned {
                uid: Some(meta.uid.clone()),
                digest: String::new(),
                address: Address::object(&meta.reference),
                depends_on,
                lifecycle: Lifecycle::Managed,
                adopted: false,
                standing: Standing::Ready,
            };
            owned.insert(meta.reference.clone(), entry);
            observed.insert(meta.reference.clone(), Observed::Undesired(Arc::new(meta)));
        }
        let desired = BTreeMap::from([(object, wanted)]);
        let options = PlanOptions::default();
        let inputs = Inputs { stack: "s", desired: &desired, observed: &observed, owned: &owned, options: &options };
        let plan = compute(&inputs);
        let found = successors(&plan, &observed, &owned);
        found.into_iter().map(|(old, new)| (old.name.into(), new.object.name.to_string())).collect()
    }

    #[test]
    fn a_version_succeeds_the_one_that_goes_or_the_object_from_before_versions() {
        let new = map("c-2", Some("c"), "new");
        let pair = |old: &str| vec![(old.to_owned(), "c-2".to_owned())];
        assert_eq!(pairs(&new, &[map("c-1", Some("c"), "old")], ""), pair("c-1"));
        assert_eq!(pairs(&new, &[map("c", None, "old")], ""), pair("c"));
        assert_eq!(pairs(&new, &[map("other-1", Some("other"), "old"), map("c-3", None, "old")], ""), []);
        assert_eq!(pairs(&map("c-2", None, "new"), &[map("c-1", Some("c"), "old")], ""), [], "no version of anything");
    }

    #[test]
    fn of_several_that_go_the_one_that_was_used_is_succeeded() {
        let olds = ["c-1", "c-3", "c-4"].map(|name| map(name, Some("c"), "old"));
        let found = pairs(&map("c-2", Some("c"), "new"), &olds, "c-3");
        assert_eq!(found, [("c-3".to_owned(), "c-2".to_owned())]);
    }

    #[test]
    fn a_succession_shows_what_differs_in_content() {
        let mut diff = Diff::between(&json!({"data": {"k": "old"}}), &json!({"data": {"k": "new"}}));
        let (old, new) = (map("c-1", Some("c"), "old"), map("c-2", Some("c"), "new"));
        assert_eq!(Diff::between(&without_metadata(&old), &without_metadata(&new)), std::mem::take(&mut diff));
    }
}
