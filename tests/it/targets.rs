//! Plans of a part of a stack, on a real API server: what is left alone stays as it is, in the cluster and in the record.

use serde_json::{Value, json};

use crate::bench::{Bench, Said};

/// Two workloads, each with its own configuration, and one that is in use nowhere.
const STACK: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: one-config, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two-config, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: apart, namespace: NAME}
data: {key: VALUE}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: one, namespace: NAME, annotations: {key: VALUE}}
spec:
  replicas: 0
  selector: {matchLabels: {app: one}}
  template:
    metadata: {labels: {app: one}}
    spec: {containers: [{name: x, image: x, envFrom: [{configMapRef: {name: one-config}}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: two, namespace: NAME, annotations: {key: VALUE}}
spec:
  replicas: 0
  selector: {matchLabels: {app: two}}
  template:
    metadata: {labels: {app: two}}
    spec: {containers: [{name: x, image: x, envFrom: [{configMapRef: {name: two-config}}]}]}
";

struct Stack {
    bench: Bench,
}

impl Stack {
    fn new(name: &str) -> Self {
        let bench = Bench::new(name);
        bench.kubectl(&["create", "namespace", &bench.name]);
        Self { bench }
    }

    fn describe(&self, value: &str) {
        self.bench.write("stack.yaml", &STACK.replace("VALUE", value));
    }

    fn run(&self, args: &[&str]) -> Said {
        self.bench.langop(&[args, &["--stack", &self.bench.name]].concat())
    }

    fn on_file(&self, args: &[&str]) -> Said {
        self.run(&[args, &["stack.yaml"]].concat())
    }

    /// The value that each object has, or none where it is not there.
    fn values(&self) -> String {
        let listed = self.bench.object(&["configmaps,deployments", "-n", &self.bench.name]);
        let value = |object: &Value| {
            let (name, metadata) = (object["metadata"]["name"].as_str()?, &object["metadata"]["annotations"]["key"]);
            let value = object["data"]["key"].as_str().or(metadata.as_str())?;
            Some(format!("{name}={value}"))
        };
        let mut values: Vec<_> = listed["items"].as_array().unwrap().iter().filter_map(value).collect();
        values.sort();
        values.join(" ")
    }

    fn recorded(&self) -> usize {
        self.bench.langop(&["state", "list", &self.bench.name]).exits(0).out.lines().count()
    }
}

fn names(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["name"].as_str().unwrap()).collect()
}

#[test]
fn a_target_is_applied_with_what_it_needs_and_all_else_stays_as_it_is_and_in_the_record() {
    let stack = Stack::new("targets");
    stack.describe("old");
    stack.on_file(&["apply", "--yes"]).exits(0);
    stack.describe("new");

    // A slip of the finger is an error, in what is to be left alone, too.
    let one = format!("Deployment/{}/one", stack.bench.name);
    for flag in ["--target", "--exclude"] {
        let said = stack.on_file(&["plan", flag, &format!("Deployment/{}/onn", stack.bench.name)]).exits(64);
        assert!(said.err.contains(&format!("did you mean `{one}`?")), "{}", said.all());
    }

    let plan = stack.on_file(&["plan", "--json", "--target", &one]).exits(0).json();
    assert_eq!((&plan["incomplete"], names(&plan["scope"]["targeted"])), (&json!(true), vec!["one"]), "{plan:#}");
    assert_eq!((names(&plan["scope"]["needed"]), plan["changes"].as_array().unwrap().len()), (vec!["one-config"], 2));
    assert_eq!(names(&plan["scope"]["left_alone"]), ["apart", "two-config", "two"], "{plan:#}");
    let plan = stack.on_file(&["plan", "--target", &one]).exits(0).out;
    assert!(plan.starts_with("Incomplete: 3 objects of the stack are left alone.\n"), "{plan}");
    assert!(plan.contains("targeted: Deployment/one in") && plan.contains("needs: ConfigMap/one-config"), "{plan}");
    assert!(
        plan.contains("warning[incomplete]") && plan.contains("Plan: 0 to add, 2 to change, 0 to destroy."),
        "{plan}"
    );

    stack.on_file(&["apply", "--yes", "--target", &one]).exits(0);
    assert_eq!(stack.values(), "apart=old one-config=new one=new two-config=old two=old");
    assert_eq!(stack.recorded(), 5, "what was left alone left the record");

    // What left the description is not deleted unless it is targeted; what it was applied as is still known.
    let reduced = STACK
        .replace("VALUE", "new")
        .split("---")
        .filter(|part| !part.contains("apart"))
        .collect::<Vec<_>>()
        .join("---");
    stack.bench.write("stack.yaml", &reduced);
    let excluded = stack.on_file(&["apply", "--yes", "--exclude", "*/two-config", "--exclude", "*/apart"]).exits(0);
    assert!(excluded.out.contains("left alone for that: Deployment/two in"), "{}", excluded.all());
    assert_eq!(stack.values(), "apart=old one-config=new one=new two-config=old two=old");
    assert_eq!(stack.recorded(), 5);
    stack.on_file(&["plan", "--detailed-exitcode", "--target", "*/one*"]).exits(0);
    stack.on_file(&["apply", "--yes", "--target", "ConfigMap/*/apart"]).exits(0);
    assert_eq!((stack.values().contains("apart"), stack.recorded()), (false, 4));

    // A saved plan of a part is about that part, and about nothing else.
    let out = ["plan", "--out", "plan.json", "--target", "*/two"];
    stack.on_file(&out).exits(0);
    let shown = stack.bench.langop(&["show", "plan.json", "--json"]).exits(0).json();
    assert_eq!((&shown["incomplete"], names(&shown["scope"]["needed"])), (&json!(true), vec!["two-config"]));
    stack.bench.langop(&["apply", "plan.json"]).exits(0);
    assert_eq!(stack.values(), "one-config=new one=new two-config=new two=new");
    assert_eq!(stack.recorded(), 4);
    let said = stack.bench.langop(&["apply", "plan.json", "--target", "x"]).exits(64);
    assert!(said.err.contains("`--target`"), "{}", said.all());
    stack.on_file(&["plan", "--detailed-exitcode"]).exits(0);

    // A part of what is destroyed, and then the rest.
    stack.run(&["destroy", "--yes", "--target", "*/one-config"]).exits(0);
    assert_eq!(stack.values(), "two-config=new two=new", "the workload that used it goes with it");
    stack.run(&["destroy", "--yes", "--exclude", "*/two"]).exits(0);
    assert_eq!(stack.values(), "two-config=new two=new", "what is in use stays");
    stack.run(&["destroy", "--yes"]).exits(0);
    assert_eq!(stack.values(), "");
    stack.bench.kubectl(&["delete", "namespace", &stack.bench.name, "--wait=false"]);
}

#[test]
fn the_status_of_a_cluster_is_written_only_where_nothing_of_it_was_left_alone() {
    let bench = Bench::new("targets-status");
    let model = |name: &str| {
        format!(
            "[models.{name}]\nprovider = \"openai-compatible\"\nmodelName = \"x\"\nendpoint = \"http://llm.example.com/v1\"\n"
        )
    };
    // What a secret of the rest needs is not asked for.
    let rest = "[secrets.rest]\nfromEnv = { key = \"NOT_SET\" }\n";
    let part = format!("stack = \"NAME\"\n[clusters.NAME]\n{}{}", model("a"), model("b"));
    bench.write("langop.toml", &format!("{part}{rest}"));
    let models = || {
        let listed = bench.object(&["languagemodels", "-n", &bench.name]);
        listed["items"].as_array().unwrap().len()
    };
    let status = || bench.object(&["languagecluster", &bench.name])["status"].clone();
    bench.langop(&["apply", "--yes", "--target", "model.a"]).exits(0);
    assert_eq!((models(), status()), (1, Value::Null));
    bench.write("langop.toml", &part);
    bench.langop(&["apply", "--yes", "--no-wait"]).exits(0);
    assert_eq!((models(), &status()["capacity"]["modelCount"]), (2, &json!(2)));
    let before = status();
    bench.langop(&["destroy", "--yes", "--target", "model.b"]).exits(0);
    assert_eq!((models(), status()), (1, before), "the status says what a part of the cluster is");
    bench.langop(&["destroy", "--yes"]).exits(0);
}
