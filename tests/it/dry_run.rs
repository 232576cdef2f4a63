//! Admission webhooks that do not say that they are free of side effects: the API server tries nothing that they would be
//! asked about. The plan says so for each object, with the webhook, and apply does what is described all the same.

use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::bench::{Bench, Said, eventually};
use crate::control_plane;

/// One object for each of the two webhooks in a namespace that is there, one in a namespace of the plan, and one that no
/// webhook is asked about.
const STACK: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: watched, namespace: NAME}
data: {key: VALUE, leaves: 'yes'}
---
apiVersion: v1
kind: Secret
metadata: {name: watched, namespace: NAME}
stringData: {key: VALUE}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: free, namespace: NAME, annotations: {key: VALUE}}
---
apiVersion: v1
kind: Namespace
metadata: {name: NAME-new}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: watched, namespace: NAME-new}
data: {key: VALUE}
";

/// The webhooks: nobody answers for them, which the API server is told to bear with.
const HOOKS: [(&str, &str, &str, &str); 2] = [
    ("ValidatingWebhookConfiguration", "some.NAME.example.com", "Some", "configmaps"),
    ("MutatingWebhookConfiguration", "unknown.NAME.example.com", "Unknown", "secrets"),
];

/// Installs a webhook as servers have it from before `admissionregistration.k8s.io/v1`, which takes none whose side effects
/// are not said: in the database.
fn install(bench: &Bench, (kind, hook, side_effects, resource): (&str, &str, &str, &str)) {
    let hook = hook.replace("NAME", &bench.name);
    let mut object = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": bench.name, "uid": uuid::Uuid::new_v4(), "creationTimestamp": "2020-01-01T00:00:00Z"},
        "webhooks": [{
            "name": hook,
            "admissionReviewVersions": ["v1"],
            "sideEffects": side_effects,
            "failurePolicy": "Ignore",
            "matchPolicy": "Equivalent",
            "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:1/nobody"},
            "namespaceSelector": {},
            "objectSelector": {"matchLabels": {"langop.io/stack": bench.name}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": [resource],
                "operations": ["CREATE", "UPDATE"], "scope": "*"}],
        }],
    });
    if kind.starts_with("Mutating") {
        object["webhooks"][0]["reinvocationPolicy"] = json!("Never");
    }
    let key = format!("/registry/{}s/{}", kind.to_ascii_lowercase(), bench.name);
    let put = json!({"key": STANDARD.encode(key), "value": STANDARD.encode(object.to_string())});
    etcd("put", &put);
}

/// A request to the database of the control plane, by its JSON gateway.
fn etcd(what: &str, body: &Value) {
    let data = control_plane::kubeconfig().parent().unwrap().to_owned();
    let ports: Value = serde_json::from_slice(&std::fs::read(data.join("ports.json")).unwrap()).unwrap();
    let mut curl = Command::new("curl");
    for (flag, file) in [("--cacert", "ca.crt"), ("--cert", "etcd.crt"), ("--key", "etcd.key")] {
        curl.arg(flag).arg(data.join("pki").join(file));
    }
    curl.args(["--silent", "--show-error", "--fail", "--data", &body.to_string()]);
    curl.arg(format!("https://127.0.0.1:{}/v3/kv/{what}", ports["etcd"]));
    let answer = curl.stdin(Stdio::null()).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}

fn run(bench: &Bench, args: &[&str]) -> Said {
    bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat())
}

fn describe(bench: &Bench, stack: &str, value: &str) {
    bench.write("stack.yaml", &stack.replace("VALUE", value));
}

/// Each object, what is done with it, and how well that is known: `ConfigMap watched in NAME: create server`.
fn known(bench: &Bench, planned: &Value) -> Vec<String> {
    let of = |change: &Value| {
        let text = |pointer: &str| change.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let [kind, name, namespace] = ["kind", "name", "namespace"].map(|field| text(&format!("/object/{field}")));
        let known = [text("/action"), text("/confidence"), text("/confidence_reason")].join(" ");
        format!("{kind} {name} in {namespace}: {}", known.trim()).replace(&bench.name, "NAME")
    };
    let mut all: Vec<_> = planned["changes"].as_array().unwrap().iter().map(of).collect();
    all.sort();
    all
}

