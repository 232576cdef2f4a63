//! Which paths differ, and the laws of [`Diff`].

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::diff::Diff;
use crate::diff::noise::without_noise;
use crate::object::arbitrary;
use crate::object::equality::equal;

fn shown(before: &Value, after: &Value) -> Vec<String> {
    let text = Diff::between(before, after).to_string();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn items_are_found_by_their_merge_key() {
    let pod = |image: &str| {
        json!({"spec": {"containers": [
            {"name": "gateway", "image": image, "ports": [{"containerPort": 4000, "name": "http"}]},
            {"name": "sidecar", "image": "s:1"},
        ]}})
    };
    let mut after = pod("g:2");
    after["spec"]["containers"].as_array_mut().unwrap().reverse();
    after["spec"]["containers"][1]["ports"][0]["name"] = json!("api");
    assert_eq!(
        shown(&pod("g:1"), &after),
        [
            r#"~ spec.containers[gateway].image: "g:1" → "g:2""#,
            r#"~ spec.containers[gateway].ports[4000/TCP].name: "http" → "api""#,
        ]
    );
}

#[test]
fn a_subtree_is_one_entry() {
    let before = json!({"spec": {"a": 1, "old": {"x": [1, 2]}}});
    let after = json!({"spec": {"a": 1, "new": {"name": "n", "args": ["--port", "80"]}}});
    assert_eq!(
        shown(&before, &after),
        [
            "+ spec.new:",
            "    args:",
            "    - --port",
            "    - \"80\"",
            "    name: n",
            "- spec.old:",
            "    x:",
            "    - 1",
            "    - 2",
        ]
    );
}

#[test]
fn keys_with_dots_are_quoted() {
    let before = json!({"metadata": {"annotations": {"langop.io/config-hash": "a"}}});
    let after = json!({"metadata": {"annotations": {"langop.io/config-hash": "(known after apply)"}}});
    assert_eq!(
        shown(&before, &after),
        [r#"~ metadata.annotations."langop.io/config-hash": "a" → (known after apply)"#]
    );
}

#[test]
fn a_text_of_several_lines_is_a_unified_diff() {
    let config = |model: &str| json!({"data": {"config.yaml": format!("model_list:\n- model_name: {model}\n")}});
    assert_eq!(
        shown(&config("a"), &config("b")),
        [
            r#"~ data."config.yaml":"#,
            "    @@ -1,2 +1,2 @@",
            "     model_list:",
            "    -- model_name: a",
            "    +- model_name: b",
        ]
    );
}

#[test]
fn a_scalar_list_is_aligned() {
    let args = |items: Value| json!({"args": items});
    assert_eq!(
        shown(&args(json!(["--a", "--b", "--c"])), &args(json!(["--a", "--x", "--b", "--c"]))),
        [r#"+ args[1]: "--x""#]
    );
    assert_eq!(shown(&args(json!(["--a", "--b"])), &args(json!(["--a", "--c"]))), [r#"~ args[1]: "--b" → "--c""#]);
}

#[test]
fn a_set_tells_what_came_and_went() {
    let rule = |verbs: Value| json!({"rules": [{"verbs": verbs}]});
    assert_eq!(
        shown(&rule(json!(["get", "list"])), &rule(json!(["watch", "get"]))),
        ["- rules[0].verbs[list]", "+ rules[0].verbs[watch]"]
    );
}

#[test]
fn another_order_is_told_where_order_counts() {
    let env = |names: [&str; 2]| json!({"env": names.map(|name| json!({"name": name}))});
    assert_eq!(shown(&env(["A", "B"]), &env(["B", "A"])), ["~ env: order A, B → B, A"]);
}

#[test]
fn equal_quantities_are_no_difference() {
    let pod = |cpu: Value| json!({"resources": {"limits": {"cpu": cpu}}});
    assert!(Diff::between(&pod(json!("1000m")), &pod(json!(1))).is_empty());
}

#[test]
fn a_new_object_is_one_addition() {
    let diff = Diff::between(&Value::Null, &json!({"kind": "Service", "status": {}}));
    assert_eq!(diff.entries().len(), 1);
    assert_eq!(diff.to_string(), "+ kind: Service\n");
    assert!(Diff::between(&Value::Null, &Value::Null).is_empty());
}

proptest! {
    #[test]
    fn empty_exactly_when_equal(a in arbitrary::object(), b in arbitrary::object()) {
        let same = equal(&without_noise(&a), &without_noise(&b));
        prop_assert_eq!(Diff::between(&a, &b).is_empty(), same);
        prop_assert!(Diff::between(&a, &a).is_empty());
    }

    #[test]
    fn a_saved_diff_is_read_as_it_was(a in arbitrary::object(), b in arbitrary::object()) {
        let diff = Diff::between(&a, &b);
        let saved = serde_json::to_string(&diff).unwrap();
        prop_assert_eq!(serde_json::from_str::<Diff>(&saved).unwrap(), diff);
    }

    #[test]
    fn no_control_character_is_printed(a in arbitrary::object(), b in arbitrary::object()) {
        let text = Diff::between(&a, &b).to_string();
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }
}
