//! What runs agents, on a real control plane: one stack from its first apply to the end of its cluster.

use std::time::Duration;

use crate::bench::{Bench, eventually};

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxAgents = 3 }

[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://m.models.svc:8080"

[agents.once]
image = "registry.example.com/once:1"
execution.mode = "task"
instructions = "WORDS"
models = [{ name = "m" }]

[agents.nightly]
image = "registry.example.com/nightly:1"
execution = { mode = "task", schedule = "@every 6h" }
models = [{ name = "m" }]
"#;

const SCOUT: &str = r#"
[agents.scout]
image = "registry.example.com/scout:1"
group = "research"
models = [{ name = "m" }]
credentials = [{ name = "API_TOKEN" }]

[agents.scout.workspace]
size = "SIZE"
storageClassName = "NAME"
retain = true
initialFiles = { "notes.md" = "nothing yet" }
"#;

fn stack(words: &str, size: Option<&str>) -> String {
    let scout = size.map_or_else(String::new, |size| SCOUT.replace("SIZE", size));
    STACK.replace("WORDS", words) + &scout
}

#[test]
fn agents_run_and_say_so_a_task_runs_again_when_it_changed_and_a_workspace_is_retained() {
    let bench = Bench::new("agents");
    storage(&bench);
    bench.write("langop.toml", &stack("one", Some("2Gi")));
    bench.langop(&["apply", "--yes"]).exits(0);
    let again = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(again.out.contains("Nothing to do"), "{}", again.out);
    they_say_how_they_run(&bench);

    // Its run is over: it makes room for the next one by itself.
    let uid = |bench: &Bench| bench.object(&["job", "once", "-n", &bench.name])["metadata"]["uid"].clone();
    let first = uid(&bench);
    bench.write("langop.toml", &stack("two", Some("2Gi")));
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains("runs again: its last run is over"), "{}", plan.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    assert_ne!(uid(&bench), first);

    let smaller = stack("two", Some("1Gi"));
    bench.write("langop.toml", &smaller);
    let refused = bench.langop(&["plan"]).exits(1);
    let row = smaller.lines().position(|line| line.starts_with("size")).unwrap() + 1;
    for words in ["a volume cannot shrink: it has 2Gi, described is 1Gi", &format!("--> langop.toml:{row}:1")] {
        assert!(refused.out.contains(words), "{words}: {}", refused.out);
    }

    it_grows_where_its_class_allows_that_and_the_apply_waits_for_it(&bench);

    // The agent goes, and what it wrote stays.
    bench.write("langop.toml", &stack("two", None));
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains("PersistentVolumeClaim/scout-workspace"), "{}", plan.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    let claim = bench.object(&["pvc", "scout-workspace", "-n", &bench.name]);
    assert_eq!(claim["metadata"].get("ownerReferences"), None, "{claim:#}");
    assert_eq!(bench.try_kubectl(&["get", "deployment", "scout", "-n", &bench.name]).code, Some(1));

    deleting_the_language_cluster_deletes_the_namespace_and_everything_in_it(&bench);
    bench.kubectl(&["delete", "-f", "storage.yaml", "--wait=false"]);
}

/// A class whose volumes can grow, and a volume of it for the claim.
fn storage(bench: &Bench) {
    let class = "
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: NAME}
provisioner: none.example.com
allowVolumeExpansion: true
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAME}
spec:
  storageClassName: NAME
  accessModes: [ReadWriteOnce]
  capacity: {storage: 2Gi}
  claimRef: {namespace: NAME, name: scout-workspace}
  hostPath: {path: /var/empty}
";
    bench.write("storage.yaml", class);
    bench.kubectl(&["create", "-f", "storage.yaml"]);
}

