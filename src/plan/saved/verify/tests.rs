//! The table of [`super`], row by row, and what is refused with each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::diff::Diff;
use crate::object::{KNOWN_AFTER_APPLY, Lifecycle, Manifest, SecretSource, SharedValue};
use crate::plan::saved::{Asked, RecordVersion, Salt, SaveRequest, TargetId};
use crate::plan::{Dependency, Severity, Wait};

fn map() -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", "n", "map")
}

fn web() -> ObjectRef {
    ObjectRef::namespaced("apps", "Deployment", "n", "web")
}

fn key() -> ObjectRef {
    ObjectRef::namespaced("", "Secret", "n", "key")
}

fn object(object: &ObjectRef, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": object.kind, "metadata": {"name": object.name, "namespace": "n"},
        "data": {"value": value}})
}

/// A live object of this uid, last written at this version.
fn live(uid: &str, version: &str) -> Precondition {
    Precondition {
        uid: Some(uid.to_owned()),
        generation: None,
        resource_version: Some(version.to_owned()),
        fields: Some(format!("hash {version}")),
    }
}

fn change(reference: &ObjectRef, action: Action, (before, after): (&str, &str), precondition: Precondition) -> Change {
    let value = |text: &str| if text.is_empty() { Value::Null } else { object(reference, text) };
    Change {
        diff: Diff::between(&value(before), &value(after)),
        precondition,
        desired: if matches!(action, Action::Delete | Action::Forget) {
            SharedValue::default()
        } else {
            value(after).into()
        },
        ..Change::bare(reference.clone(), action, Reason::Changed)
    }
}

fn update(before: &str, precondition: Precondition) -> Change {
    change(&map(), Action::Update, (before, "new"), precondition)
}

fn after(mut change: Change, other: &ObjectRef) -> Change {
    change.depends_on.push(Dependency { on: other.clone(), wait: Wait::Exists, why: "spec".to_owned() });
    change
}

fn of(changes: Vec<Change>) -> Plan {
    Plan { stack: "mine".to_owned(), changes, ..Plan::default() }
}

/// A plan, saved and read again.
fn saved_with(plan: &Plan, values: &BTreeMap<ObjectRef, String>, asked: Asked) -> SavedPlan {
    let manifest = |change: &Change| {
        let mut manifest = Manifest::bare(change.object.clone(), "v1", change.desired.clone(), change.address.clone());
        if change.object == key() {
            manifest.secret.insert("token".to_owned(), SecretSource::Env("TOKEN".to_owned()));
        }
        if change.object.name == "once" {
            manifest.lifecycle = Lifecycle::CreateOnce;
        }
        manifest
    };
    let desired = plan.changes.iter().filter(|change| !change.desired.is_null());
    let request = SaveRequest {
        plan,
        manifests: &desired.map(manifest).collect::<Vec<_>>(),
        values: values.clone(),
        salt: Salt::new(),
        asked,
        target: TargetId {
            server: "url".to_owned(),
            context: None,
            cluster_id: Some("cluster".to_owned()),
            identity: None,
        },
        record: Some(RecordVersion { lineage: uuid::Uuid::nil(), serial: 3 }),
        made_at: Timestamp::UNIX_EPOCH,
    };
    SavedPlan::open(&request.saved().unwrap().sealed().unwrap()).unwrap()
}

fn saved(changes: Vec<Change>) -> SavedPlan {
    saved_with(&of(changes), &BTreeMap::new(), Asked::default())
}

fn verified(saved: &SavedPlan, fresh: &Plan) -> (Vec<Change>, Refused) {
    let nothing = BTreeMap::new();
    Verification { saved, fresh, values: &nothing, recorded: &nothing }.verify().unwrap()
}

/// Why the only object of a plan is refused; none when it is not.
fn verdict(then: Change, now: Change) -> Option<String> {
    let (_, refused) = verified(&saved(vec![then]), &of(vec![now]));
    refused.stale.first().map(|stale| stale.because.clone())
}

#[test]
fn what_nobody_wrote_is_applied() {
    assert_eq!(verdict(update("old", live("1", "7")), update("old", live("1", "7"))), None);
    // Only its status moved: the fields that anybody wrote are the same.
    let status = Precondition { resource_version: Some("8".to_owned()), ..live("1", "7") };
    assert_eq!(verdict(update("old", live("1", "7")), update("old", status)), None);
    let create = || change(&map(), Action::Create, ("", "new"), Precondition::default());
    assert_eq!(verdict(create(), create()), None);
}

#[test]
fn what_was_written_is_applied_when_the_change_does_the_same_and_else_refused() {
    assert_eq!(verdict(update("old", live("1", "7")), update("old", live("1", "8"))), None);
    let because = verdict(update("old", live("1", "7")), update("theirs", live("1", "8")));
    assert_eq!(because.as_deref(), Some("it changed since the plan was made"));
    let quiet = || change(&map(), Action::NoOp, ("new", "new"), live("1", "7"));
    assert!(verdict(quiet(), update("theirs", live("1", "8"))).is_some(), "a change that nobody approved");
}

