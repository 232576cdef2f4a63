//! The decision table, row by row, and the laws of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::object::{Address, Lifecycle, Meta, ObjectRef, labels};
use crate::readiness::Standing;

const STACK: &str = "mine";

fn object() -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", "n", "x")
}

fn live(uid: &str, stack: Option<&str>, manager: &str) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "old"},
        "metadata": {"name": "x", "namespace": "n", "uid": uid, "resourceVersion": "7",
            "managedFields": [{"manager": manager, "operation": "Apply", "time": "t", "fieldsV1": {"f:data": {"f:key": {}}}}]}});
    if let Some(stack) = stack {
        object["metadata"]["labels"] = json!({labels::MANAGED_BY: "langop", labels::STACK: stack});
    }
    object
}

fn seen(live: Value, next: Preview) -> Observed {
    Observed::Live { meta: Arc::new(Meta::from_object("", "ConfigMap", &live).unwrap()), live, next }
}

fn becomes(object: Value) -> Preview {
    Preview::Becomes { object, confidence: Confidence::Server, takes: Vec::new() }
}

fn immutable(proof: Proof) -> Preview {
    Preview::Immutable { fields: vec!["data".to_owned()], proof }
}

fn changed(mut object: Value) -> Value {
    object["data"]["key"] = json!("new");
    object
}

fn desired(digest: &str) -> Desired {
    Desired {
        address: Address::object(&object()),
        source: None,
        object: json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n"}, "data": {"key": "new"}}).into(),
        digest: digest.to_owned(),
        lifecycle: Lifecycle::Managed,
        replaceable: false,
        depends_on: Vec::new(),
        places: BTreeMap::new(),
    }
}

fn owned(uid: &str, digest: &str) -> Owned {
    Owned {
        uid: Some(uid.to_owned()),
        digest: digest.to_owned(),
        address: Address::object(&object()),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::Managed,
        adopted: false,
        standing: Standing::Ready,
    }
}

struct Row {
    desired: Option<Desired>,
    observed: Observed,
    owned: Option<Owned>,
    options: PlanOptions,
}

impl Row {
    fn new(desired: Option<Desired>, observed: Observed, owned: Option<Owned>) -> Self {
        Self { desired, observed, owned, options: PlanOptions::default() }
    }

    fn plan(self) -> Plan {
        let object = object();
        let desired = self.desired.map(|desired| (object.clone(), desired)).into_iter().collect();
        let observed = BTreeMap::from([(object.clone(), self.observed)]);
        let owned = self.owned.map(|owned| (object, owned)).into_iter().collect();
        compute(&Inputs { stack: STACK, desired: &desired, observed: &observed, owned: &owned, options: &self.options })
    }

    #[track_caller]
    fn does(self, action: Action) -> Change {
        let plan = self.plan();
        assert_eq!(plan.errors().count(), 0, "{:?}", plan.problems);
        assert_eq!(plan.changes[0].action, action);
        plan.changes[0].clone()
    }

    #[track_caller]
    fn fails(self, code: &str) -> Problem {
        let plan = self.plan();
        assert!(plan.changes.is_empty(), "{:?}", plan.changes);
        assert_eq!(plan.problems[0].code, code, "{:?}", plan.problems);
        plan.problems[0].clone()
    }
}

#[test]
fn desired_and_not_live_is_created() {
    let change = Row::new(Some(desired("d")), Observed::Absent(becomes(desired("d").object.to_value())), None)
        .does(Action::Create);
    assert_eq!((change.reason, change.precondition.uid), (Reason::Absent, None));
}

