//! What a deletion takes along that the stack did not make: counted, shown, and lost only with leave; what cannot be
//! looked at counts for as much.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Bench, Said, eventually};
use crate::proxy::{Fault, Recorder, Rule};

const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.NAME.example.com}
spec:
  group: NAME.example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: string}}}}}}
";

const THING: &str = "
apiVersion: NAME.example.com/v1
kind: Thing
metadata: {name: WHO, namespace: default}
spec: {a: x}
";

const NAMESPACE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
";

const MAP: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: NAME}
data: {key: value}
";

fn stack(bench: &Bench, args: &[&str]) -> Said {
    bench.langop(&[args, &["--stack", &bench.name, "s.yaml"]].concat())
}

#[test]
fn a_crd_that_goes_takes_the_objects_of_others_only_with_leave() {
    let bench = Bench::new("cascade");
    bench.write("s.yaml", &format!("{CRD}---{NAMESPACE}"));
    stack(&bench, &["apply", "--yes"]).exits(0);
    bench.write("theirs.yaml", &THING.replace("WHO", "theirs"));
    bench.kubectl(&["apply", "-f", &bench.path("theirs.yaml")]);
    bench.write("other.yaml", &THING.replace("WHO", "other"));
    let other = format!("{}-other", bench.name);
    bench.langop(&["apply", "--yes", "--stack", &other, "other.yaml"]).exits(0);
    let is_told = |plan: &Value| {
        let crd = &plan["unmanaged"][format!("CustomResourceDefinition/things.{}.example.com", bench.name)];
        assert_eq!(crd[format!("Thing.{}.example.com", bench.name)], 2, "{plan:#}");
        let effects = plan["effects"].to_string();
        assert!(effects.contains("0 of this stack, 2 of others"), "{effects}");
    };
    is_told(&stack(&bench, &["plan", "--destroy", "--json"]).exits(0).json());
    let refused = stack(&bench, &["destroy", "--yes"]).exits(1);
    assert!(refused.out.contains(&format!("2 × Thing.{}.example.com", bench.name)), "{}", refused.out);
    assert!(refused.err.contains("--include-unmanaged"), "{}", refused.err);
    // The same when only the CRD leaves the description, and when a program reads.
    bench.write("s.yaml", NAMESPACE);
    is_told(&stack(&bench, &["plan", "--json"]).exits(0).json());
    let refused = stack(&bench, &["apply", "--yes", "--json"]).exits(1);
    is_told(&refused.json());
    let kind = format!("things.{}.example.com", bench.name);
    assert_eq!(bench.object(&[&kind, "theirs", "-n", "default"])["spec"]["a"], "x");
    stack(&bench, &["apply", "--yes", "--include-unmanaged"]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", &kind, "-n", "default"]).code, Some(1));
    bench.langop(&["destroy", "--yes", "--stack", &other]).exits(0);
    stack(&bench, &["destroy", "--yes"]).exits(0);
}

#[test]
fn what_belongs_to_a_deleted_object_goes_only_with_leave() {
    let bench = Bench::new("owner");
    bench.write("s.yaml", &format!("{NAMESPACE}---{MAP}"));
    stack(&bench, &["apply", "--yes"]).exits(0);
    let uid = bench.object(&["configmap", "one", "-n", &bench.name])["metadata"]["uid"].clone();
    let owner = format!(
        "metadata:\n  name: theirs\n  namespace: NAME\n  ownerReferences: [{{apiVersion: v1, kind: ConfigMap, name: one, uid: {uid}}}]"
    );
    bench.write("theirs.yaml", &format!("apiVersion: v1\nkind: Secret\n{owner}\n"));
    bench.kubectl(&["apply", "-f", &bench.path("theirs.yaml")]);
    bench.write("s.yaml", NAMESPACE);
    let plan = stack(&bench, &["plan", "--json"]).exits(0).json();
    assert_eq!(plan["unmanaged"][format!("ConfigMap/{}/one", bench.name)]["Secret"], 1, "{plan:#}");
    stack(&bench, &["apply", "--yes"]).exits(1);
    bench.kubectl(&["get", "secret", "theirs", "-n", &bench.name]);
    stack(&bench, &["apply", "--yes", "--include-unmanaged"]).exits(0);
    stack(&bench, &["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

#[test]
fn what_cannot_be_listed_is_not_taken_for_nothing() {
    let files = tempfile::tempdir().unwrap();
    let proxy = Recorder::start(files.path());
    let bench = Bench::at("blind", proxy.kubeconfig.clone());
    bench.write("s.yaml", &format!("{NAMESPACE}---{MAP}"));
    stack(&bench, &["apply", "--yes"]).exits(0);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: theirs, namespace: NAME}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    bench.write("claim.yaml", claim);
    bench.kubectl(&["apply", "-f", &bench.path("claim.yaml")]);
    let claims = format!("/namespaces/{}/persistentvolumeclaims", bench.name);
    for fault in [Fault::Status(403), Fault::Status(404), Fault::Status(410), Fault::Page(502), Fault::Page(404)] {
        proxy.disturb(Rule::on("GET", &claims, fault));
        let plan = stack(&bench, &["plan", "--destroy", "--json"]).exits(0).json();
        assert!(plan["unknown"][&bench.name]["PersistentVolumeClaim"].is_string(), "{fault:?}: {plan:#}");
        let refused = stack(&bench, &["destroy", "--yes"]).exits(1);
        assert!(refused.out.contains("PersistentVolumeClaim"), "{fault:?}: {}", refused.out);
        assert!(refused.err.contains("--include-unmanaged"), "{fault:?}: {}", refused.err);
        proxy.calm();
        bench.kubectl(&["get", "pvc", "theirs", "-n", &bench.name]);
    }
    proxy.disturb(Rule::on("GET", &claims, Fault::Status(403)));
    stack(&bench, &["destroy", "--yes", "--include-unmanaged"]).exits(0);
    proxy.calm();
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn a_crd_whose_objects_cannot_be_listed_is_deleted_only_with_leave() {
    let files = tempfile::tempdir().unwrap();
    let proxy = Recorder::start(files.path());
    let bench = Bench::at("blindcrd", proxy.kubeconfig.clone());
    bench.write("s.yaml", CRD);
    stack(&bench, &["apply", "--yes"]).exits(0);
    for code in [403, 410] {
        proxy.disturb(Rule::on("GET", "/things", Fault::Status(code)));
        let plan = stack(&bench, &["plan", "--destroy", "--json"]).exits(0).json();
        let crd = &plan["unknown"][format!("CustomResourceDefinition/things.{}.example.com", bench.name)];
        assert!(crd[format!("Thing.{}.example.com", bench.name)].is_string(), "{plan:#}");
        stack(&bench, &["destroy", "--yes"]).exits(1);
        proxy.calm();
    }
    stack(&bench, &["destroy", "--yes"]).exits(0);
}

#[test]
fn a_plan_says_what_becomes_of_data() {
    let bench = Bench::new("data");
    let volume = |name: &str, policy: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: NAME-{name}}}\n\
             spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: {policy}, \
             storageClassName: NAME, csi: {{driver: none.example.com, volumeHandle: NAME-{name}}}, \
             claimRef: {{namespace: NAME, name: {name}}}}}\n"
        )
    };
    let claim = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: NAME}}\n\
             spec: {{accessModes: [ReadWriteOnce], storageClassName: NAME, volumeName: NAME-{name}, \
             resources: {{requests: {{storage: 1Gi}}}}}}\n"
        )
    };
    let class = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: NAME}\nprovisioner: none.example.com\n";
    bench.write("volumes.yaml", &format!("{}---\n{}", volume("delete", "Delete"), volume("retain", "Retain")));
    bench.kubectl(&["apply", "-f", &bench.path("volumes.yaml")]);
    bench.write("s.yaml", &format!("{NAMESPACE}{class}{}{}", claim("delete"), claim("retain")));
    stack(&bench, &["apply", "--yes"]).exits(0);
    for name in ["delete", "retain"] {
        eventually("the claim is bound", Duration::from_mins(1), || {
            bench.object(&["pvc", name, "-n", &bench.name])["status"]["phase"] == "Bound"
        });
    }
    let plan = stack(&bench, &["plan", "--destroy"]).exits(0).out.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = &bench.name;
    for words in [
        format!(
            "PersistentVolumeClaim/delete in {name} takes its data with it: its volume `{name}-delete` is deleted too"
        ),
        format!(
            "PersistentVolumeClaim/retain in {name} leaves its data behind: its volume `{name}-retain` is retained"
        ),
        format!("StorageClass/{name} is named by 2 volume claims"),
    ] {
        assert!(plan.contains(&words), "{words}\n{plan}");
    }
    stack(&bench, &["destroy", "--yes"]).exits(0);
    bench.kubectl(&["delete", "pv", &format!("{name}-delete"), &format!("{name}-retain"), "--wait=false"]);
}

