//! What langop does and says as somebody who may not do everything.

mod digest_key;
mod fitness;
mod history;
mod lacking;
mod looks;
mod rbac;
mod reader;

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, eventually};

/// A kubeconfig of a new service account of this name, which may do what `objects` (roles and bindings) say.
/// `SUBJECT` in a binding is that account.
fn identity(bench: &Bench, name: &str, objects: &[Value]) -> String {
    let account = format!("{}-{name}", bench.name);
    bench.kubectl(&["create", "serviceaccount", &account, "-n", "default"]);
    let subject = json!({"kind": "ServiceAccount", "name": account, "namespace": "default"});
    let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let text = text.replace("\"SUBJECT\"", &subject.to_string());
    bench.write("identity.json", &text);
    bench.kubectl(&["apply", "-f", &bench.path("identity.json")]);
    let token = bench.kubectl(&["create", "token", &account, "-n", "default"]);
    let admin = std::fs::read_to_string(crate::control_plane::kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&admin).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    until_known(bench, &account);
    bench.write(&format!("{name}.kubeconfig"), &config.to_string()).display().to_string()
}

/// The API server learns of roles a moment after they are made: this one is the last.
fn until_known(bench: &Bench, account: &str) {
    let marker = format!("/langop-test/{account}");
    let rule = json!({"nonResourceURLs": [marker], "verbs": ["get"]});
    bench.write(
        "marker.json",
        &json!({"apiVersion": "v1", "kind": "List", "items": granted(account, &[rule])}).to_string(),
    );
    let text = std::fs::read_to_string(bench.path("marker.json")).unwrap();
    let subject = json!({"kind": "ServiceAccount", "name": account, "namespace": "default"});
    bench.write("marker.json", &text.replace("\"SUBJECT\"", &subject.to_string()));
    bench.kubectl(&["apply", "-f", &bench.path("marker.json")]);
    let who = format!("--as=system:serviceaccount:default:{account}");
    eventually("the roles are known", Duration::from_secs(20), || {
        bench.try_kubectl(&["auth", "can-i", "get", &marker, &who]).code == Some(0)
    });
}

/// The objects of a List.
fn listed(list: &Value) -> Vec<Value> {
    list["items"].as_array().unwrap().clone()
}

/// A cluster role with these rules, and its binding.
fn granted(name: &str, rules: &[Value]) -> Vec<Value> {
    let api = "rbac.authorization.k8s.io";
    let version = format!("{api}/v1");
    vec![
        json!({"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}),
        bound(name, name),
    ]
}

/// A binding to a cluster role that is there.
fn bound(name: &str, role: &str) -> Value {
    let api = "rbac.authorization.k8s.io";
    json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": role}, "subjects": ["SUBJECT"]})
}
