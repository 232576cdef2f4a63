//! Who may change the record and not the history beside it: a role that an older langop printed.

use serde_json::{Value, json};

use super::identity;
use crate::bench::Bench;

fn map(value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: NAME}}\ndata: {{key: '{value}'}}\n")
}

/// A role in a namespace, and its binding.
fn granted(name: &str, namespace: &str, rules: &Value) -> [Value; 2] {
    let version = "rbac.authorization.k8s.io/v1";
    let metadata = json!({"name": name, "namespace": namespace});
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    [
        json!({"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules}),
        json!({"apiVersion": version, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": ["SUBJECT"]}),
    ]
}

#[test]
fn who_may_not_write_the_history_applies_all_the_same_and_is_warned() {
    let bench = Bench::new("no-history");
    bench.kubectl(&["create", "namespace", &bench.name]);
    let run = |value: &str, args: &[&str]| {
        bench.write("stack.yaml", &map(value));
        bench.langop(&[&["apply", "--yes", "--stack", &bench.name, "stack.yaml"], args].concat())
    };
    run("1", &[]).exits(0);
    let all = ["get", "list", "create", "update", "patch", "delete"];
    let record = [format!("stack-{}", bench.name)];
    let system = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": record, "verbs": all},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": all},
    ]);
    let own = json!([{"apiGroups": [""], "resources": ["configmaps"], "verbs": all}]);
    let mut objects = granted(&bench.name, "langop-system", &system).to_vec();
    objects.extend(granted(&bench.name, &bench.name, &own));
    let kubeconfig = identity(&bench, "older", &objects);
    let said = run("2", &["--kubeconfig", &kubeconfig]).exits(0).all();
    assert!(said.contains("`langop rollback` cannot go back to what was applied here"), "{said}");
    // What is there without an entry is the present one.
    bench.langop(&["rollback", &bench.name, "--yes"]).exits(0);
    let value = bench.kubectl(&["get", "configmap", "a", "-n", &bench.name, "-o", "jsonpath={.data.key}"]);
    assert_eq!(value, "1");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}
