//! Who keeps which field, on a real API server: conflicts and their rules, autoscalers, ignored changes, protection.

use serde_json::{Value, json};

use crate::bench::{Bench, Checked};

const OBJECTS: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: NAME}
data: {a: ours, b: ours, c: ours}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden, namespace: NAME}
stringData: {key: hunter2-ours}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: side, image: side}, {name: web, image: "web:1"}]}
"#;

/// Runs langop on the rules and the objects of the bench.
#[track_caller]
fn run(bench: &Bench, args: &[&str], code: i32) -> Checked {
    bench.langop(&[args, &["rules.toml", "objects.yaml"]].concat()).exits(code)
}

fn rules(bench: &Bench, text: &str) {
    bench.write("rules.toml", &format!("stack = \"NAME\"\n{text}"));
}

#[track_caller]
fn patch(bench: &Bench, object: &str, manager: &str, patch: &Value) {
    let (namespace, manager) = (&bench.name, format!("--field-manager={manager}"));
    bench.kubectl(&["patch", object, "-n", namespace, &manager, "--type=strategic", "-p", &patch.to_string()]);
}

#[track_caller]
fn value(bench: &Bench, object: &str, pointer: &str) -> Value {
    bench.object(&[object, "-n", &bench.name]).pointer(pointer).cloned().unwrap_or_default()
}

/// What langop applied of an object, by `managedFields`.
fn own_fields(bench: &Bench, object: &str) -> Value {
    let found = bench.object(&[object, "-n", &bench.name, "--show-managed-fields"]);
    let entries = found["metadata"]["managedFields"].as_array().unwrap().iter();
    let mut own = entries.filter(|entry| entry["manager"] == "langop" && entry["operation"] == "Apply");
    own.next().unwrap()["fieldsV1"].clone()
}