#[test]
fn a_refusal_shows_what_was_approved_and_what_would_be_done_now() {
    let (changes, refused) =
        verified(&saved(vec![update("old", live("1", "7"))]), &of(vec![update("theirs", live("1", "8"))]));
    let stale = &refused.stale[0];
    assert_eq!(stale.approved.1.to_string(), "~ data.value: \"old\" → \"new\"\n");
    assert_eq!(stale.current.as_ref().unwrap().1.to_string(), "~ data.value: \"theirs\" → \"new\"\n");
    assert_eq!(changes[0].precondition, live("1", "7"), "what is refused is told as it was approved");
}

#[test]
fn what_is_as_it_was_to_become_has_nothing_left_to_do() {
    let done = |uid: &str| change(&map(), Action::NoOp, ("new", "new"), live(uid, "9"));
    assert_eq!(verdict(update("old", live("1", "7")), done("1")), None);
    assert_eq!(verdict(change(&map(), Action::Create, ("", "new"), Precondition::default()), done("1")), None);
    let delete = || change(&map(), Action::Delete, ("", ""), live("1", "7"));
    let gone = Change { action: Action::Forget, reason: Reason::Gone, ..delete() };
    assert_eq!(verdict(delete(), gone), None);
    let (changes, refused) = verified(&saved(vec![delete()]), &of(Vec::new()));
    assert!(refused.stale.is_empty());
    assert_eq!((changes[0].action, &changes[0].reason), (Action::Forget, &Reason::Gone));
}

#[test]
fn what_was_deleted_appeared_or_was_made_again_is_refused() {
    let create = || change(&map(), Action::Create, ("", "new"), Precondition::default());
    let because = verdict(update("old", live("1", "7")), create()).unwrap();
    assert_eq!(because, "it was deleted since the plan was made");
    assert_eq!(verdict(create(), update("theirs", live("1", "7"))).unwrap(), "it appeared since the plan was made");
    let again = "it was deleted and made again since the plan was made";
    assert_eq!(verdict(update("old", live("1", "7")), update("old", live("2", "8"))).unwrap(), again);
    let delete = |uid: &str| change(&map(), Action::Delete, ("", ""), live(uid, "7"));
    let recreated = Change { action: Action::Forget, reason: Reason::Recreated, ..delete("2") };
    assert_eq!(verdict(delete("1"), recreated).unwrap(), again);
    assert_eq!(verdict(delete("1"), delete("1")), None);
}

#[test]
fn what_this_stack_made_again_itself_goes_on() {
    let replace = change(&map(), Action::Replace, ("old", "new"), live("1", "7"));
    let now = of(vec![change(&map(), Action::NoOp, ("new", "new"), live("2", "9"))]);
    let saved = saved(vec![replace]);
    let recorded = BTreeMap::from([(map(), "2".to_owned())]);
    let verification = Verification { saved: &saved, fresh: &now, values: &BTreeMap::new(), recorded: &recorded };
    assert!(verification.verify().unwrap().1.stale.is_empty());
    let foreign = Verification { recorded: &BTreeMap::new(), ..verification };
    assert_eq!(foreign.verify().unwrap().1.stale.len(), 1);
}

#[test]
fn what_was_not_known_yet_may_be_known_now_and_what_was_known_stays() {
    let hash = |text: &str| update_to(&format!("a={text}, b=1"));
    assert_eq!(verdict(hash(KNOWN_AFTER_APPLY), hash("0f3a")), None);
    let moved = Change { desired: object(&map(), "a=0f3a, b=2").into(), ..update_to("a=0f3a, b=2") };
    let because = verdict(hash(KNOWN_AFTER_APPLY), moved).unwrap();
    assert!(because.starts_with("what it refers to changed"), "{because}");
}

fn update_to(value: &str) -> Change {
    change(&map(), Action::Update, ("old", value), live("1", "7"))
}

#[test]
fn what_needs_a_refused_object_is_refused_with_it() {
    let plan = |map: Change| {
        let web = change(&web(), Action::Create, ("", "x"), Precondition::default());
        let other = ObjectRef::namespaced("", "ConfigMap", "n", "other");
        let other = change(&other, Action::Create, ("", "x"), Precondition::default());
        let last = ObjectRef::namespaced("", "Service", "n", "last");
        let last = after(change(&last, Action::Create, ("", "x"), Precondition::default()), &self::web());
        vec![map, after(web, &self::map()), other, last]
    };
    let (_, refused) =
        verified(&saved(plan(update("old", live("1", "7")))), &of(plan(update("theirs", live("1", "8")))));
    let dependents: Vec<_> = refused.dependents.iter().map(|(object, why)| format!("{object}: {why}")).collect();
    assert_eq!(
        dependents,
        [
            "Service/last in n: needs `Deployment/web in n` (spec), which is refused too",
            "Deployment/web in n: needs `ConfigMap/map in n` (spec), which is not as approved",
        ]
    );
}

