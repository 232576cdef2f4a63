//! What keeps something from being deleted: `--timeout` ends the run in time, and the summary says what it is.

use std::time::{Duration, Instant};

use crate::bench::{Bench, Checked};
use crate::control_plane;

/// A webhook that nobody answers, asked before anything of the stack is deleted.
const WEBHOOK: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAME}
webhooks:
- name: guard.NAME.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  timeoutSeconds: 2
  clientConfig: {url: 'SERVER'}
  objectSelector: {matchLabels: {langop.io/stack: NAME}}
  rules: [{apiGroups: [''], apiVersions: [v1], resources: [configmaps, secrets], operations: [DELETE]}]
";

const GUARDED: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: guarded, namespace: NAME-kept}
---
apiVersion: v1
kind: Secret
metadata: {name: guarded, namespace: NAME-kept}
stringData: {key: hunter2}
---
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inside, namespace: NAME}
";

const KIND: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: holds.NAME.example.com}
spec:
  group: NAME.example.com
  names: {kind: Hold, plural: holds}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
";

/// Destroys the stack with little patience. What was said, which has to come soon.
fn destroy(bench: &Bench, code: i32) -> Checked {
    let begun = Instant::now();
    let said = bench.langop(&["destroy", "--yes", "--include-unmanaged", "--timeout=2s", "--stack", &bench.name]);
    // The timeout, what every request has at the least, the namespace after it, and a machine that has much to do.
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}: {said:?}", begun.elapsed());
    said.exits(code)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_deletion_behind_a_dead_webhook_ends_in_time_and_names_the_webhook() {
    // Nobody listens there; and somebody whose certificate nobody signed.
    let api_server = kube_server();
    for server in ["https://127.0.0.1:1/guard", &format!("{api_server}/guard")] {
        let bench = Bench::new("guard");
        let kept = format!("{}-kept", bench.name);
        bench.kubectl(&["create", "namespace", &kept]);
        bench.write("stack.yaml", GUARDED);
        let _ = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
        bench.write("webhook.yaml", &WEBHOOK.replace("SERVER", server));
        bench.kubectl(&["apply", "-f", "webhook.yaml"]);
        let said = destroy(&bench, 1);
        let words = one_line(&said.out);
        let webhook = format!("guard.{}.example.com", bench.name);
        for object in ["ConfigMap/guarded", "Secret/guarded"] {
            let block = words.split(&format!(" {object} in {kept} ")).last().unwrap_or_default();
            let block = block.split(" hint: ").next().unwrap_or_default();
            assert!(block.contains(&webhook), "{object} behind {server}: {}", said.all());
        }
        assert!(words.contains(&format!("Namespace/{}", bench.name)), "{}", said.out);
        bench.kubectl(&["delete", "-f", "webhook.yaml"]);
        let _ = destroy_in_peace(&bench).exits(0);
        bench.kubectl(&["delete", "namespace", &kept, "--wait=false"]);
    }
}

fn destroy_in_peace(bench: &Bench) -> crate::bench::Said {
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name])
}

#[test]
fn a_crd_that_waits_for_one_of_its_objects_names_it_with_its_finalizer() {
    let bench = Bench::new("holds");
    bench.write("stack.yaml", KIND);
    let _ = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let instance =
        "apiVersion: NAME.example.com/v1\nkind: Hold\nmetadata: {name: theirs, finalizers: [example.com/hold]}\n";
    bench.write("instance.yaml", instance);
    bench.kubectl(&["create", "-n", "default", "--field-manager=holder", "-f", "instance.yaml"]);
    let said = destroy(&bench, 1);
    let held = "Hold/theirs in default waits for the finalizer `example.com/hold` (set by `holder`)";
    assert!(one_line(&said.out).contains(held), "{}", said.all());
    let kind = format!("holds.{}.example.com", bench.name);
    bench.kubectl(&[
        "patch",
        &kind,
        "theirs",
        "-n",
        "default",
        "--type=merge",
        "-p",
        r#"{"metadata":{"finalizers":null}}"#,
    ]);
    let _ = destroy_in_peace(&bench).exits(0);
}

/// The URL of the API server.
fn kube_server() -> String {
    let kubeconfig = kube::config::Kubeconfig::read_from(control_plane::kubeconfig()).unwrap();
    kubeconfig.clusters[0].cluster.as_ref().unwrap().server.clone().unwrap()
}