#[test]
fn conflicts_show_both_values_and_are_settled_path_by_path() {
    let bench = Bench::new("conflicts");
    bench.write("objects.yaml", OBJECTS);
    rules(&bench, "");
    run(&bench, &["apply", "--yes"], 0);
    patch(&bench, "configmap/one", "intruder", &json!({"data": {"a": "theirs"}}));
    patch(&bench, "secret/hidden", "intruder", &json!({"stringData": {"key": "hunter2-theirs"}}));
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:9"}]}}}});
    patch(&bench, "deployment/web", "ctl", &image);

    // All of all objects at once, for people, for programs and in the file.
    let refused = run(&bench, &["plan", "--out", "plan.json"], 1);
    for words in ["`data.a` (intruder, Update since ", "\"theirs\" there, \"ours\" described", "`data.key` (intruder"] {
        assert!(refused.out.contains(words), "{words}:\n{}", refused.out);
    }
    let deep = "spec.template.spec.containers[web].image";
    assert!(refused.out.contains(&format!("`{deep}` (ctl, Update since ")), "{}", refused.out);
    assert!(refused.out.contains(&format!("paths = [\"{deep}\"]")), "no rule is proposed:\n{}", refused.out);
    let saved = std::fs::read_to_string(bench.path("plan.json")).unwrap();
    for shown in [&refused.out, &saved] {
        assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVy"), "a value of a Secret is shown:\n{shown}");
    }
    let json = bench.langop(&["plan", "--json", "rules.toml", "objects.yaml"]).json();
    for plan in [&json, &serde_json::from_str(&saved).unwrap()] {
        let conflicts: Vec<_> = plan["problems"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|found| found["conflicts"].as_array())
            .flatten()
            .collect();
        assert_eq!(conflicts.len(), 3, "{plan:#}");
        let one = conflicts.iter().find(|conflict| conflict["field"] == "data.a").unwrap();
        let expected = json!({"field": "data.a", "manager": "intruder", "operation": "Update", "since": one["since"],
            "live": "\"theirs\"", "described": "\"ours\""});
        assert_eq!(**one, expected);
    }

    // What is forced shows as what it is, also of a value that nobody may see.
    let forced = run(&bench, &["plan", "--force-conflicts", "--json"], 0).json();
    let changes = forced["changes"].as_array().unwrap();
    let secret = changes.iter().find(|change| change["object"]["kind"] == "Secret").unwrap();
    assert_eq!(secret["action"], "update", "{secret:#}");
    assert_eq!(secret["diff"][0]["path"], "data.key", "{secret:#}");
    assert!(!forced.to_string().contains("aHVudGVy"), "a value of a Secret is shown");

    // One is taken, one is left; what no rule is about stays refused.
    let settled = format!(
        "[[ownership]]\naddress = \"Deployment/NAME/web\"\npaths = [\"{deep}\"]\nrule = \"take\"\n\
         [[ownership]]\naddress = \"*/NAME/one\"\npaths = [\"data\"]\nmanager = \"intru*\"\nrule = \"yield\"\n"
    );
    rules(&bench, &settled);
    let refused = run(&bench, &["plan"], 1);
    assert!(refused.out.contains("data.key") && !refused.out.contains("`data.a` (intruder"), "{}", refused.out);
    let settled = settled
        + "[[ownership]]\naddress = \"Secret/NAME/hidden\"\npaths = [\"data.key\"]\nrule = \"take\"\n\
         [[ownership]]\naddress = \"ConfigMap/NAME/none\"\npaths = [\"data\"]\nrule = \"take\"\n";
    rules(&bench, &settled);
    let plan = run(&bench, &["plan", "--out", "plan.json"], 0);
    for words in [
        &format!("takes {deep} (ctl)"),
        "`data.a` is left to `intruder`",
        "takes data.key (intruder)",
        "Plan: 0 to add, 2 to change, 0 to destroy.",
        "warning[unmatched-rule]",
        "--> rules.toml:",
    ] {
        assert!(plan.out.contains(words), "{words}:\n{}", plan.out);
    }

    // What the plan did not show is not taken: somebody claims the other container since.
    let side = json!({"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "side:9"}]}}}});
    patch(&bench, "deployment/web", "ctl", &side);
    bench.langop(&["apply", "plan.json"]).exits(4);
    assert_eq!(value(&bench, "deployment/web", "/spec/template/spec/containers/0/image"), "side:9");
    assert_eq!(value(&bench, "deployment/web", "/spec/template/spec/containers/1/image"), "web:9");
    let settled = settled.replace(&format!("[\"{deep}\"]"), "[\"spec.template.spec.containers[*].image\"]");
    rules(&bench, &settled);
    run(&bench, &["apply", "--yes"], 0);
    assert_eq!(value(&bench, "deployment/web", "/spec/template/spec/containers/1/image"), "web:1");
    assert_eq!(value(&bench, "configmap/one", "/data"), json!({"a": "theirs", "b": "ours", "c": "ours"}));
    run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"], 0);

    // Who answers every apply is named, with the rule that ends it.
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:9"}]}}}});
    patch(&bench, "deployment/web", "ctl", &image);
    let plan = run(&bench, &["plan"], 0);
    for words in ["warning[perpetual-change]", "`ctl` changed", "manager = \"ctl\"", "ignoreChanges = ["] {
        assert!(plan.out.contains(words), "{words}:\n{}", plan.out);
    }
    // The description changes, and what is left stays; a claim that is given up leaves the value.
    bench.write("objects.yaml", &OBJECTS.replace("a: ours, b: ours", "a: new, b: new"));
    run(&bench, &["apply", "--yes"], 0);
    assert_eq!(value(&bench, "configmap/one", "/data"), json!({"a": "theirs", "b": "new", "c": "ours"}));
    assert!(own_fields(&bench, "configmap/one")["f:data"].get("f:a").is_none());
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_count_that_an_autoscaler_keeps_is_neither_drift_nor_conflict() {
    let bench = Bench::new("scaled");
    bench.write("objects.yaml", OBJECTS);
    rules(&bench, "");
    run(&bench, &["apply", "--yes"], 0);
    let scale = |manager: &str, count: u32| {
        let patch = json!({"spec": {"replicas": count}}).to_string();
        let manager = format!("--field-manager={manager}");
        let scale = ["patch", "deployment/web", "-n", &bench.name, "--subresource=scale", "--type=merge", "-p", &patch];
        bench.kubectl(&[&scale[..], &[&manager]].concat());
    };
    scale("kube-controller-manager", 1);
    bench.write("objects.yaml", &OBJECTS.replace("replicas: 0", "replicas: 3"));
    let plan = run(&bench, &["plan", "--detailed-exitcode", "--out", "plan.json"], 0);
    assert_eq!(plan.out.matches("`spec.replicas` is kept by `kube-controller-manager`").count(), 1, "{}", plan.out);
    scale("kube-controller-manager", 2);
    bench.langop(&["apply", "plan.json", "--no-wait"]).exits(0);
    run(&bench, &["apply", "--yes", "--no-wait"], 0);
    assert_eq!(value(&bench, "deployment/web", "/spec/replicas"), 2);
    // A person is no autoscaler.
    scale("kubectl", 1);
    let refused = run(&bench, &["plan"], 1);
    assert!(refused.out.contains("`spec.replicas` (kubectl, Update"), "{}", refused.out);

    // One on the server that has not written yet, and is in no description.
    run(&bench, &["apply", "--yes", "--no-wait", "--force-conflicts"], 0);
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let autoscaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "theirs", "namespace": bench.name},
        "spec": {"minReplicas": 1, "maxReplicas": 9, "scaleTargetRef": target}});
    let file = bench.write("autoscaler.json", &autoscaler.to_string());
    bench.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    bench.write("objects.yaml", &OBJECTS.replace("replicas: 0", "replicas: 7"));
    let plan = run(&bench, &["plan", "--json"], 0).json();
    let left = &plan["left"][0];
    assert_eq!(left["because"], "scaled", "{plan:#}");
    assert_eq!(left["managers"], json!(["HorizontalPodAutoscaler/theirs"]), "{plan:#}");
    assert_eq!(plan["summary"]["change"], 0, "{plan:#}");
    run(&bench, &["apply", "--yes", "--no-wait"], 0);
    assert_ne!(value(&bench, "deployment/web", "/spec/replicas"), 7);
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
}