#[test]
fn what_would_take_a_refused_object_along_stays_with_it() {
    let space = ObjectRef::of_namespace("n");
    let delete = |uid: &str| {
        let with = Change { reason: Reason::With { object: space.clone() }, ..gone(&map(), uid) };
        vec![after(with, &space), gone(&space, "9")]
    };
    let (_, refused) = verified(&saved(delete("1")), &of(delete("2")));
    assert_eq!(refused.stale[0].object, map());
    assert!(refused.dependents.contains_key(&space), "{refused:?}");
}

fn gone(object: &ObjectRef, uid: &str) -> Change {
    change(object, Action::Delete, ("", ""), live(uid, "7"))
}

#[test]
fn what_cannot_be_changed_any_more_is_refused_with_the_reason() {
    let problem = |object: Option<&ObjectRef>| {
        let problem = Problem::new(Severity::Error, "protected", "it is protected".to_owned());
        let problem = object.map_or(problem.clone(), |object| problem.about(object, None, None));
        Plan { problems: vec![problem], ..of(Vec::new()) }
    };
    let saved = saved(vec![update("old", live("1", "7"))]);
    let (_, refused) = verified(&saved, &problem(Some(&map())));
    assert_eq!(refused.stale[0].because, "it is protected");
    let exists = Problem { code: "exists".to_owned(), ..problem(Some(&map())).problems.remove(0) };
    let exists = Plan { problems: vec![exists], ..of(Vec::new()) };
    assert!(verified(&saved, &exists).1.stale[0].because.contains("made again"));
    for other in [None, Some(&web())] {
        let (fresh, nothing) = (problem(other), BTreeMap::new());
        let verification = Verification { saved: &saved, fresh: &fresh, values: &nothing, recorded: &nothing };
        assert!(matches!(verification.verify(), Err(SavedPlanError::Impossible(_))));
    }
}

#[test]
fn a_record_with_objects_that_the_plan_does_not_know_is_another_one() {
    let saved = saved(vec![update("old", live("1", "7"))]);
    let (fresh, nothing) = (of(vec![update("old", live("1", "7")), gone(&web(), "3")]), BTreeMap::new());
    let verification = Verification { saved: &saved, fresh: &fresh, values: &nothing, recorded: &nothing };
    let error = verification.verify().unwrap_err();
    assert!(error.to_string().contains("Deployment/web in n"), "{error}");
}

#[test]
fn values_must_be_those_of_the_plan() {
    let plan = |action, uid| of(vec![change(&key(), action, ("", "x"), uid)]);
    let create = plan(Action::Create, Precondition::default());
    let proof = |text: &str| BTreeMap::from([(key(), text.to_owned())]);
    let because = |then: &Plan, before: &BTreeMap<_, _>, now: &Plan, values: &BTreeMap<_, _>| {
        let saved = saved_with(then, before, Asked::default());
        let verification = Verification { saved: &saved, fresh: now, values, recorded: &BTreeMap::new() };
        verification.verify().unwrap().1.stale.first().map(|stale| stale.because.clone())
    };
    assert_eq!(because(&create, &proof("a"), &create, &proof("a")), None);
    assert!(because(&create, &proof("a"), &create, &proof("b")).unwrap().contains("not those"));
    assert!(because(&create, &BTreeMap::new(), &create, &proof("a")).unwrap().contains("without its values"));
    let quiet = plan(Action::NoOp, live("1", "7"));
    assert_eq!(because(&quiet, &BTreeMap::new(), &quiet, &proof("a")), None);
}

#[test]
fn what_others_lose_must_be_what_the_plan_named() {
    let space = ObjectRef::of_namespace("n");
    let plan = |kind: &str, count: usize| Plan {
        unmanaged: BTreeMap::from([("n".to_owned(), BTreeMap::from([(kind.to_owned(), count)]))]),
        ..of(vec![gone(&space, "1")])
    };
    let refused = |then: &Plan, now: &Plan, include_unmanaged| {
        let saved = saved_with(then, &BTreeMap::new(), Asked { include_unmanaged, ..Asked::default() });
        !verified(&saved, now).1.stale.is_empty()
    };
    let (one, two, other) = (plan("Pod", 1), plan("Pod", 2), plan("Secret", 1));
    assert!(!refused(&one, &one, true) && !refused(&two, &one, true));
    assert!(refused(&one, &one, false) && refused(&one, &two, true) && refused(&one, &other, true));
    assert!(!refused(&one, &of(vec![gone(&space, "1")]), false));
}
