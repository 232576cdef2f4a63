//! What a saved plan promises, on a real API server: what was approved is done, and nothing else.

use std::path::Path;

use serde_json::{Value, json};

use crate::bench::{Bench, Said, said};
use crate::control_plane;

/// Objects of every kind of trouble, in a namespace that is there already.
const STACK: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: matters, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: elsewhere, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: taken, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: deleted, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: recreated, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: untouched, namespace: NAME, annotations: {key: VALUE}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: status, namespace: NAME, annotations: {key: VALUE}}
spec:
  replicas: 0
  selector: {matchLabels: {app: status}}
  template:
    metadata: {labels: {app: status}}
    spec: {containers: [{name: x, image: x}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: dependent, namespace: NAME, annotations: {key: VALUE}}
spec:
  replicas: 0
  selector: {matchLabels: {app: dependent}}
  template:
    metadata: {labels: {app: dependent}}
    spec: {containers: [{name: x, image: x, envFrom: [{configMapRef: {name: matters}}]}]}
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
        self.bench.langop(args)
    }

    fn plan(&self, flags: &[&str]) -> Said {
        let name = self.bench.name.as_str();
        self.run(&[&["plan", "--out", "plan.json", "--stack", name, "stack.yaml"], flags].concat())
    }

    fn apply(&self) -> Said {
        self.run(&["apply", "plan.json"])
    }

    /// The value that an object has.
    fn value(&self, kind: &str, name: &str) -> Value {
        let object = self.bench.object(&[kind, name, "-n", &self.bench.name]);
        if kind == "configmap" {
            object["data"]["key"].clone()
        } else {
            object["metadata"]["annotations"]["key"].clone()
        }
    }

    fn kubectl(&self, args: &[&str]) {
        self.bench.kubectl(&[args, &["-n", &self.bench.name]].concat());
    }

    fn gone(self) {
        self.run(&["destroy", "--yes", "--stack", &self.bench.name]).exits(0);
        self.bench.kubectl(&["delete", "namespace", &self.bench.name, "--wait=false"]);
    }
}