#[test]
fn what_ran_to_its_end_and_went_is_not_made_again() {
    let job = |ttl: Option<u64>| {
        let mut job = desired("d");
        job.object = json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"ttlSecondsAfterFinished": ttl}}).into();
        job
    };
    let row = |desired: Desired, standing: Standing, digest: &str| {
        let next = becomes(desired.object.to_value());
        Row::new(Some(desired), Observed::Absent(next), Some(Owned { standing, ..owned("u", digest) }))
    };
    let done = row(job(Some(0)), Standing::Completed, "d").does(Action::NoOp);
    assert_eq!(done.reason, Reason::Completed);
    let pod = Desired { object: json!({"kind": "Pod", "spec": {"restartPolicy": "Never"}}).into(), ..desired("d") };
    assert_eq!(row(pod, Standing::Completed, "d").does(Action::NoOp).reason, Reason::Completed);
    // Nobody saw it end, somebody deleted what stays by itself, the description changed, or it is asked for.
    row(job(Some(0)), Standing::Waiting, "d").does(Action::Create);
    row(job(None), Standing::Completed, "d").does(Action::Create);
    row(job(Some(0)), Standing::Completed, "old").does(Action::Create);
    let mut again = row(job(Some(0)), Standing::Completed, "d");
    again.options.replace = Selection::Addresses(["ConfigMap/n/x".to_owned()].into());
    again.does(Action::Create);
}

#[test]
fn live_and_equal_is_left_alone() {
    let object = live("u", Some(STACK), "langop");
    Row::new(Some(desired("d")), seen(object.clone(), becomes(object)), Some(owned("u", "d"))).does(Action::NoOp);
}

#[test]
fn a_moved_description_is_a_change_and_a_moved_object_is_drift() {
    let object = live("u", Some(STACK), "langop");
    let row = |digest: &str| {
        Row::new(Some(desired("new")), seen(object.clone(), becomes(changed(object.clone()))), Some(owned("u", digest)))
    };
    assert_eq!(row("old").does(Action::Update).reason, Reason::Changed);
    assert_eq!(row("new").does(Action::Update).reason, Reason::Drifted { managers: Vec::new() });
}

/// A value of a Secret, and a field of a list without keys, are not seen to change where nothing is tried.
#[test]
fn without_a_dry_run_a_description_that_changed_is_applied() {
    let object = live("u", Some(STACK), "langop");
    let row = |digest: &str, confidence: Confidence| {
        let next = Preview::Becomes { object: object.clone(), confidence, takes: Vec::new() };
        Row::new(Some(desired(digest)), seen(object.clone(), next), Some(owned("u", "d")))
    };
    let unverified = || Confidence::Unverified("no dry-run".to_owned());
    assert_eq!(row("e", unverified()).does(Action::Update).confidence, unverified());
    row("d", unverified()).does(Action::NoOp);
    row("e", Confidence::Schema).does(Action::Update);
    row("e", Confidence::Server).does(Action::NoOp);
    // Nobody can tell whether it changed.
    row("", unverified()).does(Action::NoOp);
}

#[test]
fn drift_names_the_manager_that_owns_the_moved_field() {
    let mut object = live("u", Some(STACK), "langop");
    let entry =
        json!({"manager": "kubectl-edit", "operation": "Update", "time": "t", "fieldsV1": {"f:data": {"f:key": {}}}});
    object["metadata"]["managedFields"].as_array_mut().unwrap().push(entry);
    let change = Row::new(Some(desired("d")), seen(object.clone(), becomes(changed(object))), Some(owned("u", "d")))
        .does(Action::Update);
    assert_eq!(change.reason, Reason::Drifted { managers: vec!["kubectl-edit".to_owned()] });
}

#[test]
fn an_object_of_another_stack_is_never_touched() {
    let object = live("u", Some("theirs"), "langop");
    let mut row = Row::new(Some(desired("d")), seen(object.clone(), becomes(object)), None);
    row.options.adopt = Selection::Everything;
    assert!(row.fails("owned-by-other-stack").message.contains("`theirs`"));
}

