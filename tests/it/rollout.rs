//! How a running gateway changes: a new pod is ready before an old one goes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, eventually};
use crate::control_plane;

/// A workload of each kind that rolls out, with an image that does not come: nothing of it is ever ready, so that the
/// pods of two revisions stand beside each other.
const BROKEN: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: 'dev.langop.io/does-not-exist:IMAGE'}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: set, namespace: NAME}
spec:
  serviceName: set
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: set}}
  template:
    metadata: {labels: {app: set}}
    spec: {containers: [{name: main, image: 'dev.langop.io/does-not-exist:IMAGE'}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: daemons, namespace: NAME}
spec:
  selector: {matchLabels: {app: daemons}}
  template:
    metadata: {labels: {app: daemons}}
    spec: {containers: [{name: main, image: 'dev.langop.io/does-not-exist:IMAGE'}]}
";

const BASE: &str = r#"stack = "NAME"

[clusters.NAME.gateway.deployment]
replicas = 2

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

/// Everything that the gateway's status went through, from when this was made.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    fn start(bench: &Bench) -> Self {
        let columns =
            "custom-columns=A:.status.availableReplicas,U:.status.updatedReplicas,G:.status.observedGeneration";
        let mut command = control_plane::kubectl();
        command.args(["get", "deployment", "gateway", "-n", &bench.name, "--watch", "--no-headers", "-o", columns]);
        let mut child = command.env("KUBECONFIG", control_plane::kubeconfig()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || output.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self { child, lines }
    }

    /// Each status that was seen: available and updated pods, and the generation.
    fn available(&mut self) -> Vec<String> {
        // The last status may be on its way still.
        thread::sleep(Duration::from_millis(500));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }
}