#[test]
fn what_is_as_it_was_approved_is_applied_and_what_is_not_is_refused_with_what_depends_on_it() {
    let stack = Stack::new("saved");
    stack.describe("old");
    let shown = stack.plan(&[]).exits(0);
    assert_eq!(stack.run(&["show", "plan.json"]).exits(0).out, shown.out);
    // A first plan, applied without a question; applied again, there is nothing left to do.
    stack.apply().exits(0);
    stack.apply().exits(0);
    assert_eq!(stack.value("configmap", "matters"), "old");

    stack.describe("new");
    let mut planned = stack.plan(&["--json"]).exits(0).json();
    // A saved plan knows its server by a digest alone.
    planned["target"]["server"] = Value::Null;
    assert_eq!(stack.run(&["show", "plan.json", "--json"]).exits(0).json(), planned);
    let name = stack.bench.name.as_str();
    stack.kubectl(&["patch", "configmap", "taken", "--type=merge", "-p", r#"{"data":{"key":"theirs"}}"#]);
    stack.kubectl(&["patch", "configmap", "matters", "--type=merge", "-p", r#"{"data":{"key":null}}"#]);
    stack.kubectl(&["patch", "configmap", "elsewhere", "--type=merge", "-p", r#"{"data":{"other":"theirs"}}"#]);
    let status = json!({"status": {"conditions": [{"type": "Mine", "status": "True"}]}}).to_string();
    stack.kubectl(&["patch", "deployment", "status", "--subresource=status", "--type=merge", "-p", &status]);
    stack.kubectl(&["delete", "configmap", "deleted", "recreated"]);
    let again = STACK.split("---").nth(4).unwrap().replace("VALUE", "old");
    stack.bench.write("again.yaml", &again);
    stack.kubectl(&["create", "-f", "again.yaml"]);

    let applied = stack.apply().exits(4);
    for (object, because) in [
        ("ConfigMap/matters", "it changed since the plan was made"),
        ("ConfigMap/taken", "other field managers own `data.key` (kubectl-patch"),
        ("ConfigMap/deleted", "it was deleted since the plan was made"),
        ("ConfigMap/recreated", "it was deleted and made again since the plan was made"),
    ] {
        assert!(applied.out.contains(&format!("! {object} in {name}: {because}")), "{object}:\n{}", applied.out);
    }
    for delta in ["approved: changing", "\"old\" → \"new\"", "+ data:"] {
        assert!(applied.out.contains(delta), "{delta}:\n{}", applied.out);
    }
    assert!(applied.out.contains("needs `ConfigMap/matters"), "{}", applied.out);
    for (kind, object, value) in [
        ("configmap", "taken", "theirs"),
        ("configmap", "elsewhere", "new"),
        ("configmap", "recreated", "old"),
        ("serviceaccount", "untouched", "new"),
        ("deployment", "status", "new"),
        ("deployment", "dependent", "old"),
    ] {
        assert_eq!(stack.value(kind, object), value, "{kind}/{object}");
    }
    assert_eq!(stack.bench.try_kubectl(&["get", "configmap", "deleted", "-n", name]).code, Some(1));

    // The same for programs: what was done stays done.
    let stream = stack.run(&["apply", "--yes", "--json", "plan.json"]).exits(4).out;
    let lines: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stale = lines.iter().find(|line| line["type"] == "stale" && line["object"]["name"] == "matters").unwrap();
    assert_eq!(stale["approved"]["diff"][0]["delta"]["before"], "old", "{stale:#}");
    assert_eq!(stale["current"]["diff"][0]["delta"]["op"], "added", "{stale:#}");
    let outcomes = lines.iter().filter(|line| line["type"] == "finished");
    let outcomes: Vec<_> = outcomes.map(|line| line["outcome"].as_str().unwrap()).collect();
    assert!(outcomes.iter().all(|outcome| ["stale", "skipped"].contains(outcome)), "{outcomes:?}");
    stack.kubectl(&["delete", "configmap", "recreated"]);
    stack.gone();
}

#[test]
fn a_plan_is_for_its_target_time_format_langop_and_record() {
    let stack = Stack::new("saved-whole");
    stack.describe("old");
    stack.plan(&[]).exits(0);
    let file = stack.bench.dir.path().join("plan.json");
    let original = std::fs::read_to_string(&file).unwrap();
    let bits = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(bits & 0o777, 0o600);

    // Tampered with, cut off, of another format.
    let newer = original.replacen("\"langopPlan\": 2", "\"langopPlan\": 3", 1);
    let older = original.replacen("\"langopPlan\": 2", "\"langopPlan\": 1", 1);
    for (text, words) in [
        (original.replacen("\"old\"", "\"evil\"", 1), "its digest is that of another content"),
        (original[..original.len() / 2].to_owned(), "the saved plan is damaged"),
        (newer, "has format 3; this langop reads 2"),
        (older, "has format 1, which langop does not read any more"),
    ] {
        std::fs::write(&file, text).unwrap();
        for command in [&["apply", "plan.json"][..], &["show", "plan.json"]] {
            let refused = stack.run(command).exits(65);
            assert!(refused.err.contains(words), "{}", refused.err);
        }
    }
    // Made by another langop, elsewhere, long ago: as such a plan would be, with its own digest.
    let resealed = |change: &dyn Fn(&mut Value)| {
        let mut document: Value = serde_json::from_str(&original).unwrap();
        change(&mut document);
        reseal(&mut document);
        std::fs::write(&file, document.to_string()).unwrap();
    };
    let refused = |change: &dyn Fn(&mut Value), words: &str| {
        resealed(change);
        let refused = stack.apply().exits(4);
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    };
    refused(&|plan| plan["langop"] = json!("0.0.1"), "the plan was made by langop 0.0.1");
    refused(&|plan| plan["target"]["clusterId"] = json!("another"), "the plan was made for another cluster");
    refused(&|plan| plan["madeAt"] = json!("2020-01-01T00:00:00Z"), "has expired");
    resealed(&|plan| plan["madeAt"] = json!("2020-01-01T00:00:00Z"));
    let still = ["apply", "--max-age", "999999h", "plan.json"];
    stack.run(&still).exits(0);
    assert_eq!(stack.value("configmap", "matters"), "old");

    // A record that was made anew, and one that another description went into.
    stack.describe("new");
    stack.plan(&[]).exits(0);
    stack.run(&["state", "rebuild", "--replace", &stack.bench.name]).exits(0);
    let rebuilt = stack.apply().exits(4);
    assert!(rebuilt.err.contains("is not the one that the plan was made from: it was made anew"), "{}", rebuilt.err);
    stack.plan(&[]).exits(0);
    let more = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: NAME}\n";
    stack.bench.write("more.yaml", more);
    stack.run(&["apply", "--yes", "--stack", &stack.bench.name, "stack.yaml", "more.yaml"]).exits(0);
    let other = stack.apply().exits(4);
    assert!(other.err.contains("objects that the plan does not know: ConfigMap/more"), "{}", other.err);

    // A plan with errors is saved for whoever wants to look, and not applied.
    stack.bench.write("more.yaml", &format!("{more}data: {{key: 1}}\n"));
    stack.run(&["plan", "--out", "plan.json", "--stack", &stack.bench.name, "stack.yaml", "more.yaml"]).exits(1);
    let failed = stack.apply().exits(1);
    assert!(failed.err.contains("the plan has errors"), "{}", failed.err);
    stack.gone();
}

/// Gives a document the digest that langop would have given it.
fn reseal(document: &mut Value) {
    let fields = document.as_object_mut().unwrap();
    fields.remove("digest");
    let digest = langop::object::digest::of_document(document);
    document.as_object_mut().unwrap().insert("digest".to_owned(), digest.into());
}

#[test]
fn values_of_secrets_are_read_again_and_are_never_in_the_file() {
    let bench = Bench::new("saved-values");
    let name = bench.name.as_str();
    bench.kubectl(&["create", "namespace", name]);
    std::fs::create_dir(bench.dir.path().join("deep")).unwrap();
    bench.write(
        "deep/langop.toml",
        "stack = \"NAME\"\n\n[clusters.NAME]\n\n[models.m]\nprovider = \"openai\"\nmodelName = \"m\"\n\
         apiKeySecretRef = { name = \"key\", key = \"from-env\" }\n\n[secrets.key]\nfromEnv = { from-env = \"KEY\" }\n\
         fromFile = { from-file = \"value\" }\nfromCommand = { from-command = [\"printenv\", \"PRINTED\"] }\n",
    );
    bench.write(
        "literal.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: literal, namespace: NAME}\nstringData: {a: canary-literal}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: uses, namespace: NAME}\nspec:\n  containers:\n  - name: x\n    image: x\n    \
         envFrom: [{secretRef: {name: literal}}]\n",
    );
    bench.write("deep/value", "canary-file\n");
    let run = |args: &[&str], key: &str| {
        let mut command = bench.command(args);
        if !key.is_empty() {
            command.env("KEY", key);
        }
        said(&command.env("PRINTED", "canary-command").output().unwrap())
    };
    let plan = ["plan", "--adopt", "--out", "plan.json", "deep/langop.toml", "literal.yaml"];
    run(&plan, "canary-env").exits(0);
    let text = std::fs::read_to_string(bench.dir.path().join("plan.json")).unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "canary");
    assert!(!text.contains("canary") && !text.contains(encoded.trim_end_matches('=')), "{text}");

    // Without a value nothing is done; with another one, nothing that hangs on it.
    let missing = run(&["apply", "plan.json"], "").exits(65);
    assert!(missing.err.contains("`KEY` is not set"), "{}", missing.err);
    bench.write(
        "literal.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: literal, namespace: NAME}\nstringData: {a: other}\n",
    );
    let refused = run(&["apply", "plan.json"], "canary-other").exits(4);
    for secret in [format!("Secret/key in {name} (secret.key)"), format!("Secret/literal in {name}")] {
        let words = format!("! {secret}: its values are not those that the plan was made with");
        assert!(refused.out.contains(&words), "{}", refused.out);
    }
    assert!(refused.out.contains("needs `Secret/literal"), "{}", refused.out);
    assert!(!refused.all().contains("canary"), "{}", refused.all());
    for absent in ["secret/key", "secret/literal", "pod/uses", "deployment/gateway"] {
        assert_eq!(bench.try_kubectl(&["get", absent, "-n", name]).code, Some(1), "{absent} was made");
    }
    assert_eq!(bench.try_kubectl(&["get", "serviceaccount/gateway", "-n", name]).code, Some(0));

    // The description is not needed, only the sources: and what was left is done.
    std::fs::remove_file(bench.dir.path().join("deep/langop.toml")).unwrap();
    bench.write(
        "literal.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: literal, namespace: NAME}\nstringData: {a: canary-literal}\n",
    );
    run(&["apply", "plan.json"], "canary-env").exits(0);
    let secret = bench.object(&["secret", "key", "-n", name]);
    assert_eq!(secret["data"].as_object().unwrap().len(), 3, "{secret:#}");
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
    bench.kubectl(&["delete", "namespace", name, "--wait=false"]);
}

#[test]
fn a_saved_destruction_takes_what_it_named_and_no_more() {
    let stack = Stack::new("saved-destroy");
    let name = stack.bench.name.clone();
    stack.bench.write("stack.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: made-NAME}\n");
    let made = format!("made-{name}");
    stack.plan(&[]).exits(0);
    stack.apply().exits(0);
    stack.bench.kubectl(&["create", "configmap", "theirs", "-n", &made]);
    stack.plan(&["--destroy"]).exits(0);
    let refused = stack.apply().exits(4);
    assert!(refused.out.contains("the plan has no leave for that"), "{}", refused.out);
    stack.plan(&["--destroy", "--include-unmanaged"]).exits(0);
    stack.bench.kubectl(&["create", "configmap", "more", "-n", &made]);
    let refused = stack.apply().exits(4);
    assert!(refused.out.contains("more objects of others"), "{}", refused.out);
    stack.bench.kubectl(&["delete", "configmap", "more", "-n", &made]);
    stack.apply().exits(0);
    assert_eq!(stack.bench.try_kubectl(&["get", "namespace", &made]).code, Some(1));
    stack.bench.kubectl(&["delete", "namespace", &name, "--wait=false"]);
}

#[test]
fn plans_and_descriptions_are_never_mixed_and_told_by_content() {
    let bench = Bench::offline("saved-files");
    let golden = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.example.json")).unwrap();
    bench.write("any-name.yaml", &golden);
    bench.write("langop.toml", "stack = \"NAME\"\n\n[clusters.NAME]\n");
    for (args, code, words) in [
        (&["apply", "any-name.yaml", "langop.toml"][..], 64, "goes with no other file"),
        (&["apply", "any-name.yaml", "--adopt", "--var", "a=b"], 64, "`--var`, `--adopt` had to be said"),
        (&["plan", "any-name.yaml"], 64, "is a saved plan, not a description"),
        (&["render", "any-name.yaml"], 64, "is a saved plan, not a description"),
        (&["apply", "--max-age", "1h"], 64, "`--max-age` is about saved plans"),
        (&["plan", "--out", "-"], 64, "a saved plan goes to a file"),
        (&["show", "langop.toml"], 65, "is no saved plan"),
        (&["show", "nothing"], 1, "cannot read the plan `nothing`"),
    ] {
        let refused = bench.langop(args).exits(code);
        assert!(refused.err.contains(words), "{args:?}: {}", refused.err);
    }
    bench.langop(&["show", "any-name.yaml"]).exits(0);
    let schema = bench.langop(&["schema", "--of", "plan"]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&golden).unwrap()));
}

#[test]
fn a_plan_that_cannot_be_written_is_a_failure_and_leaves_nothing() {
    let bench = Bench::at("saved-unwritten", control_plane::kubeconfig());
    bench.write("stack.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n");
    let plan = |file: &str| bench.langop(&["plan", "--out", file, "--stack", &bench.name, "stack.yaml"]);
    let failed = plan("no/such/folder/plan.json").exits(1);
    assert!(failed.err.contains("cannot write the plan"), "{}", failed.err);
    // A credential in what is carried along, and a value that came by a pipe.
    let key = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\ndata: {url: 'postgres://u:hunter2@db/x'}\n";
    bench.write("stack.yaml", key);
    let failed = plan("plan.json").exits(1);
    assert!(failed.err.contains("`data.url` of ConfigMap/x") && !failed.err.contains("hunter2"), "{}", failed.err);
    assert!(!bench.dir.path().join("plan.json").exists());
}