#[test]
fn an_object_of_nobody_is_adopted_only_when_asked() {
    let row = || {
        let object = live("u", None, "kubectl");
        Row::new(Some(desired("d")), seen(object.clone(), becomes(changed(object))), None)
    };
    assert!(row().fails("exists").hint.unwrap().contains("--adopt=ConfigMap/n/x"));
    let mut asked = row();
    asked.options.adopt = Selection::Addresses(["ConfigMap/n/x".to_owned()].into());
    assert_eq!(asked.does(Action::Update).reason, Reason::Adopt);
}

#[test]
fn a_label_without_the_manager_proves_no_ownership() {
    let object = live("u", Some(STACK), "some-controller");
    Row::new(Some(desired("d")), seen(object.clone(), becomes(object)), None).fails("exists");
}

#[test]
fn an_immutable_field_is_replaced_only_with_leave() {
    let row = || {
        let object = live("u", Some(STACK), "langop");
        Row::new(Some(desired("d")), seen(object, immutable(Proof::Proven)), Some(owned("u", "o")))
    };
    assert!(row().fails("immutable").hint.unwrap().contains("--replace=ConfigMap/n/x"));
    let mut asked = row();
    asked.options.replace = Selection::Everything;
    assert_eq!(asked.does(Action::Replace).reason, Reason::Immutable { fields: vec!["data".to_owned()] });
    let mut by_manifest = row();
    by_manifest.desired.as_mut().unwrap().replaceable = true;
    by_manifest.does(Action::Replace);
}