#[test]
fn ignored_changes_stay_and_what_is_protected_is_not_deleted() {
    let bench = Bench::new("lifecycle");
    bench.write("objects.yaml", OBJECTS);
    rules(
        &bench,
        "[[lifecycle]]\naddress = \"ConfigMap/NAME/one\"\nignoreChanges = [\"data.a\", \"data.b\"]\npreventDestroy = true\n",
    );
    run(&bench, &["apply", "--yes"], 0);
    // What the server makes of a field is told, and no failure.
    bench.write("altered.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME-altered, labels: {kubernetes.io/metadata.name: other}}\n");
    let altered = ["apply", "--yes", "--json", "--stack", "NAME-altered", "altered.yaml"]
        .map(|arg| arg.replace("NAME", &bench.name));
    let altered = bench.langop(&altered.each_ref().map(String::as_str)).exits(0);
    assert!(altered.out.contains("\"type\":\"altered\"") && altered.out.contains("metadata.name"), "{}", altered.out);
    bench.langop(&["destroy", "--yes", "--stack", &format!("{}-altered", bench.name)]).exits(0);

    // Both sides move, one of them leaves the description: all of it stays, also when something else is applied.
    patch(&bench, "configmap/one", "intruder", &json!({"data": {"a": "theirs"}}));
    bench.write("objects.yaml", &OBJECTS.replace("a: ours, b: ours", "a: new"));
    let plan = run(&bench, &["plan", "--detailed-exitcode"], 0);
    assert_eq!(plan.out.matches("`data.a`, `data.b`").count(), 1, "{}", plan.out);
    bench.write("objects.yaml", &OBJECTS.replace("a: ours, b: ours, c: ours", "a: new, c: new"));
    run(&bench, &["apply", "--yes"], 0);
    assert_eq!(value(&bench, "configmap/one", "/data"), json!({"a": "theirs", "b": "ours", "c": "new"}));
    run(&bench, &["plan", "--detailed-exitcode"], 0);

    // It leaves the description, with its rule: the live object says that it stays.
    assert_eq!(value(&bench, "configmap/one", "/metadata/annotations/langop.io~1protect"), "true");
    rules(&bench, "");
    let without = OBJECTS.split("---").filter(|document| !document.contains("name: one")).collect::<Vec<_>>();
    bench.write("objects.yaml", &without.join("---"));
    let address = format!("ConfigMap/{}/one", bench.name);
    let refused = run(&bench, &["plan"], 1);
    assert!(
        refused.out.contains("error[protected]") && refused.out.contains(&format!("--delete-protected={address}")),
        "{}",
        refused.out
    );
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(1);
    assert_eq!(value(&bench, "configmap/one", "/data/c"), "new");
    run(&bench, &["apply", "--yes", &format!("--delete-protected={address}")], 0);
    assert_ne!(bench.try_kubectl(&["get", "configmap/one", "-n", &bench.name]).code, Some(0));
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn what_cannot_be_ignored_is_no_valid_description() {
    let bench = Bench::offline("ignored");
    bench.write("objects.yaml", OBJECTS);
    rules(&bench, "[[lifecycle]]\naddress = \"Secret/NAME/hidden\"\nignoreChanges = [\"data.key\"]\n");
    let said = run(&bench, &["validate"], 65);
    assert!(said.err.contains("error[secret-value]") && !said.out.contains("is valid"), "{}", said.all());
    assert_eq!(run(&bench, &["validate", "--json"], 65).json()["valid"], false);
}
