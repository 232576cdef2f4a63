//! The key of the record's digests: apart from them, new for who had it inside the record, and no need for who plans.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{bound, granted, identity};
use crate::bench::Bench;

const STACK: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n---\napiVersion: v1\nkind: Secret\n\
     metadata: {name: key, namespace: NAME}\nstringData: {password: VALUE}\n";

fn langop(bench: &Bench, args: &[&str]) -> crate::bench::Said {
    bench.langop(&[args, &["--stack", &bench.name, "s.yaml"]].concat())
}

#[test]
fn the_key_is_a_file_of_its_own_and_another_one_than_an_older_langop_left_in_the_record() {
    let bench = Bench::new("key-file");
    bench.write("s.yaml", &STACK.replace("VALUE", "swordfish"));
    let (record, key) = (format!("state/{}.json", bench.name), format!("state/{}.key", bench.name));
    let read = |file: &str| std::fs::read_to_string(bench.dir.path().join(file)).unwrap();
    langop(&bench, &["apply", "--yes", "--state-dir", "state"]).exits(0);
    let first = read(&key);
    let mode = std::fs::metadata(bench.dir.path().join(&key)).unwrap().permissions().mode();
    assert_eq!((first.trim_end().len(), mode & 0o777), (64, 0o600));
    assert!(!read(&record).contains(first.trim_end()));

    // As an older langop left it.
    let mut old: Value = serde_json::from_str(&read(&record)).unwrap();
    (old["format"], old["digestKey"]) = (json!(1), json!(first.trim_end()));
    bench.write(&record, &old.to_string());
    std::fs::remove_file(bench.dir.path().join(&key)).unwrap();
    let recorded = |plan: &Value| {
        let changes = plan["changes"].as_array().unwrap().iter();
        changes.filter(|change| change["confidence"] == "recorded").count()
    };
    let plan = langop(&bench, &["plan", "--json", "--state-dir", "state"]).exits(0).json();
    assert_eq!(recorded(&plan), 2, "{plan:#}");
    assert!(!bench.dir.path().join(&key).exists(), "a plan writes nothing");
    langop(&bench, &["apply", "--yes", "--state-dir", "state"]).exits(0);
    let second = read(&key);
    assert!(second != first && !read(&record).contains("digestKey"), "who read the old record has the old key");
    let plan = langop(&bench, &["plan", "--json", "--state-dir", "state"]).exits(0).json();
    assert_eq!(recorded(&plan), 2, "{plan:#}");

    bench.write("s.yaml", &STACK.replace("VALUE", "marlin"));
    langop(&bench, &["plan", "--detailed-exitcode", "--state-dir", "state"]).exits(2);
    langop(&bench, &["destroy", "--yes", "--state-dir", "state"]).exits(0);
    assert!(!bench.dir.path().join(&key).exists());
}

#[test]
fn who_may_not_read_the_key_plans_without_it() {
    let bench = Bench::new("key-hidden");
    bench.write("s.yaml", &STACK.replace("VALUE", "swordfish"));
    let applied = langop(&bench, &["apply", "--yes"]).exits(0);
    let name = format!("stack-{}", bench.name);
    let secret = bench.object(&["secret", &name, "-n", "langop-system"]);
    assert_eq!((&secret["type"], &secret["immutable"]), (&json!("Opaque"), &json!(true)));
    let key = bench.kubectl(&[
        "get",
        "secret",
        &name,
        "-n",
        "langop-system",
        "-o",
        "go-template={{index .data \"digest-key\" | base64decode}}",
    ]);
    let listed = bench.langop(&["state", "list", &bench.name]).exits(0);
    let planned = langop(&bench, &["plan", "--json"]).exits(0);
    for said in [applied.all(), listed.all(), planned.all()] {
        assert!(!said.contains(&key), "the key is shown");
    }

    // Whoever may read the Secret of the stack and not write it sees that it is there, and no change of it.
    let own = json!({"apiGroups": [""], "resources": ["secrets", "namespaces", "configmaps"], "verbs": ["list"]});
    let by_name = json!({"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["key"], "verbs": ["get"]});
    let mut objects = granted(&bench.name, &[own, by_name]);
    objects.push(bound(&format!("{}-view", bench.name), "view"));
    let reader = identity(&bench, "reader", &objects);
    let plan = langop(&bench, &["plan", "--detailed-exitcode", "--kubeconfig", &reader]).exits(0);
    assert!(plan.out.contains("values-not-compared") && plan.out.contains(&name), "{}", plan.out);
    assert_eq!(plan.out.matches("cannot compare the values of Secret/key").count(), 1, "{}", plan.out);

    langop(&bench, &["destroy", "--yes"]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "secret", &name, "-n", "langop-system"]).code, Some(1));
}
