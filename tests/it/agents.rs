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

    // The agent goes, and what it wrote stays.
    bench.write("langop.toml", &stack("two", None));
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains("PersistentVolumeClaim/scout-workspace"), "{}", plan.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    let claim = bench.object(&["pvc", "scout-workspace", "-n", &bench.name]);
    assert_eq!(claim["metadata"].get("ownerReferences"), None, "{claim:#}");
    assert_eq!(bench.try_kubectl(&["get", "deployment", "scout", "-n", &bench.name]).code, Some(1));

    deleting_the_language_cluster_deletes_the_namespace_and_everything_in_it(&bench);
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
    let said = bench.langop(&["status"]).exits(0).out;
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
