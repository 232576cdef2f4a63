//! What the status of a `LanguageCluster` says is so after every apply, whatever became of the one before.

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::proxy::{Fault, Recorder, Rule};

const STACK: &str = r#"stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3, maxAgents = 2, maxCPU = "5", maxMemory = "8Gi" }

[models.one]
provider = "openai-compatible"
modelName = "one"
endpoint = "http://one.models.svc:8080"

[[clusters.NAME.gateway.deployment.env]]
name = "X"
value = "one"
"#;

/// A Deployment that the stack carries in the namespace of its cluster.
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1', resources: {limits: {cpu: 500m, memory: 1Gi}}}]}
";

fn status(bench: &Bench) -> Value {
    bench.object(&["languagecluster", &bench.name])["status"].clone()
}

/// Limits, counts and totals of the status: used models, used CPU, models, total CPU.
fn amounts(bench: &Bench) -> [Value; 4] {
    let capacity = status(bench)["capacity"].clone();
    assert_eq!(capacity["hard"]["limits.cpu"], "5", "{capacity:#}");
    assert_eq!(capacity["used"]["count/languageagents.langop.io"], "0", "{capacity:#}");
    let used = |key: &str| capacity["used"][key].clone();
    let total = capacity["totalCPULimits"].clone();
    [used("count/languagemodels.langop.io"), used("limits.cpu"), capacity["modelCount"].clone(), total]
}

#[test]
fn the_status_is_made_true_by_every_apply_and_what_cannot_be_written_costs_no_summary() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("status-kept", recorder.kubeconfig.clone());
    bench.write("langop.toml", STACK);
    bench.write("web.yaml", WEB);
    let apply = ["apply", "--yes", "langop.toml", "web.yaml"];
    let writes = "/status?";

    // Who may not write it is told so after the summary.
    recorder.disturb(Rule::on("PATCH", writes, Fault::Status(403)));
    let said = bench.langop(&apply).exits(0);
    assert!(said.out.contains("Apply complete!") && said.out.contains("gateway of cluster"), "{said:?}");
    assert!(said.err.contains("warning: the status of the language clusters could not be written"), "{said:?}");
    assert_eq!(status(&bench), Value::Null);
    // Any other fault is something left undone.
    recorder.calm();
    recorder.disturb(Rule::on("PATCH", writes, Fault::Status(410)));
    let said = bench.langop(&apply).exits(3);
    assert!(said.out.contains("0 added, 0 changed") && said.err.contains("could not be written"), "{said:?}");

    // With nothing else to do, and before the quota's controller has learned of the new kinds.
    recorder.calm();
    bench.langop(&apply).exits(0);
    assert_eq!(status(&bench)["phase"], "Ready");
    assert_eq!(amounts(&bench), [json!("1"), json!("2"), json!(1), json!("2")]);
    let version =
        |bench: &Bench| bench.object(&["languagecluster", &bench.name])["metadata"]["resourceVersion"].clone();
    let before = version(&bench);
    recorder.take();
    bench.langop(&apply).exits(0);
    let seen = recorder.take();
    assert_eq!(version(&bench), before, "it is written where it differs alone");
    // One list of what the record has, one for the status.
    let lists = seen.iter().filter(|seen| seen.method == "GET" && seen.uri.contains("/languageclusters?"));
    assert_eq!(lists.count(), 2, "{seen:#?}");

    // Whoever made it false.
    let failed = r#"{"status": {"phase": "Failed", "gatewayReady": false}}"#;
    bench.kubectl(&["patch", "languagecluster", &bench.name, "--subresource=status", "--type=merge", "-p", failed]);
    bench.langop(&apply).exits(0);
    assert_eq!((&status(&bench)["phase"], &status(&bench)["gatewayReady"]), (&json!("Ready"), &json!(true)));

    // A rollout's surge pod has its time to end in; a model that is gone is counted for some seconds more.
    let more = STACK.replace("value = \"one\"", "value = \"two\"")
        + &STACK[STACK.find("[models").unwrap()..STACK.find("[[").unwrap()].replace("one", "two");
    bench.write("langop.toml", &more);
    bench.langop(&apply).exits(0);
    assert_eq!(amounts(&bench), [json!("2"), json!("2"), json!(2), json!("2")]);
    bench.write("langop.toml", &STACK.replace("value = \"one\"", "value = \"two\""));
    bench.langop(&apply).exits(0);
    assert_eq!(amounts(&bench), [json!("1"), json!("2"), json!(1), json!("2")]);
    bench.langop(&["destroy", "--yes", "langop.toml"]).exits(0);
}