#[test]
fn a_destroy_that_hangs_ends_in_time_names_what_keeps_it_and_takes_no_pod_of_the_stack_for_somebody_elses() {
    let bench = Bench::new("stuck");
    let workload = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, finalizers: [example.com/hold]}
    spec: {nodeSelector: {no: where}, containers: [{name: web, image: web:1}]}
";
    bench.write("s.yaml", &format!("{NAMESPACE}---{workload}"));
    stack(&bench, &["apply", "--yes", "--timeout", "1s"]).exits(6);
    // Its owners go before the pod, which its finalizer keeps.
    bench.kubectl(&["delete", "deployment", "web", "-n", &bench.name, "--cascade=background"]);
    eventually("only the pod is left", Duration::from_mins(1), || {
        bench.kubectl(&["get", "deployment,replicaset", "-n", &bench.name, "-o", "name"]).is_empty()
    });
    let name = bench.kubectl(&["get", "pod", "-n", &bench.name, "-o", "jsonpath={.items[0].metadata.name}"]);
    // Once more while the namespace terminates.
    for _ in 0..2 {
        let begun = Instant::now();
        let said = bench.langop(&["destroy", "--yes", "--timeout", "2s", "--stack", &bench.name]);
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        assert!(!said.err.contains("--include-unmanaged"), "{said:?}");
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let kept = format!("Pod/{name} in {} waits for the finalizer `example.com/hold`", bench.name);
        assert!(words.contains(&kept) && words.contains("Destroy incomplete"), "{said:?}");
    }
    let free = r#"{"metadata": {"finalizers": null}}"#;
    bench.kubectl(&["patch", "pod", &name, "-n", &bench.name, "--type=merge", "-p", free]);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}