#[test]
fn the_cause_is_that_of_the_wanted_revision_also_when_it_is_rolled_back() {
    let bench = Bench::new("rollback");
    let tried = ["first", "second", "first"].map(|image| {
        bench.write("stack.yaml", &BROKEN.replace("IMAGE", image));
        let said = bench.langop(&["apply", "--yes", "--timeout=2s", "--stack", &bench.name, "stack.yaml"]).exits(6);
        (image, said.out)
    });
    for (image, out) in tried {
        let causes: Vec<_> = out.lines().filter(|line| line.contains("ImagePullBackOff")).collect();
        assert_eq!(causes.len(), 3, "{out}");
        let names = format!("does-not-exist:{image}\"");
        assert!(causes.iter().all(|line| line.contains("; Pod/") && line.contains(&names)), "{image}: {out}");
    }
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_model_added_changed_or_removed_rolls_the_gateway_and_agents_never_lack_one() {
    let bench = Bench::new("rollout");
    bench.write("langop.toml", BASE);
    bench.langop(&["apply", "--yes"]).exits(0);
    let more = format!("{BASE}\n[models.more]\nprovider = \"openai\"\nmodelName = \"gpt-4o\"\n");
    for (change, text) in
        [("added", more.clone()), ("changed", more.replace("gpt-4o", "gpt-5")), ("removed", BASE.to_owned())]
    {
        let pods = || bench.kubectl(&["get", "pods", "-n", &bench.name, "-o", "jsonpath={.items[*].metadata.uid}"]);
        let before = pods();
        let mut watch = Watch::start(&bench);
        bench.write("langop.toml", &text);
        let applied = bench.langop(&["apply", "--yes"]).exits(0);
        assert!(applied.out.contains("restarts: its configuration changed"), "{change}: {}", applied.out);
        let seen = watch.available();
        assert!(seen.len() > 2, "{change}: a rollout was watched: {seen:?}");
        let available = seen.iter().map(|line| line.split_whitespace().next().unwrap_or_default());
        for count in available {
            assert!(count.parse::<u32>().is_ok_and(|count| count >= 2), "{change}: {seen:?}");
        }
        // A pod that ends takes as long as it needs for its running calls.
        eventually("the old pods go", Duration::from_secs(30), || !pods().split(' ').any(|pod| before.contains(pod)));
    }
    bench.langop(&["destroy", "--yes"]).exits(0);
}

/// The data of the `ConfigMap`s that the ready pods of the gateway mount, by name.
fn mounted(bench: &Bench) -> BTreeMap<String, Value> {
    let pods = bench.object(&["pods", "-n", &bench.name, "-l", "langop.io/kind=gateway"]);
    let is_ready = |pod: &&Value| {
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        conditions.into_iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
    };
    let ready: Vec<_> = pods["items"].as_array().unwrap().iter().filter(is_ready).collect();
    assert!(!ready.is_empty(), "no pod serves: {pods:#}");
    let volumes = ready.iter().flat_map(|pod| pod["spec"]["volumes"].as_array().unwrap());
    let sources = volumes.flat_map(|volume| match volume["projected"]["sources"].as_array() {
        Some(sources) => sources.clone(),
        None => vec![volume.clone()],
    });
    let names = sources.filter_map(|source| source["configMap"]["name"].as_str().map(str::to_owned));
    let names = names.filter(|name| name != "kube-root-ca.crt");
    names.map(|name| (name.clone(), bench.object(&["configmap", &name, "-n", &bench.name])["data"].clone())).collect()
}

/// Names of the versions of the configuration that are on the server.
fn versions(bench: &Bench) -> Vec<String> {
    let all = ["get", "configmap", "-n", &bench.name, "-l", "langop.io/version-of=gateway-config", "-o", "name"];
    bench.kubectl(&all).lines().map(|line| line.trim_start_matches("configmap/").to_owned()).collect()
}

#[test]
fn a_configuration_that_is_never_served_takes_nothing_from_the_one_that_is() {
    let bench = Bench::new("versions");
    let one = BASE.replace("replicas = 2", "replicas = 1");
    bench.write("langop.toml", &one);
    bench.langop(&["apply", "--yes"]).exits(0);
    let (served, first) = (mounted(&bench), versions(&bench));

    // Its image does not exist.
    let more = one.clone() + "\n[models.more]\nprovider = \"openai\"\nmodelName = \"gpt-4o\"\n";
    let refused = more.replace(
        "[clusters.NAME.gateway.deployment]",
        "[clusters.NAME.gateway]\n\
        image = \"dev.langop.io/does-not-exist:1\"\n[clusters.NAME.gateway.deployment]",
    );
    bench.write("langop.toml", &refused);
    let plan = bench.langop(&["plan"]).exits(0).out;
    assert!(plan.contains(&format!("+/- ConfigMap/{} → gateway-config-", first[0])), "{plan}");
    assert!(plan.contains("model_name: gpt-4o") && !plan.contains("user_api_key_auth"), "{plan}");
    let said = bench.langop(&["apply", "--yes", "--timeout=2s"]).exits(6);
    assert!(!said.out.contains("gateway of cluster `NAME`: ".replace("NAME", &bench.name).as_str()), "{said:?}");
    assert_eq!(mounted(&bench), served, "what serves keeps what it was started with");

    // Killed while it waits: the record still knows of both versions.
    let mut waiting = bench.command(&["apply", "--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("waiting for")));
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    assert_eq!(mounted(&bench), served);
    let recorded = bench.langop(&["state", "list", &bench.name]).exits(0).out;
    assert_eq!(versions(&bench).len(), 2);
    assert!(versions(&bench).iter().all(|version| recorded.contains(version)), "{recorded}");

    // Back to what it was.
    bench.write("langop.toml", &one);
    let plan = bench.langop(&["plan"]).exits(0).out;
    assert!(plan.contains(&format!(" → {} in", first[0])), "{plan}");
    assert!(plan.contains("-  model_name: gpt-4o"), "{plan}");
    bench.langop(&["apply", "--yes", "--lock-timeout=60s"]).exits(0);
    assert_eq!((versions(&bench), mounted(&bench)), (first.clone(), served));

    // And on to one that is served.
    bench.write("langop.toml", &more);
    bench.langop(&["apply", "--yes"]).exits(0);
    let last = versions(&bench);
    assert!(last.len() == 1 && last != first, "{last:?}");
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}
