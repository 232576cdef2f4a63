//! What cannot change in place: told from what is wrong, proven before anything is deleted, and never lost silently.

use std::time::Duration;

use crate::bench::{Bench, eventually};
use crate::proxy::{Fault, Recorder, Rule};

/// One object of each kind whose fields the API server keeps. `A` stands for what tests change.
const KEEPERS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: x, namespace: NAME}
spec: {accessModes: [MODE], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: x, namespace: NAME}
spec:
  replicas: 0
  serviceName: x
  podManagementPolicy: POLICY
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec: {containers: [{name: x, image: 'x:1'}]}
---
apiVersion: v1
kind: Secret
metadata: {name: x, namespace: NAME}
type: TYPE
data: {key: dmFsdWU=}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: NAME}
immutable: true
data: {KEY: value}
---
apiVersion: batch/v1
kind: Job
metadata: {name: x, namespace: NAME}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: CONTAINER, image: 'x:1'}]}
";

const KINDS: [&str; 5] = ["PersistentVolumeClaim", "StatefulSet", "Secret", "ConfigMap", "Job"];

fn keepers(mode: &str, policy: &str, r#type: &str, key: &str, container: &str) -> String {
    let named = [("MODE", mode), ("POLICY", policy), ("TYPE", r#type), ("KEY", key), ("CONTAINER", container)];
    named.iter().fold(KEEPERS.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn uids(bench: &Bench) -> Vec<String> {
    let uid = |kind: &&str| bench.object(&[*kind, "x", "-n", &bench.name])["metadata"]["uid"].to_string();
    KINDS.iter().map(uid).collect()
}

#[test]
fn a_wrong_value_is_refused_and_nothing_is_deleted_for_it() {
    let bench = Bench::new("typo");
    let args = |first: &[&'static str]| -> Vec<String> {
        first
            .iter()
            .map(|arg| (*arg).to_owned())
            .chain(["--stack".into(), bench.name.clone(), "s.yaml".into()])
            .collect()
    };
    let langop = |first: &[&'static str]| {
        let args = args(first);
        bench.langop(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    bench.write("s.yaml", &keepers("ReadWriteOnce", "OrderedReady", "Opaque", "key", "x"));
    langop(&["apply", "--yes"]).exits(0);
    let made = uids(&bench);
    bench.write("s.yaml", &keepers("ReadWriteOften", "Sometimes", "kubernetes.io/tls", "a key", "X!"));
    let refused = langop(&["plan"]).exits(1);
    assert!(!refused.out.contains("--replace"), "{}", refused.out);
    for words in ["spec.accessModes", "spec.podManagementPolicy", "tls.crt", "data[a key]", "containers[0].name"] {
        assert!(refused.out.contains(words), "{words}: {}", refused.out);
    }
    langop(&["apply", "--yes", "--replace"]).exits(1);
    assert_eq!(uids(&bench), made);
    // The same fields with values that are right.
    bench.write("s.yaml", &keepers("ReadWriteMany", "Parallel", "example.com/own", "other", "y"));
    let refused = langop(&["plan"]).exits(1);
    for kind in KINDS {
        let hint = format!("--replace={kind}/{}/x", bench.name);
        assert!(refused.out.contains(&hint), "{hint}: {}", refused.out);
    }
    let plan = langop(&["plan", "--replace"]).exits(0);
    assert!(plan.out.contains("Plan: 5 to add, 0 to change, 5 to destroy."), "{}", plan.out);
    assert!(plan.out.contains("tried on the server under another name"), "{}", plan.out);
    let applied = langop(&["apply", "--yes", "--replace"]).exits(0);
    assert!(applied.out.contains("5 added, 0 changed, 5 destroyed"), "{}", applied.out);
    assert!(uids(&bench).iter().zip(&made).all(|(new, old)| new != old));
    langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

const MAP: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: NAME}
immutable: true
data: {key: value}
";

#[test]
fn what_cannot_be_proven_needs_a_flag_of_its_own() {
    let bench = Bench::new("unproven");
    bench.write("s.yaml", MAP);
    let langop = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "s.yaml"]].concat());
    langop(&["apply", "--yes"]).exits(0);
    // Room for what is there, and none for a second one beside it.
    eventually("the namespace has its root certificates", Duration::from_mins(1), || {
        bench.try_kubectl(&["get", "configmap", "kube-root-ca.crt", "-n", &bench.name]).code == Some(0)
    });
    bench.kubectl(&["create", "quota", "full", "-n", &bench.name, "--hard=count/configmaps=2"]);
    eventually("the quota counts", Duration::from_mins(1), || {
        bench.object(&["quota", "full", "-n", &bench.name])["status"]["used"]["count/configmaps"] == "2"
    });
    bench.write("s.yaml", &MAP.replace("key: value", "key: other"));
    let flag = format!("--replace-unproven=ConfigMap/{}/one", bench.name);
    let refused = langop(&["plan", "--replace"]).exits(1);
    assert!(refused.out.contains("unproven-replacement") && refused.out.contains("exceeded quota"), "{}", refused.out);
    assert!(refused.out.contains(&flag), "{}", refused.out);
    let plan = langop(&["plan", &flag]).exits(0);
    assert!(plan.out.contains("[unverified: ") && plan.out.contains("1 to destroy"), "{}", plan.out);
    langop(&["plan", &flag, "--require=schema"]).exits(7);
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
}

#[test]
fn what_is_deleted_and_not_made_again_is_counted_and_named() {
    let files = tempfile::tempdir().unwrap();
    let proxy = Recorder::start(files.path());
    let bench = Bench::at("halfway", proxy.kubeconfig.clone());
    bench.write("s.yaml", MAP);
    let langop = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "s.yaml"]].concat());
    langop(&["apply", "--yes"]).exits(0);
    bench.write("s.yaml", &MAP.replace("key: value", "key: other"));
    proxy.disturb(Rule::on("PATCH", "/configmaps/one", Fault::Status(403)).without("dryRun=All"));
    let halfway = langop(&["apply", "--yes", "--replace"]);
    assert_ne!(halfway.code, Some(0));
    assert!(halfway.out.contains("0 added, 0 changed, 1 destroyed, 1 failed"), "{}", halfway.out);
    assert!(halfway.out.contains("nothing stands in its place"), "{}", halfway.out);
    assert_eq!(bench.try_kubectl(&["get", "configmap", "one", "-n", &bench.name]).code, Some(1));
    proxy.calm();
    // The next run knows that it is gone, and makes it.
    let plan = langop(&["plan"]).exits(0);
    assert!(plan.out.contains("Plan: 1 to add, 0 to change, 0 to destroy."), "{}", plan.out);
    langop(&["apply", "--yes"]).exits(0);
    assert_eq!(bench.object(&["configmap", "one", "-n", &bench.name])["data"]["key"], "other");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_rule_of_a_custom_kind_about_the_old_value_is_told_from_one_about_the_new() {
    let bench = Bench::new("rule");
    let crd = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: keepers.NAME.example.com}
spec:
  group: NAME.example.com
  names: {kind: Keeper, plural: keepers}
  scope: Cluster
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: 'self.a == oldSelf.a', message: a stays}
            - {rule: \"self.a != 'bad'\", message: a is never bad}
            properties: {a: {type: string}}
---
apiVersion: NAME.example.com/v1
kind: Keeper
metadata: {name: NAME}
spec: {a: VALUE}
";
    let langop = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "s.yaml"]].concat());
    let write = |value: &str| bench.write("s.yaml", &crd.replace("VALUE", value));
    bench.write("s.yaml", crd.split("---\n").next().unwrap());
    langop(&["apply", "--yes"]).exits(0);
    write("good");
    langop(&["apply", "--yes"]).exits(0);
    write("bad");
    let refused = langop(&["plan"]).exits(1);
    assert!(refused.out.contains("a is never bad") && !refused.out.contains("--replace"), "{}", refused.out);
    write("other");
    let refused = langop(&["plan"]).exits(1);
    assert!(refused.out.contains(&format!("--replace=Keeper/{}", bench.name)), "{}", refused.out);
    langop(&["apply", "--yes", "--replace"]).exits(0);
    // A CRD that cannot change is not made again: that would take every object of its kind.
    bench.write("s.yaml", &crd.replace("VALUE", "other").replace("scope: Cluster", "scope: Namespaced"));
    let refused = langop(&["plan", "--replace"]).exits(1);
    assert!(refused.out.contains("spec.scope") && !refused.out.contains("--replace"), "{}", refused.out);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}
