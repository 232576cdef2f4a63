//! A right that only the API server's own rules ask for, or that a plan only needs to see more, is missing: that is said as
//! what it is.

use serde_json::{Value, json};

use super::{granted, identity};
use crate::bench::Bench;

/// What somebody has who may write roles and workloads, and holds next to nothing.
fn writer(bench: &Bench) -> String {
    let all = |group: &str, resources: &[&str]| {
        json!({"apiGroups": [group], "resources": resources,
            "verbs": ["get", "list", "create", "patch", "update", "delete"]})
    };
    let rules = [
        all("rbac.authorization.k8s.io", &["roles", "rolebindings", "clusterroles"]),
        all("apps", &["deployments"]),
        all("", &["configmaps"]),
        all("coordination.k8s.io", &["leases"]),
        json!({"apiGroups": [""], "resources": ["services"], "verbs": ["get", "list"]}),
        json!({"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "create"]}),
    ];
    identity(bench, "writer", &granted(&bench.name, &rules))
}

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reader, namespace: NAME}\n\
     rules: [{apiGroups: [''], resources: [pods/log], verbs: [get]}]\n";

/// Binds a role that is there.
const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: NAME}\n\
     roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n\
     subjects: [{kind: Group, name: NAME, apiGroup: rbac.authorization.k8s.io}]\n";

const AGGREGATED: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: NAME-all}\n\
     aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: NAME}}]}\n";

/// Binds a role of the same description, which is not there yet.
const BOTH: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: own, namespace: NAME}\n\
     rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]\n---\n\
     apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: own, namespace: NAME}\n\
     roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: own}\n\
     subjects: [{kind: Group, name: NAME, apiGroup: rbac.authorization.k8s.io}]\n";

const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: NAME}\nspec: {ports: [{port: 80}]}\n";

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: NAME}\nspec:\n  replicas: 1\n  \
     selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: w, image: 'w:1'}]}}\n";

fn codes(plan: &Value) -> Vec<&str> {
    plan["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

#[test]
fn a_right_that_is_missing_beside_that_to_write_is_named_and_is_no_admission() {
    let bench = Bench::new("lacking");
    bench.kubectl(&["create", "namespace", &bench.name]);
    let writer = writer(&bench);
    let run = |args: &[&str]| bench.langop(&[args, &["--kubeconfig", &writer]].concat());
    let stack = ["--stack", bench.name.as_str()];

    // Who gives rights must hold them: said by the plan, and by an apply of what somebody else planned.
    for (file, text, lacking) in [
        ("role.yaml", ROLE, "`get` pods/log"),
        ("binding.yaml", BINDING, "bindings"),
        ("aggregated.yaml", AGGREGATED, "`escalate`"),
    ] {
        bench.write(file, text);
        let plan = run(&[&["plan", "--json", file], &stack[..]].concat()).exits(77).json();
        assert_eq!(codes(&plan), ["forbidden"], "{plan:#}");
        assert!(plan["problems"][0]["message"].as_str().unwrap().contains(lacking), "{plan:#}");
    }
    bench.langop(&[&["plan", "--out", "plan.json", "role.yaml"], &stack[..]].concat()).exits(0);
    // What somebody approved who may more is left alone.
    let applied = run(&["apply", "--yes", "plan.json"]).exits(4);
    assert!(applied.all().contains("gives rights that") && applied.all().contains("`get` pods/log"), "{applied:?}");

    // Nothing but refusals for lack of a right: an apply that was planned without dry-runs ends so too.
    bench.write("service.yaml", SERVICE);
    let applied = run(&[&["apply", "--yes", "service.yaml"], &stack[..]].concat()).exits(77);
    assert!(applied.all().contains("resource \"services\""), "{applied:?}");

    // A role that is still to come keeps nobody from planning its binding.
    bench.write("both.yaml", BOTH);
    run(&[&["apply", "--yes", "both.yaml"], &stack[..]].concat()).exits(0);

    // What an autoscaler may own is not known to who may not list them, which is said once.
    bench.write("web.yaml", DEPLOYMENT);
    let described = [&["web.yaml", "both.yaml"], &stack[..]].concat();
    bench.langop(&[&["apply", "--yes", "--no-wait"], &described[..]].concat()).exits(0);
    bench.write("web.yaml", &DEPLOYMENT.replace("replicas: 1", "replicas: 2"));
    let plan = run(&[&["plan", "--json"], &described[..]].concat()).exits(0).json();
    assert_eq!(codes(&plan).iter().filter(|code| **code == "autoscalers-unread").count(), 1, "{plan:#}");
    let whole = bench.langop(&[&["plan", "--json"], &described[..]].concat()).exits(0).json();
    assert!(!codes(&whole).contains(&"autoscalers-unread"), "{whole:#}");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}
