//! Adoption is complete: what other tools wrote and the description leaves out goes, is shown, and comes back as no conflict.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::{Bench, said};

/// As another tool made it: with a key, a variable, a container and an annotation that the description lacks.
const BEFORE: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: NAME, annotations: {note: theirs}}
data: {key: value, legacy: unused}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1", env: [{name: OLD, value: "1"}, {name: KEEP, value: "1"}]}
      - {name: side, image: side}
"#;

const AFTER: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: NAME}
data: {key: value}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:IMAGE", env: [{name: KEEP, value: "1"}]}
"#;

fn describe(bench: &Bench, image: &str) {
    bench.write("after.yaml", &AFTER.replace("IMAGE", image));
}

/// Paths of all differences that a plan shows.
fn differences(plan: &Value) -> Vec<String> {
    let changes = plan["changes"].as_array().unwrap().iter();
    let entries = changes.flat_map(|change| change["diff"].as_array().cloned().unwrap_or_default());
    entries.map(|entry| entry.to_string()).collect()
}

/// Adopts what is there with `flags`, and goes on from there.
fn adopted(bench: &Bench, image: &str, flags: &[&str]) {
    let with = |command: &[&str]| {
        [command, &["--stack", &bench.name, "after.yaml"], flags]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let run = |args: Vec<String>| bench.langop(&args.iter().map(String::as_str).collect::<Vec<_>>());
    describe(bench, image);
    // Its controller writes an annotation and the status, by and by.
    bench.kubectl(&["rollout", "status", "deployment/web", "-n", &bench.name]);
    let seen = || {
        let object = bench.object(&["deployment", "web", "-n", &bench.name]);
        (object["spec"].clone(), object["metadata"]["generation"].clone(), object["metadata"]["labels"].clone())
    };
    let before = seen();
    let plan = run(with(&["plan"])).exits(0);
    for gone in ["- data.legacy", "OLD", "side", "note: theirs"] {
        assert!(plan.out.contains(gone), "{gone}:\n{}", plan.out);
    }
    for stays in [
        "kubernetes.io/metadata.name",
        "strategy",
        "imagePullPolicy",
        "terminationGracePeriod",
        "last-applied",
        "deployment.kubernetes.io/revision",
    ] {
        assert!(
            !plan.out.contains(&format!("- {stays}")) && !plan.out.contains(&format!(".{stays}: ")),
            "{stays}:\n{}",
            plan.out
        );
    }
    assert_eq!(seen(), before, "a plan wrote");

    run(with(&["apply", "--yes"])).exits(0);
    let map = bench.object(&["configmap", "web", "-n", &bench.name]);
    assert_eq!(map["data"], serde_json::json!({"key": "value"}), "{map:#}");
    assert!(map["metadata"]["annotations"].is_null(), "{map:#}");
    let deployment = bench.object(&["deployment", "web", "-n", &bench.name]);
    let containers = deployment["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1, "{deployment:#}");
    assert_eq!(containers[0]["env"], serde_json::json!([{"name": "KEEP", "value": "1"}]), "{deployment:#}");
    let again = ["plan", "--refresh=full", "--detailed-exitcode", "--stack", &bench.name, "after.yaml"];
    bench.langop(&again).exits(0);

    // A later change is langop's own.
    describe(bench, "3");
    let plan = bench.langop(&["plan", "--json", "--stack", &bench.name, "after.yaml"]).exits(0).json();
    assert_eq!(differences(&plan).len(), 1, "{plan:#}");
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "after.yaml"]).exits(0);
    let deployment = bench.object(&["deployment", "web", "-n", &bench.name]);
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["image"], "web:3");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn what_kubectl_applied_is_taken_over_as_a_whole() {
    let bench = Bench::new("adopt-csa");
    bench.write("before.yaml", BEFORE);
    bench.kubectl(&["apply", "-f", "before.yaml"]);
    adopted(&bench, "1", &["--adopt"]);
}

#[test]
fn what_kubectl_created_and_edited_is_taken_over_as_a_whole() {
    let bench = Bench::new("adopt-created");
    bench.write("before.yaml", BEFORE);
    bench.kubectl(&["create", "-f", "before.yaml"]);
    bench.kubectl(&["set", "image", "deployment/web", "side=side:2", "-n", &bench.name]);
    adopted(&bench, "2", &["--adopt"]);
}

#[test]
fn what_helm_wrote_is_taken_over_as_a_whole() {
    let bench = Bench::new("adopt-helm");
    bench.write("before.yaml", BEFORE);
    bench.kubectl(&["create", "--field-manager=helm", "-f", "before.yaml"]);
    adopted(&bench, "1", &["--adopt"]);
}

#[test]
fn what_was_written_before_server_side_apply_is_taken_over_as_a_whole() {
    let bench = Bench::new("adopt-before");
    bench.write("before.yaml", BEFORE);
    bench.kubectl(&["create", "--field-manager=before-first-apply", "-f", "before.yaml"]);
    adopted(&bench, "1", &["--adopt"]);
}

#[test]
fn conflicts_that_are_forced_take_the_whole_of_what_a_tool_wrote() {
    let bench = Bench::new("adopt-forced");
    bench.write("before.yaml", BEFORE);
    bench.kubectl(&["apply", "-f", "before.yaml"]);
    adopted(&bench, "2", &["--adopt", "--force-conflicts"]);
}

#[test]
fn an_adopted_namespace_survives_the_stack_and_one_that_the_stack_made_does_not() {
    let bench = Bench::new("adopt-namespace");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n";
    bench.write("stack.yaml", namespace);
    let run = |command: &[&str]| bench.langop(&[command, &["--stack", &bench.name]].concat());
    let is_there = || !bench.kubectl(&["get", "namespace", &bench.name, "--ignore-not-found", "-o", "name"]).is_empty();

    bench.kubectl(&["create", "namespace", &bench.name]);
    run(&["apply", "--yes", "--adopt", "stack.yaml"]).exits(0);
    // Also after a later change: what it was adopted as is not forgotten.
    bench.write("stack.yaml", &namespace.replace("{name: NAME}", "{name: NAME, annotations: {a: b}}"));
    run(&["apply", "--yes", "stack.yaml"]).exits(0);
    run(&["destroy", "--yes"]).exits(0);
    assert!(is_there(), "a namespace of others was deleted");

    bench.kubectl(&["delete", "namespace", &bench.name]);
    run(&["apply", "--yes", "stack.yaml"]).exits(0);
    run(&["apply", "--yes", "stack.yaml"]).exits(0);
    run(&["destroy", "--yes"]).exits(0);
    assert!(!is_there(), "what the stack made stays");
}

#[test]
fn what_was_adopted_is_let_go_of_and_deleted_only_when_that_is_asked_for() {
    let bench = Bench::new("adopt-forget");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n";
    let map = |name: &str, value: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: NAME}}\ndata: {{key: {value}}}\n"
        )
    };
    let run = |command: &[&str]| bench.langop(&[command, &["--stack", &bench.name, "stack.yaml"]].concat());
    let forgets = |plan: &Value, name: &str| {
        let changes = plan["changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["object"]["name"] == name).unwrap();
        assert_eq!((&change["action"], &change["reason"]["code"]), (&"forget".into(), &"adopted".into()), "{plan:#}");
    };
    let is_let_go = || {
        let theirs = bench.object(&["configmap", "theirs", "-n", &bench.name, "--show-managed-fields"]);
        assert_eq!(theirs["data"]["key"], "new", "{theirs:#}");
        assert!(theirs["metadata"]["labels"].is_null() && !theirs.to_string().contains("langop"), "{theirs:#}");
    };
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["create", "configmap", "theirs", "-n", &bench.name, "--from-literal=key=old"]);
    bench.write("stack.yaml", &format!("{namespace}{}{}", map("theirs", "old"), map("ours", "old")));
    run(&["apply", "--yes", "--adopt"]).exits(0);
    // What it was adopted as is not forgotten with a later change.
    bench.write("stack.yaml", &format!("{namespace}{}{}", map("theirs", "new"), map("ours", "new")));
    run(&["apply", "--yes"]).exits(0);

    // It leaves the description.
    bench.write("stack.yaml", &format!("{namespace}{}", map("ours", "new")));
    forgets(&run(&["plan", "--json"]).exits(0).json(), "theirs");
    let told = run(&["apply", "--yes"]).exits(0).out;
    assert!(told.contains("forget (adopted)") && told.contains("0 to destroy, 1 to forget"), "{told}");
    is_let_go();

    // The stack goes.
    bench.write("stack.yaml", &format!("{namespace}{}{}", map("theirs", "new"), map("ours", "new")));
    run(&["apply", "--yes", "--adopt"]).exits(0);
    let plan = run(&["plan", "--destroy", "--json"]).exits(0).json();
    forgets(&plan, "theirs");
    forgets(&plan, &bench.name);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    is_let_go();
    assert_eq!(bench.try_kubectl(&["get", "configmap", "ours", "-n", &bench.name]).code, Some(1));

    // With leave, one is deleted like what the stack made; what was made in its place is the stack's.
    run(&["apply", "--yes", "--adopt"]).exits(0);
    bench.kubectl(&["delete", "configmap", "theirs", "-n", &bench.name]);
    run(&["apply", "--yes"]).exits(0);
    let all = format!("--include-adopted=Namespace/{}", bench.name);
    bench.langop(&["destroy", "--yes", &all, "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn what_was_adopted_goes_with_a_namespace_of_the_stack_only_with_leave() {
    let bench = Bench::new("adopt-inside");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n";
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs, namespace: NAME}\ndata: {key: value}\n";
    let run = |command: &[&str]| bench.langop(&[command, &["--stack", &bench.name, "stack.yaml"]].concat());
    bench.write("stack.yaml", namespace);
    run(&["apply", "--yes"]).exits(0);
    bench.kubectl(&["create", "configmap", "theirs", "-n", &bench.name, "--from-literal=key=value"]);
    bench.write("stack.yaml", &format!("{namespace}{map}"));
    run(&["apply", "--yes", "--adopt"]).exits(0);
    let refused = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(1);
    assert!(refused.err.contains("--include-unmanaged"), "{}", refused.all());
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

/// As people make it with kubectl: a Service without names of ports, a Deployment that an autoscaler scales.
const BY_HAND: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: NAME}
data: {mode: fast}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: NAME}
stringData: {key: hunter2}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: NAME}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: NAME}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
"#;

