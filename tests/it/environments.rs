//! The right cluster and the right stack: what a plan says of where it is, a record that belongs to another cluster, and
//! the environments of a description.

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::control_plane;

const ONE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n";

/// A record as it would be, had another cluster made it.
fn moved(bench: &Bench, file: &str) {
    let path = bench.dir.path().join(file);
    let mut record: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    record["cluster"] = json!({"id": "00000000-0000-0000-0000-000000000000", "server": "https://elsewhere:6443"});
    std::fs::write(path, record.to_string()).unwrap();
}

#[test]
fn a_record_of_another_cluster_is_refused_until_it_is_made_anew() {
    let bench = Bench::at("other-cluster", control_plane::kubeconfig());
    let uid = bench.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    bench.write("one.yaml", ONE);
    let run = |args: &[&str]| bench.langop(&[args, &["--state-dir", "state"]].concat());
    let stack = ["--stack", bench.name.as_str(), "one.yaml"];
    let planned = run(&[&["plan", "--json"][..], &stack].concat()).exits(0);
    assert!(planned.err.contains(" as `") && planned.err.contains("(context `"), "{}", planned.err);
    let target = &planned.json()["target"];
    assert_eq!(target["cluster_id"], json!(uid));
    for known in ["server", "context", "identity"] {
        assert!(target[known].as_str().is_some_and(|text| !text.is_empty()), "{known}: {target}");
    }
    run(&[&["apply", "--yes"][..], &stack].concat()).exits(0);
    let file = format!("state/{}.json", bench.name);
    let record = || -> Value { serde_json::from_str(&std::fs::read_to_string(bench.path(&file)).unwrap()).unwrap() };
    assert_eq!(record()["cluster"]["id"], json!(uid));

    moved(&bench, &file);
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"], &["plan", "--destroy"]] {
        let refused = run(&[command, &stack].concat()).exits(64);
        let both = [&uid, "00000000-0000-0000-0000-000000000000", "https://elsewhere:6443", "state rebuild"];
        assert!(both.iter().all(|words| refused.err.contains(*words)), "{}", refused.err);
    }
    run(&["state", "rebuild", &bench.name]).exits(64);
    run(&["state", "rebuild", &bench.name, "--replace"]).exits(0);
    assert_eq!(record()["cluster"]["id"], json!(uid));
    run(&[&["plan", "--detailed-exitcode"][..], &stack].concat()).exits(0);

    // One of an older langop does not say where it was made; the next apply, which changes nothing, writes it down.
    let mut older = record();
    older.as_object_mut().unwrap().remove("cluster");
    older["format"] = json!(2);
    std::fs::write(bench.path(&file), older.to_string()).unwrap();
    run(&[&["apply", "--yes"][..], &stack].concat()).exits(0);
    assert_eq!(record()["cluster"]["id"], json!(uid));
    run(&[&["destroy", "--yes"][..], &stack].concat()).exits(0);
}
