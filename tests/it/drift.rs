//! What moved away from what was applied, on the real server.

use serde_json::json;

use crate::bench::Bench;

const STACK: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, namespace: NAME}
data: {text: "one\ntwo\nthree\n", mode: fast}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone, namespace: NAME}
data: {a: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: described, namespace: NAME}
data: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden, namespace: NAME}
stringData: {password: hunter2-applied}
"#;

#[test]
fn drift_says_what_moved_to_what_by_whom_and_since_when_and_nothing_else() {
    let bench = Bench::new("drift");
    let name = bench.name.as_str();
    bench.write("stack.yaml", STACK);
    let stack = ["--stack", name, "stack.yaml"];
    let drift = |more: &[&str]| bench.langop(&[&["drift"], more, &stack].concat());
    // What was never applied cannot have moved.
    let none = drift(&[]).exits(0);
    assert!(none.out.ends_with("Drift: none; 0 objects in the record.\n"), "{}", none.out);
    bench.langop(&[&["apply", "--yes"], &stack[..]].concat()).exits(0);
    assert!(drift(&[]).exits(0).out.ends_with("Drift: none; 5 objects in the record.\n"));

    let patch = |object: &str, patch: serde_json::Value| {
        let (patch, merge) = (patch.to_string(), ["--type=merge", "--field-manager=hand", "-p"]);
        bench.kubectl(&[&["patch", object, "-n", name], &merge[..], &[patch.as_str()]].concat());
    };
    patch("configmap/kept", json!({"data": {"mode": "slow", "text": "one\n2\nthree\n", "other": "theirs"}}));
    patch("configmap/described", json!({"data": {"a": "moved"}}));
    patch("secret/hidden", json!({"stringData": {"password": "hunter2-moved"}}));
    bench.kubectl(&["delete", "configmap", "gone", "-n", name]);
    // A change of the description is no drift, nor is what the description never mentioned.
    bench.write(
        "stack.yaml",
        &STACK.replace(
            "name: described, namespace: NAME}\ndata: {a: b}",
            "name: described, namespace: NAME}\ndata: {a: c}",
        ),
    );
    let said = drift(&[]).exits(2);
    let since = regex::Regex::new(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let shown = since.replace_all(&said.out, "since TIME").replace(name, "NAME");
    insta::assert_snapshot!("drift", shown);

    let printed = drift(&["--json"]).exits(2);
    // `hunter2` as it is, and in base64.
    for text in [&said.out, &said.err, &printed.out, &printed.err] {
        assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMi"), "a secret is shown:\n{text}");
    }
    let document = printed.json();
    let kinds: Vec<_> =
        document["drifted"].as_array().unwrap().iter().map(|one| (&one["object"]["name"], &one["kind"])).collect();
    assert_eq!(
        kinds,
        [
            (&json!("gone"), &json!("deleted")),
            (&json!("kept"), &json!("changed")),
            (&json!("hidden"), &json!("changed")),
        ]
    );
    let mode = &document["drifted"][1]["fields"][0];
    assert_eq!(
        (&mode["path"], &mode["delta"]["before"], &mode["delta"]["after"]),
        (&json!("data.mode"), &json!("fast"), &json!("slow"))
    );
    assert_eq!((&mode["by"][0]["manager"], &mode["by"][0]["operation"]), (&json!("hand"), &json!("Update")));
    let hidden = &document["drifted"][2]["fields"][0];
    assert_eq!(
        (&hidden["path"], &hidden["delta"]["after"], &hidden["by"][0]["manager"]),
        (&json!("data.password"), &json!("(changed)"), &json!("hand"))
    );
    assert_eq!(document["described"][0]["name"], "described");
    assert_eq!(document["unknown"], json!([]));

    // What the other commands print as facts, programs read too.
    let record = bench.langop(&["state", "list", name, "--json"]).exits(0).json();
    assert_eq!((record["objects"].as_array().unwrap().len(), &record["stack"]), (5, &json!(name)));
    let status = bench.langop(&["status", "--json", "--stack", name]).exits(0).json();
    assert_eq!(status["clusters"], json!([]));
    let graph = bench.langop(&[&["graph", "--json"], &stack[..]].concat()).exits(0).json();
    assert_eq!(graph["objects"].as_array().unwrap().len(), 5);
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
}
