//! What apply waits for, what it remembers of that, and what it says meanwhile.

use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, eventually};

/// Objects that never become ready, each for a reason of its own; the Ingress is not waited for.
const NEVER: &str = r"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim, namespace: NAME}
spec: {accessModes: [ReadWriteOnce], storageClassName: nope, resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: job, namespace: NAME}
spec: {template: {spec: {restartPolicy: Never, nodeSelector: {nope: '1'}, containers: [{name: a, image: a}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: pod, namespace: NAME}
spec: {nodeSelector: {nope: '1'}, containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Service
metadata: {name: balancer, namespace: NAME}
spec: {type: LoadBalancer, selector: {a: x}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: set, namespace: NAME}
spec:
  serviceName: x
  selector: {matchLabels: {a: n}}
  template:
    metadata: {labels: {a: n}}
    spec: {nodeSelector: {nope: '1'}, containers: [{name: a, image: a}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ingress, namespace: NAME}
spec: {defaultBackend: {service: {name: balancer, port: {number: 80}}}}
";

/// A Job that is removed as soon as it has finished, and a claim that is bound only when a pod uses it.
const GONE: &str = r"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: batch/v1
kind: Job
metadata: {name: done, namespace: NAME}
spec:
  ttlSecondsAfterFinished: 0
  template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: NAME}
provisioner: a.io/none
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: later, namespace: NAME}
spec: {accessModes: [ReadWriteOnce], storageClassName: NAME, resources: {requests: {storage: 1Gi}}}
";

#[test]
fn what_was_never_ready_is_waited_for_again_and_is_in_sync_but_not_healthy() {
    let bench = Bench::new("never");
    bench.write("stack.yaml", NEVER);
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat());
    let first = run(&["apply", "--yes", "--timeout=2s"]).exits(6);
    let reasons = [
        ("PersistentVolumeClaim/claim", "storageclass.storage.k8s.io \"nope\" not found"),
        ("Job/job", "Unschedulable: "),
        ("Pod/pod", "Unschedulable: "),
        ("Service/balancer", "its load balancer has no address yet"),
        ("StatefulSet/set", "; Pod/set-0: Unschedulable: "),
    ];
    for (object, reason) in reasons {
        let block = first.out.split(&format!("  {object} in {}\n", bench.name)).nth(1).unwrap_or_default();
        assert!(block.lines().next().is_some_and(|line| line.contains(reason)), "{object}: {}", first.out);
    }
    assert!(first.out.contains("4 failed, 1 without an address"), "{}", first.out);
    let again = run(&["apply", "--yes", "--timeout=1s"]).exits(6);
    assert!(again.out.contains("0 added, 0 changed, 0 destroyed, 4 failed, 1 without an address"), "{}", again.out);
    let plan = run(&["plan", "--detailed-exitcode"]).exits(6);
    assert!(plan.out.contains("In sync but not healthy:") && plan.out.contains("5 not healthy"), "{}", plan.out);
    let unhealthy = run(&["plan", "--json"]).exits(0).json()["unhealthy"].clone();
    let named = |found: &Value| format!("{}/{}", found["object"]["kind"], found["object"]["name"]).replace('"', "");
    for (object, reason) in reasons {
        let found = unhealthy.as_array().unwrap().iter().find(|found| named(found) == object);
        assert!(found.is_some_and(|found| found["reason"].as_str().unwrap().contains(reason)), "{object}: {unhealthy}");
    }
    run(&["apply", "--yes", "--no-wait"]).exits(0);
    run(&["plan", "--detailed-exitcode"]).exits(6);
    run(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_job_that_its_ttl_removed_is_done_and_not_made_again() {
    let bench = Bench::new("ttl");
    bench.write("stack.yaml", GONE);
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat());
    let applied = run(&["apply", "--yes"]).exits(0);
    assert!(applied.err.contains("completed, removed by its TTL"), "{}", applied.all());
    assert!(applied.err.contains("it is bound when a pod uses it"), "{}", applied.all());
    let plan = run(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(plan.out.contains("Job/done") && plan.out.contains("--replace=Job/"), "{}", plan.out);
    run(&["apply", "--yes"]).exits(0);
    // Between two runs: nobody waited for it.
    bench.write("stack.yaml", &GONE.replace("image: a", "image: b"));
    run(&["plan", "--detailed-exitcode"]).exits(2);
    bench.write(
        "stack.yaml",
        &GONE.replace("containers:", "nodeSelector: {nope: '1'}, containers:").replace(": 0", ": 1"),
    );
    run(&["apply", "--yes", "--timeout=1s"]).exits(6);
    let pod = bench.kubectl(&["get", "pods", "-n", &bench.name, "-o", "name"]);
    let patch = r#"{"status":{"phase":"Succeeded"}}"#;
    bench.kubectl(&["patch", pod.trim(), "-n", &bench.name, "--subresource=status", "--type=merge", "-p", patch]);
    eventually("the TTL", Duration::from_secs(20), || {
        bench.kubectl(&["get", "jobs", "-n", &bench.name, "-o", "name"]).is_empty()
    });
    run(&["plan", "--detailed-exitcode"]).exits(0);
    run(&["destroy", "--yes"]).exits(0);
}

/// Two kinds of which nobody speaks, and one with a controller, which the test plays.
fn kinds(bench: &Bench) -> String {
    let group = format!("{}.example.com", bench.name);
    let crd = |kind: &str, plural: &str| {
        format!(
            "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.{group}}}
spec:
  group: {group}
  names: {{kind: {kind}, plural: {plural}}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {{status: {{}}}}
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"
        )
    };
    let one = |kind: &str, name: &str| {
        format!("---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: NAME}}\n")
    };
    let crds = [("Mute", "mutes"), ("Dumb", "dumbs"), ("Spoken", "spokens")].map(|(kind, plural)| crd(kind, plural));
    let objects = ["Mute", "Dumb"].iter().flat_map(|kind| ["a", "b", "c"].map(|name| one(kind, name)));
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n".to_owned();
    [namespace, crds.concat(), objects.collect::<String>(), one("Spoken", "ready")].concat()
}

#[test]
fn custom_resources_of_which_nobody_speaks_cost_one_grace_period_together_and_are_named_once_a_kind() {
    let bench = Bench::new("mute");
    bench.write("stack.yaml", &kinds(&bench));
    let args = ["apply", "--yes", "--stack", &bench.name, "stack.yaml"];
    let (plural, name) = (format!("spokens.{}.example.com", bench.name), bench.name.clone());
    let begun = std::time::Instant::now();
    let applied = std::thread::scope(|scope| {
        let apply = scope.spawn(|| bench.langop(&args));
        let ready = r#"{"status": {"conditions": [{"type": "Ready", "status": "True"}]}}"#;
        let speak = ["patch", &plural, "ready", "-n", &name, "--subresource=status", "--type=merge", "-p", ready];
        eventually("its controller has spoken", Duration::from_mins(1), || bench.try_kubectl(&speak).code == Some(0));
        apply.join().unwrap()
    });
    let applied = applied.exits(0);
    // Ten seconds for all, and not for each of six.
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    for kind in ["Mute", "Dumb"] {
        let said = format!("no other {kind}");
        assert_eq!(applied.err.matches(&said).count(), 1, "{}", applied.err);
    }
    assert!(!applied.all().contains("no other Spoken"), "{}", applied.err);
    let begun = std::time::Instant::now();
    bench.langop(&args).exits(0);
    assert!(begun.elapsed() < Duration::from_secs(9), "what was there before is not waited for: {:?}", begun.elapsed());
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}