#[test]
fn what_may_not_come_back_is_replaced_only_with_leave_of_its_own() {
    let row = || {
        let next = immutable(Proof::Unproven("no room for both".to_owned()));
        let mut row = Row::new(Some(desired("d")), seen(live("u", Some(STACK), "langop"), next), Some(owned("u", "o")));
        row.options.replace = Selection::Everything;
        row.desired.as_mut().unwrap().replaceable = true;
        row
    };
    let refused = row().fails("unproven-replacement");
    assert!(refused.message.contains("no room for both"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("--replace-unproven=ConfigMap/n/x"));
    let mut asked = row();
    asked.options.replace_unproven = Selection::Everything;
    assert_eq!(asked.does(Action::Replace).confidence, Confidence::Unverified("no room for both".to_owned()));
}

#[test]
fn a_run_that_is_over_makes_room_for_the_next_and_one_that_goes_on_does_not() {
    let row = |condition: &str| {
        let mut object = live("u", Some(STACK), "langop");
        object["kind"] = json!("Job");
        object["apiVersion"] = json!("batch/v1");
        object["status"] = json!({"active": 1, "conditions": [{"type": condition, "status": "True"}]});
        let mut wanted = desired("d");
        wanted.object["metadata"]["annotations"] = json!({labels::REPLACE: labels::REPLACE_FINISHED});
        Row::new(Some(wanted), seen(object, immutable(Proof::Proven)), Some(owned("u", "o")))
    };
    for (over, condition) in [("Complete", "Complete"), ("Failed", "Failed")] {
        let plan = row(condition).plan();
        assert_eq!(plan.changes[0].action, Action::Replace, "{over}");
        assert!(plan.effects[0].contains("its last run is over"), "{:?}", plan.effects);
    }
    let refused = row("SuccessCriteriaMet").fails("immutable");
    assert!(refused.message.contains("while it runs"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("--replace=ConfigMap/n/x"));
    let mut asked = row("SuccessCriteriaMet");
    asked.options.replace = Selection::Everything;
    let plan = asked.plan();
    assert_eq!(plan.changes[0].action, Action::Replace);
    assert!(plan.effects[0].contains("its present run is ended"), "{:?}", plan.effects);
}

#[test]
fn what_is_to_be_retained_is_forgotten_and_goes_with_its_namespace_alone() {
    let mut retained = live("u", Some(STACK), "langop");
    retained["metadata"]["annotations"] = json!({labels::RETAIN: "true"});
    let meta = |live: &Value| Meta::from_object("", "ConfigMap", live).unwrap();
    let kept = || Row::new(None, Observed::Undesired(Arc::new(meta(&retained))), Some(owned("u", "d")));
    assert_eq!(kept().does(Action::Forget).reason, Reason::Kept);

    let namespace = ObjectRef::of_namespace("n");
    let mut live_namespace = live("ns", Some(STACK), "langop");
    live_namespace["metadata"] = json!({"name": "n", "uid": "ns", "resourceVersion": "7",
        "labels": {labels::MANAGED_BY: "langop", labels::STACK: STACK},
        "managedFields": [{"manager": "langop", "operation": "Apply"}]});
    let undesired = |group: &str, kind: &str, object: &Value| {
        Observed::Undesired(Arc::new(Meta::from_object(group, kind, object).unwrap()))
    };
    let observed = BTreeMap::from([
        (object(), undesired("", "ConfigMap", &retained)),
        (namespace.clone(), undesired("", "Namespace", &live_namespace)),
    ]);
    let mut owned_both = BTreeMap::from([(object(), owned("u", "d"))]);
    owned_both.insert(namespace.clone(), Owned { address: Address::object(&namespace), ..owned("ns", "d") });
    let plan = compute(&Inputs {
        stack: STACK,
        desired: &BTreeMap::new(),
        observed: &observed,
        owned: &owned_both,
        options: &PlanOptions { destroy: true, ..PlanOptions::default() },
    });
    let change = plan.changes.iter().find(|change| change.object == object()).unwrap();
    assert_eq!((change.action, &change.reason), (Action::Delete, &Reason::With { object: namespace }));
    assert_eq!(plan.problems[0].code, "retained");
}

#[test]
fn what_stays_may_not_belong_to_what_goes() {
    let (owner, child) = (ObjectRef::namespaced("", "ConfigMap", "n", "owner"), object());
    let mut stays = live("u", Some(STACK), "langop");
    stays["metadata"]["ownerReferences"] = json!([{"uid": "o", "kind": "ConfigMap", "name": "owner"}]);
    let stays = Meta::from_object("", "ConfigMap", &stays).unwrap();
    let goes = Meta::from_object("", "ConfigMap", &live("o", Some(STACK), "langop")).unwrap();
    let wanted = BTreeMap::from([(child.clone(), desired("d"))]);
    let observed = BTreeMap::from([
        (owner.clone(), Observed::Undesired(Arc::new(goes))),
        (child.clone(), Observed::Unchanged(Arc::new(stays))),
    ]);
    let recorded = BTreeMap::from([(owner, owned("o", "d")), (child, owned("u", "d"))]);
    let options = PlanOptions::default();
    let plan =
        compute(&Inputs { stack: STACK, desired: &wanted, observed: &observed, owned: &recorded, options: &options });
    let codes: Vec<_> = plan.errors().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["goes-with-owner"]);
}

#[test]
fn a_conflict_names_field_manager_operation_and_time() {
    let claim = Claim {
        field: ".data.key".to_owned(),
        manager: "kubectl-edit".to_owned(),
        operation: "Update".to_owned(),
        since: "2026-01-01T00:00:00Z".to_owned(),
        live: "3".to_owned(),
        described: "2".to_owned(),
    };
    let row = Row::new(
        Some(desired("d")),
        seen(live("u", Some(STACK), "langop"), Preview::Conflict(vec![claim])),
        Some(owned("u", "d")),
    );
    let problem = row.fails("conflict");
    for part in ["data.key", "kubectl-edit", "Update", "2026-01-01", "3 there, 2 described"] {
        assert!(problem.message.contains(part), "{}", problem.message);
    }
}

#[test]
fn what_left_the_description_is_deleted_with_its_uid() {
    let meta = Meta::from_object("", "ConfigMap", &live("u", Some(STACK), "langop")).unwrap();
    let change = Row::new(None, Observed::Undesired(Arc::new(meta)), Some(owned("u", "d"))).does(Action::Delete);
    assert_eq!((change.reason, change.precondition.uid.as_deref()), (Reason::Removed, Some("u")));
}

#[test]
fn what_was_adopted_is_forgotten_unless_its_deletion_is_asked_for() {
    for destroy in [false, true] {
        let row = || {
            let meta = Meta::from_object("", "ConfigMap", &live("u", Some(STACK), "langop")).unwrap();
            let owned = Owned { adopted: true, ..owned("u", "d") };
            let mut row = Row::new(None, Observed::Undesired(Arc::new(meta)), Some(owned));
            row.options.destroy = destroy;
            row
        };
        assert_eq!(row().does(Action::Forget).reason, Reason::Adopted);
        for asked in [Selection::Everything, Selection::Addresses(["ConfigMap/n/x".to_owned()].into())] {
            let mut row = row();
            row.options.include_adopted = asked;
            row.does(Action::Delete);
        }
        let mut another = row();
        another.options.include_adopted = Selection::Addresses(["ConfigMap/n/y".to_owned()].into());
        another.does(Action::Forget);
    }
}

#[test]
fn what_is_not_ours_any_more_is_forgotten_and_said() {
    for (uid, manager, reason) in [("other", "langop", Reason::Recreated), ("u", "kubectl", Reason::Kept)] {
        let meta = Meta::from_object("", "ConfigMap", &live(uid, Some(STACK), manager)).unwrap();
        let plan = Row::new(None, Observed::Undesired(Arc::new(meta)), Some(owned("u", "d"))).plan();
        assert_eq!((plan.changes[0].action, plan.changes[0].reason.clone()), (Action::Forget, reason));
        assert_eq!(plan.problems[0].severity, Severity::Warning);
    }
    let change = Row::new(None, Observed::Gone, Some(owned("u", "d"))).does(Action::Forget);
    assert_eq!(change.reason, Reason::Gone);
}

#[test]
fn a_protected_object_is_an_error_and_not_a_delete() {
    let mut object = live("u", Some(STACK), "langop");
    object["metadata"]["annotations"] = json!({labels::PROTECT: "true"});
    let meta = Meta::from_object("", "ConfigMap", &object).unwrap();
    Row::new(None, Observed::Undesired(Arc::new(meta)), Some(owned("u", "d"))).fails("protected");
}

#[test]
fn a_protected_object_is_not_replaced_unless_it_is_named() {
    let mut object = live("u", Some(STACK), "langop");
    object["metadata"]["annotations"] = json!({labels::PROTECT: "true"});
    let row = || {
        let desired = Desired { replaceable: true, ..desired("d") };
        Row::new(Some(desired), seen(object.clone(), immutable(Proof::Proven)), Some(owned("u", "d")))
    };
    row().fails("protected");
    let mut named = row();
    named.options.delete_protected = Selection::Addresses(["ConfigMap/n/x".to_owned()].into());
    named.does(Action::Replace);
}

#[test]
fn who_writes_back_right_after_an_apply_is_named_with_the_rule_that_ends_it() {
    let warned = |manager: &str, since: &str, digest: &str| {
        let mut object = live("u", Some(STACK), "langop");
        object["metadata"]["managedFields"][0]["time"] = json!("2026-01-01T00:00:00Z");
        let claim = Claim {
            field: "data.key".to_owned(),
            manager: manager.to_owned(),
            operation: "Update".to_owned(),
            since: since.to_owned(),
            live: String::new(),
            described: String::new(),
        };
        let next = changed(object.clone());
        let next = Preview::Becomes { object: next, confidence: Confidence::Server, takes: vec![claim] };
        let plan = Row::new(Some(desired(digest)), seen(object, next), Some(owned("u", "d"))).plan();
        plan.problems.into_iter().find(|problem| problem.code == "perpetual-change")
    };
    let problem = warned("ctl", "2026-01-01T00:00:03Z", "d").unwrap();
    assert!(problem.message.contains("`ctl` changed `data.key`"), "{}", problem.message);
    let hint = problem.hint.unwrap();
    assert!(hint.contains("[[ownership]]") && hint.contains("ignoreChanges = [\"data.key\"]"), "{hint}");
    // Later, by hand, or after a change of the description it may well have been once.
    assert!(warned("ctl", "2026-01-01T00:05:00Z", "d").is_none());
    assert!(warned("kubectl-edit", "2026-01-01T00:00:03Z", "d").is_none());
    assert!(warned("ctl", "2026-01-01T00:00:03Z", "other").is_none());
}

#[test]
fn an_unreadable_object_is_an_error_and_never_an_absence() {
    let unreadable = || Observed::Unreadable { message: "forbidden".to_owned(), hint: None };
    Row::new(Some(desired("d")), unreadable(), None).fails("unreadable");
    Row::new(None, unreadable(), Some(owned("u", "d"))).fails("unreadable");
}

#[test]
fn what_may_not_be_read_is_as_recorded_or_changes_unseen_or_is_a_lack_of_rights() {
    let hidden = |comparable| Observed::Hidden { comparable, message: "forbidden".to_owned(), hint: None };
    let row = |digest: &str, comparable| Row::new(Some(desired(digest)), hidden(comparable), Some(owned("u", "d")));
    assert_eq!(row("d", true).does(Action::NoOp).confidence, Confidence::Unverified("forbidden".to_owned()));
    assert_eq!(row("e", true).does(Action::Update).confidence, Confidence::Unverified("forbidden".to_owned()));
    // Values that nobody has cannot be compared either, nor those whose digest nobody can make.
    row("e", false).does(Action::NoOp);
    row("", true).does(Action::NoOp);
    Row::new(Some(desired("d")), hidden(true), None).fails("forbidden");
    let plan = Row::new(Some(desired("d")), hidden(true), None).plan();
    assert!(plan.lacks_rights());
}

fn crd(manager: &str, schema: &str) -> Value {
    let mut crd = changed(live("u", None, manager));
    crd["metadata"]["annotations"] = json!({labels::SCHEMA: schema});
    crd
}

fn shared(live: Value) -> Row {
    let mut wanted = desired("d");
    wanted.lifecycle = Lifecycle::Shared;
    wanted.object["metadata"]["annotations"] = json!({labels::SCHEMA: "2"});
    let next = becomes(changed(json!({"data": {"key": "new", "other": "x"}})));
    Row::new(Some(wanted), seen(live, next), None)
}

#[test]
fn a_crd_of_another_operator_stops_the_plan() {
    let problem = shared(crd("helm", "1")).fails("foreign-crd");
    assert!(problem.message.contains("helm"), "{}", problem.message);
}

#[test]
fn a_crd_is_upgraded_and_never_downgraded() {
    shared(crd("langop", "1")).does(Action::Update);
    shared(crd("langop", "3")).does(Action::NoOp);
}

#[test]
fn a_new_quota_waits_for_what_it_counts_and_an_old_one_goes_first() {
    let quota = ObjectRef::namespaced("", "ResourceQuota", "n", "q");
    let model = ObjectRef::namespaced("langop.io", "LanguageModel", "n", "m");
    let order = |quota_is: Observed| {
        let mut wanted = desired("d");
        wanted.depends_on = vec![Dependency { on: quota.clone(), wait: Wait::Ready, why: "spec.hard".to_owned() }];
        let desired = BTreeMap::from([(quota.clone(), desired("d")), (model.clone(), wanted)]);
        let observed =
            BTreeMap::from([(quota.clone(), quota_is), (model.clone(), Observed::Absent(becomes(json!({}))))]);
        let (owned, options) = (BTreeMap::new(), PlanOptions::default());
        let plan =
            compute(&Inputs { stack: STACK, desired: &desired, observed: &observed, owned: &owned, options: &options });
        plan.changes.iter().map(|change| change.object.kind.clone()).collect::<Vec<_>>()
    };
    assert_eq!(order(Observed::Absent(becomes(json!({})))), ["LanguageModel", "ResourceQuota"]);
    let there = live("u", Some(STACK), "langop");
    assert_eq!(order(seen(there.clone(), becomes(changed(there)))), ["ResourceQuota", "LanguageModel"]);
}

#[test]
fn what_lives_in_a_deleted_namespace_goes_with_it() {
    let namespace = ObjectRef::of_namespace("n");
    let meta = |object: &ObjectRef, uid: &str| {
        let value = json!({"metadata": {"name": object.name, "namespace": object.namespace, "uid": uid,
            "managedFields": [{"manager": "langop"}]}});
        Observed::Undesired(Arc::new(Meta::from_object(&object.group, &object.kind, &value).unwrap()))
    };
    let observed = BTreeMap::from([(namespace.clone(), meta(&namespace, "1")), (object(), meta(&object(), "2"))]);
    let owned = BTreeMap::from([(namespace.clone(), owned("1", "d")), (object(), owned("2", "d"))]);
    let options = PlanOptions { destroy: true, ..PlanOptions::default() };
    let plan = compute(&Inputs {
        stack: STACK,
        desired: &BTreeMap::new(),
        observed: &observed,
        owned: &owned,
        options: &options,
    });
    let reason =
        |object: &ObjectRef| plan.changes.iter().find(|change| change.object == *object).unwrap().reason.clone();
    assert_eq!(reason(&namespace), Reason::Destroyed);
    assert_eq!(reason(&object()), Reason::With { object: namespace });
}

proptest! {
    /// Same inputs, same bytes; and every desired object ends as a change or as an error, never as neither.
    #[test]
    fn a_plan_is_total_and_deterministic(rows in prop::collection::btree_map("[a-e]", 0..6_u8, 0..5)) {
        let mut wanted = BTreeMap::new();
        let mut observed = BTreeMap::new();
        for (name, row) in rows {
            let object = ObjectRef::namespaced("", "ConfigMap", "n", &name);
            let old = live("u", Some(STACK), "langop");
            let what = match row {
                0 => Observed::Absent(becomes(desired("d").object.to_value())),
                1 => seen(old.clone(), becomes(old)),
                2 => seen(old.clone(), becomes(changed(old))),
                3 => seen(live("u", Some("theirs"), "langop"), becomes(old)),
                4 => seen(old, immutable(Proof::Proven)),
                _ => Observed::Unreadable { message: "no".to_owned(), hint: None },
            };
            wanted.insert(object.clone(), desired("d"));
            observed.insert(object, what);
        }
        let (owned, options) = (BTreeMap::new(), PlanOptions::default());
        let inputs = Inputs { stack: STACK, desired: &wanted, observed: &observed, owned: &owned, options: &options };
        let (first, second) = (compute(&inputs), compute(&inputs));
        prop_assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
        prop_assert_eq!(first.changes.len() + first.errors().count(), wanted.len());
    }
}

#[test]
fn a_generated_secret_of_an_older_form_is_to_be_renewed() {
    let form = |form: Option<&str>| {
        let mut object = live("u", Some(STACK), "langop");
        object["metadata"]["annotations"] = json!({ labels::KEY_FORM: form });
        object
    };
    let mut wanted = Desired { lifecycle: Lifecycle::CreateOnce, ..desired("d") };
    wanted.object["metadata"]["annotations"] = json!({ labels::KEY_FORM: "sk" });
    let due = |live: Value| {
        let next = becomes(live.clone());
        super::rotation::due(&object(), &wanted, &seen(live, next))
    };
    let problem = due(form(None)).unwrap();
    assert_eq!((problem.severity, problem.code.as_str()), (Severity::Warning, "old-key-form"));
    let hint = problem.hint.unwrap();
    assert!(hint.contains("kubectl -n n patch secret x -p") && hint.contains("openssl rand"), "{hint}");
    assert_eq!(due(form(Some("sk"))), None);
    wanted.object["metadata"]["annotations"] = json!({});
    assert_eq!(super::rotation::due(&object(), &wanted, &seen(form(None), becomes(form(None)))), None);
}
