use super::*;
use crate::object::OwnershipRule;

fn entry(manager: &str, operation: &str, fields: Value) -> ManagedFields {
    ManagedFields {
        manager: manager.to_owned(),
        operation: operation.to_owned(),
        subresource: String::new(),
        time: String::new(),
        fields: fields.into(),
    }
}

fn scaler(manager: &str) -> ManagedFields {
    let fields = json!({"f:spec": {"f:replicas": {}}});
    ManagedFields { subresource: "scale".to_owned(), ..entry(manager, "Update", fields) }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn yielding(paths: &[&str], manager: Option<&str>) -> ObjectRules {
    let rule = OwnershipRule {
        paths: paths.iter().map(|text| path(text)).collect(),
        manager: manager.map(str::to_owned),
        rule: OwnershipKind::Yield,
    };
    ObjectRules { ownership: vec![rule], ..ObjectRules::default() }
}

fn ignoring(paths: &[&str]) -> ObjectRules {
    ObjectRules { ignored: paths.iter().map(|text| path(text)).collect(), ..ObjectRules::default() }
}

/// What is sent.
fn sent(described: &Value, live: &Value, entries: &[ManagedFields], rules: &ObjectRules) -> Value {
    let mut object = described.clone();
    for amendment in (Sides { described, live, entries }).amendments(rules) {
        amendment.apply(&mut object);
    }
    object
}

#[test]
fn what_another_manager_owns_is_left_out_where_it_yields_and_nothing_else() {
    let described = json!({"data": {"a": "ours", "b": "ours", "c": "ours"}});
    let live = json!({"data": {"a": "theirs", "b": "ours", "c": "other"}});
    let entries = [
        entry("langop", "Apply", json!({"f:data": {".": {}, "f:b": {}}})),
        entry("theirs", "Update", json!({"f:data": {"f:a": {}}})),
        entry("other", "Update", json!({"f:data": {"f:c": {}}})),
    ];
    let of = |manager| sent(&described, &live, &entries, &yielding(&["data"], manager));
    assert_eq!(of(Some("th*")), json!({"data": {"b": "ours", "c": "ours"}}));
    assert_eq!(of(None), json!({"data": {"b": "ours"}}));
    // What langop owns alone stays as described: nobody is there to yield to.
    assert_eq!(sent(&described, &live, &entries[..1], &yielding(&["data"], None)), described);
}

#[test]
fn items_keep_their_keys_and_go_as_a_whole_where_they_are_anothers() {
    let container = |image: &str| json!({"name": "web", "image": image, "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]});
    let object = |image: &str| json!({"spec": {"containers": [container(image)]}});
    let env = json!({"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}});
    let theirs = json!({"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {}, "f:env": env}}}});
    let entries = [entry("theirs", "Apply", theirs)];
    let next = sent(&object("web:1"), &object("web:2"), &entries, &yielding(&["spec.containers[web].image"], None));
    assert_eq!(next["spec"]["containers"][0]["name"], "web");
    assert!(
        next["spec"]["containers"][0].get("image").is_none() && next["spec"]["containers"][0]["env"][1].is_object()
    );
    let next = sent(&object("web:1"), &object("web:2"), &entries, &yielding(&["spec.containers[*].env"], None));
    assert_eq!(next["spec"]["containers"][0]["env"], json!([{"name": "B", "value": "1"}]));
}

#[test]
fn what_is_ignored_is_sent_as_langop_owns_it_and_never_vanishes() {
    let described = json!({"data": {"a": "new", "b": "new"}});
    let live = json!({"data": {"a": "old", "b": "theirs", "gone": "old"}});
    let entries = [
        entry("langop", "Apply", json!({"f:data": {".": {}, "f:a": {}, "f:gone": {}}})),
        entry("theirs", "Update", json!({"f:data": {"f:b": {}}})),
    ];
    assert_eq!(sent(&described, &live, &entries, &ignoring(&["data.a"])), json!({"data": {"a": "old", "b": "new"}}));
    assert_eq!(sent(&described, &live, &entries, &ignoring(&["data.b"])), json!({"data": {"a": "new"}}));
    // It left the description, and stays all the same.
    let whole = sent(&described, &live, &entries, &ignoring(&["data"]));
    assert_eq!(whole, json!({"data": {"a": "old", "gone": "old"}}));
    assert_eq!(sent(&described, &json!({}), &[], &ignoring(&["data.c"])), described);
}

#[test]
fn a_count_that_is_scaled_is_the_scalers() {
    let described = json!({"spec": {"replicas": 2, "paused": false}});
    let live = json!({"spec": {"replicas": 5}});
    let ours = entry("langop", "Apply", json!({"f:spec": {"f:replicas": {}, "f:paused": {}}}));
    let others = entry("langop", "Apply", json!({"f:spec": {"f:paused": {}}}));
    let none = ObjectRules::default();
    let scaled = sent(&described, &live, &[others, scaler("kube-controller-manager")], &none);
    assert_eq!(scaled, json!({"spec": {"paused": false}}));
    // A person scaled it: that is drift.
    assert_eq!(sent(&described, &live, &[ours.clone(), scaler("kubectl")], &none), described);
    // Of an autoscaler that has not written yet, langop keeps what is there.
    let sides = Sides { described: &described, live: &live, entries: &[ours] };
    let kept = sides.kept(&[path("spec.replicas")], Because::Scaled, &["HorizontalPodAutoscaler/n/web".to_owned()]);
    assert_eq!(kept[0].value, Some(json!(5)));
}

#[test]
fn nothing_is_amended_where_nothing_differs() {
    let object = json!({"data": {"a": "1"}});
    let ours = [entry("langop", "Apply", json!({"f:data": {"f:a": {}}}))];
    let sides = Sides { described: &object, live: &object, entries: &ours };
    assert!(sides.amendments(&ignoring(&["data.a", "data.none"])).is_empty());
}