/// No driver is there to resize: what it would write, the test writes.
fn it_grows_where_its_class_allows_that_and_the_apply_waits_for_it(bench: &Bench) {
    let larger = |size: &str, of_nightly: &str| {
        let text = stack("two", Some(size));
        text.replace("@every 6h\" }", &format!("@every 6h\" }}\nworkspace.size = \"{of_nightly}\""))
    };
    bench.write("langop.toml", &larger("3Gi", "20Gi"));
    let refused = bench.langop(&["plan"]).exits(1);
    for words in
        ["PersistentVolumeClaim/nightly-workspace", "the storageclass that provisions the pvc must support resize"]
    {
        assert!(refused.out.contains(words), "{words}: {}", refused.out);
    }

    bench.write("langop.toml", &larger("3Gi", "10Gi"));
    let plan = bench.langop(&["plan"]).exits(0);
    for words in ["PersistentVolumeClaim/scout-workspace", "\"2Gi\" → \"3Gi\""] {
        assert!(plan.out.contains(words), "{words}: {}", plan.out);
    }
    let capacity = r#"{"status": {"capacity": {"storage": "3Gi"}}}"#;
    grown(bench, "it grows from 2Gi to 3Gi", capacity);

    bench.write("langop.toml", &larger("4Gi", "10Gi"));
    let pending = r#"{"status": {"conditions": [{"type": "FileSystemResizePending", "status": "True"}]}}"#;
    let said = grown(bench, "it grows from 3Gi to 4Gi", pending);
    assert!(said.contains("it grows from 3Gi to 4Gi with its next pod"), "{said}");
    let again = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(again.out.contains("Nothing to do"), "{}", again.out);
}

/// Applies, and writes the status of the claim once the apply says that it waits for it; what it said.
fn grown(bench: &Bench, waits: &str, status: &str) -> String {
    let out = bench.dir.path().join("out");
    let file = std::fs::File::create(&out).unwrap();
    let mut command = bench.command(&["apply", "--yes"]);
    let mut apply = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
    let said = || std::fs::read_to_string(&out).unwrap();
    eventually("the apply waits for the volume", Duration::from_mins(1), || {
        let line =
            |line: &str| line.contains("scout-workspace") && line.contains("waiting for") && line.contains(waits);
        said().lines().any(line)
    });
    assert!(apply.try_wait().unwrap().is_none(), "it is not done before the volume has grown: {}", said());
    let claim =
        ["patch", "pvc", "scout-workspace", "-n", &bench.name, "--subresource=status", "--type=merge", "-p", status];
    bench.kubectl(&claim);
    assert!(apply.wait().unwrap().success(), "{}", said());
    said()
}

fn they_say_how_they_run(bench: &Bench) {
    let status = |name: &str| bench.object(&["languageagent", name, "-n", &bench.name])["status"].clone();
    let scout = status("scout");
    assert_eq!((&scout["phase"], &scout["readyReplicas"]), (&"Running".into(), &1.into()), "{scout:#}");
    let endpoint = format!("http://scout.{}.svc.cluster.local:8080", bench.name);
    assert_eq!(scout["endpoint"], endpoint.as_str());
    let once = status("once");
    assert_eq!((&once["phase"], &once["lastRunName"]), (&"Succeeded".into(), &"once".into()), "{once:#}");
    assert_eq!(status("nightly")["phase"], "Pending");
    let said = bench.langop(&["status", "--stack", &bench.name]).exits(0).out;
    for words in ["scout", "research", "Running", "Succeeded", "it waits for its first run"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// The page: "deleting the `LanguageCluster` deletes the namespace and everything in it".
fn deleting_the_language_cluster_deletes_the_namespace_and_everything_in_it(bench: &Bench) {
    bench.kubectl(&["delete", "languagecluster", &bench.name, "--wait=false"]);
    eventually("the namespace is gone", Duration::from_mins(1), || {
        bench.try_kubectl(&["get", "namespace", &bench.name]).code == Some(1)
    });
    bench.langop(&["destroy", "--yes"]).exits(0);
}