/// The words for an object that a webhook keeps from being tried.
fn untried(object: &str, action: &str, hook: &str) -> String {
    format!(
        "{object} in NAME: {action} unverified admission webhook \"{hook}.NAME.example.com\" does not support dry run"
    )
}

#[test]
fn a_webhook_that_no_dry_run_may_reach_is_named_and_apply_still_does_what_is_described() {
    let bench = Bench::new("side-effects");
    bench.kubectl(&["create", "namespace", &bench.name]);
    for hook in HOOKS {
        install(&bench, hook);
    }
    describe(&bench, STACK, "one");
    let mut planned = Value::Null;
    eventually("the API server knows the webhooks", Duration::from_secs(30), || {
        planned = run(&bench, &["plan", "--json"]).exits(0).json();
        planned.to_string().matches("does not support dry run").count() >= HOOKS.len()
    });
    let expected =
        |action: &str| [untried("ConfigMap watched", action, "some"), untried("Secret watched", action, "unknown")];
    let known_at_first = known(&bench, &planned);
    for words in expected("create") {
        assert!(known_at_first.contains(&words), "{words}: {known_at_first:#?}");
    }
    // In a namespace that the plan makes it is no reason to refuse anything, either.
    let elsewhere =
        known_at_first.iter().find(|one| one.starts_with("ConfigMap watched in NAME-new: create unverified "));
    assert!(elsewhere.is_some_and(|one| one.contains("some.NAME.example.com")), "{known_at_first:#?}");
    assert!(known_at_first.contains(&"ServiceAccount free in NAME: create server".to_owned()), "{known_at_first:#?}");
    let _ = run(&bench, &["plan", "--require=server"]).exits(7);
    let _ = run(&bench, &["apply", "--yes"]).exits(0);
    let _ = run(&bench, &["plan", "--detailed-exitcode"]).exits(0);
    let unchecked = run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"]).exits(0).all();
    for hook in ["some", "unknown"] {
        assert!(unchecked.contains(&format!("{hook}.{}.example.com", bench.name)), "{unchecked}");
    }

    // A value of each, and a field that goes.
    describe(&bench, &STACK.replace(", leaves: 'yes'", ""), "two");
    let planned = run(&bench, &["plan", "--detailed-exitcode", "--json", "--out=plan.json"]).exits(2).json();
    for words in expected("update") {
        assert!(known(&bench, &planned).contains(&words), "{words}: {:#?}", known(&bench, &planned));
    }
    assert!(planned.to_string().contains("leaves"), "{planned:#}");
    let _ = bench.langop(&["apply", "--yes", "plan.json"]).exits(0);
    let of = |kind: &str| bench.object(&[kind, "watched", "-n", &bench.name])["data"].clone();
    let encoded = STANDARD.encode("two");
    assert_eq!([of("configmap"), of("secret")], [json!({"key": "two"}), json!({"key": encoded})]);

    // What is taken from others cannot be tried, either.
    let theirs =
        ["patch", "configmap", "watched", "-n", bench.name.as_str(), "--field-manager=theirs", "--type=merge", "-p"];
    bench.kubectl(&[&theirs[..], &["{\"data\":{\"key\":\"theirs\"}}"]].concat());
    let refused = run(&bench, &["plan"]).exits(1).all();
    assert!(refused.contains("error[conflict]") && refused.contains("(theirs,"), "{refused}");
    let planned = run(&bench, &["plan", "--force-conflicts", "--json"]).exits(0).json();
    assert!(known(&bench, &planned).contains(&expected("update")[0]), "{:#?}", known(&bench, &planned));
    let _ = run(&bench, &["apply", "--yes", "--force-conflicts"]).exits(0);
    assert_eq!(of("configmap"), json!({"key": "two"}));
    let _ = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    for (kind, ..) in HOOKS {
        bench.kubectl(&["delete", kind, &bench.name]);
    }
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}