fn uids(bench: &Bench) -> String {
    let what = "configmap/web,secret/web,service/web,deployment/web,horizontalpodautoscaler/web".replace(',', " ");
    let what: Vec<_> = what.split(' ').collect();
    bench.kubectl(&[&["get", "-n", &bench.name, "-o", "jsonpath={.items[*].metadata.uid}"], what.as_slice()].concat())
}

#[test]
fn a_namespace_made_by_hand_is_managed_after_two_commands_and_nothing_is_lost() {
    let bench = Bench::new("by-hand");
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat());
    bench.write("stack.yaml", BY_HAND);
    bench.kubectl(&["apply", "-f", "stack.yaml"]);
    let before = uids(&bench);
    // Another port, beside which the old one would need a name.
    let ports = "{name: http, port: 8000, targetPort: 8080}, {name: metrics, port: 9090}";
    bench.write("stack.yaml", &BY_HAND.replace("{port: 80, targetPort: 8080}", ports));

    let said = run(&["plan"]).exits(1);
    assert!(said.out.contains("`--adopt` all that is there"), "{said:?}");
    let applied = run(&["apply", "--yes", "--adopt"]).exits(0);
    assert!(applied.out.contains("- spec.ports[80/TCP]") && applied.out.contains("6 changed"), "{applied:?}");
    assert!(!applied.all().contains("hunter2"), "{applied:?}");
    assert_eq!(uids(&bench), before);
    run(&["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    let service = bench.object(&["service", "web", "-n", &bench.name]);
    assert_eq!(service["spec"]["ports"].as_array().unwrap().len(), 2, "{service:#}");
    assert_eq!(bench.object(&["secret", "web", "-n", &bench.name])["data"]["key"], "aHVudGVyMg==");

    // What a controller wrote stays its own: only a new object helps, and only with leave.
    let theirs = "\napiVersion: v1\nkind: Service\nmetadata: {name: theirs, namespace: NAME}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    bench.write("stack.yaml", theirs);
    bench.kubectl(&["create", "--field-manager=controller", "-f", "stack.yaml"]);
    bench.write(
        "stack.yaml",
        &format!("{BY_HAND}---{}", theirs.replace("{port: 80}", ports)).replace("{port: 80, targetPort: 8080}", ports),
    );
    let replace = format!("--replace=Service/{}/theirs", bench.name);
    let said = run(&["plan", "--adopt"]).exits(1);
    assert!(said.out.contains("Required value") && said.out.contains(&format!("hint: `{replace}`")), "{said:?}");
    run(&["apply", "--yes", "--adopt", &replace]).exits(0);
    run(&["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}

/// A gateway with a key of a Secret, and an agent with one of its own.
const RENDERED: &str = r#"
    stack = "NAME"
    [clusters.NAME]
    [models.m]
    provider = "openai-compatible"
    modelName = "m"
    endpoint = "http://models.example:8000/v1"
    apiKeySecretRef = { name = "vendor" }
    [agents.scout]
    image = "registry.example/scout:1"
    instructions = "look"
    [secrets.vendor]
    fromEnv = { api-key = "VENDOR_KEY" }
"#;

#[test]
fn what_another_hand_applies_of_a_rendering_plans_empty_and_it_goes_on_applying_it() {
    let bench = Bench::new("beside");
    bench.write("langop.toml", RENDERED);
    let langop = |args: &[&str]| said(&bench.command(args).env("VENDOR_KEY", "k3y-of-the-vendor").output().unwrap());
    // Before the Secrets are there, nobody knows which version of them the pods are to run with.
    let early = langop(&["render", "--resolve"]).exits(1);
    let of_secrets = format!("--target=Secret/{}/gateway-auth", bench.name);
    assert!(early.out.is_empty() && early.err.contains(&of_secrets), "{early:?}");
    let secrets = format!("Secret/{}/*", bench.name);
    langop(&["apply", "--yes", "--target", "CustomResourceDefinition/*", "--target", &secrets]).exits(0);
    let rendered = langop(&["render", "--resolve"]).exits(0);
    assert!(rendered.err.contains(&format!("Secret/vendor in {}", bench.name)), "{rendered:?}");
    assert!(
        !rendered.out.contains("kind: Secret\n") && !rendered.out.contains("(known after apply)"),
        "{}",
        rendered.out
    );
    assert_eq!(langop(&["render", "--resolve"]).exits(0).out, rendered.out, "the same each time");
    // As it is: `bench.write` would put the name of the test into descriptions of fields.
    std::fs::write(bench.path("rendered.yaml"), &rendered.out).unwrap();
    let apply = || {
        let file = bench.path("rendered.yaml");
        bench.kubectl(&["apply", "--server-side", "--field-manager=argocd-controller", "-f", &file]);
    };
    apply();
    let plan = langop(&["plan", "--adopt", "--json"]).exits(0).json();
    assert_eq!(differences(&plan), Vec::<String>::new());
    let reasons: BTreeSet<_> =
        plan["changes"].as_array().unwrap().iter().map(|change| change["reason"]["code"].as_str().unwrap()).collect();
    assert_eq!(reasons, BTreeSet::from(["adopt", "equal"]), "{plan:#}");
    langop(&["apply", "--yes", "--adopt", "--no-wait"]).exits(0);
    langop(&["plan", "--detailed-exitcode"]).exits(0);
    apply();
    langop(&["plan", "--detailed-exitcode"]).exits(0);
    // The other hand takes away what it brought.
    langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}
