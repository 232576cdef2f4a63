//! Back to what an earlier apply made, on a real API server: what is kept, what is never kept, what is restored, and what is
//! said where there is no way back.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::bench::{Bench, Checked, Said};

/// Long enough to stand nowhere by chance.
const SENTINEL: &str = "sentinel-of-the-history-5d0c2f6b7a94e1";

/// A stack of manifests in a namespace that is there already, and where its record is kept.
struct Stack {
    bench: Bench,
    store: Vec<String>,
}

impl Stack {
    fn new(name: &str) -> Self {
        let bench = Bench::new(name);
        bench.kubectl(&["create", "namespace", &bench.name]);
        Self { bench, store: Vec::new() }
    }

    fn with_files(name: &str) -> Self {
        Self { store: vec!["--state-dir".to_owned(), "records".to_owned()], ..Self::new(name) }
    }

    fn run(&self, args: &[&str]) -> Said {
        let store: Vec<_> = self.store.iter().map(String::as_str).collect();
        self.bench.langop(&[args, &store].concat())
    }

    fn apply(&self, text: &str) -> Said {
        self.bench.write("stack.yaml", text);
        self.run(&["apply", "--yes", "--stack", &self.bench.name, "stack.yaml"])
    }

    fn rollback(&self, args: &[&str]) -> Said {
        self.run(&[&["rollback", &self.bench.name], args].concat())
    }

    fn history(&self) -> Vec<Value> {
        self.rollback(&["--list", "--json"]).exits(0).json()["entries"].as_array().unwrap().clone()
    }

    fn serials(&self) -> Vec<u64> {
        self.history().iter().map(|entry| entry["serial"].as_u64().unwrap()).collect()
    }

    fn value(&self, name: &str) -> String {
        self.bench.kubectl(&["get", "configmap", name, "-n", &self.bench.name, "-o", "jsonpath={.data.key}"])
    }

    fn gone(&self) {
        self.run(&["destroy", "--yes", "--stack", &self.bench.name]).exits(0);
        self.bench.kubectl(&["delete", "namespace", &self.bench.name, "--wait=false"]);
    }
}

fn map(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: NAME}}\ndata: {{key: '{value}'}}\n---\n"
    )
}

/// The objects of a history, as they stand in the cluster.
fn objects(bench: &Bench) -> Vec<Value> {
    let selector = format!("langop.io/history={}", bench.name);
    let listed = bench.object(&["configmaps", "-n", "langop-system", "-l", &selector]);
    listed["items"].as_array().unwrap().clone()
}

/// What an object of a history holds.
fn unpacked(object: &Value) -> Value {
    let bytes = STANDARD.decode(object["binaryData"]["entry.json.gz"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[track_caller]
fn says(said: &Checked, words: &[&str]) {
    let missing: Vec<_> = words.iter().filter(|words| !said.all().contains(**words)).collect();
    assert!(missing.is_empty(), "{missing:?}\n{}", said.all());
}

fn five_are_kept(stack: &Stack) {
    let mut serials = Vec::new();
    for number in 1..=6 {
        stack.apply(&map("a", &number.to_string())).exits(0);
        serials.insert(0, stack.serials()[0]);
    }
    serials.truncate(5);
    assert_eq!(stack.serials(), serials, "the sixth takes the place of the first");
    stack.apply(&map("a", "6")).exits(0);
    assert_eq!(stack.serials(), serials, "nothing to do is no entry");
    // Without a serial the one before, and then the one before that; with one, that one.
    stack.rollback(&["--yes"]).exits(0);
    assert_eq!(stack.value("a"), "5");
    stack.rollback(&["--yes"]).exits(0);
    assert_eq!(stack.value("a"), "4", "never forward again");
    let fifth = serials[1].to_string();
    stack.rollback(&["--yes", "--to", &fifth]).exits(0);
    assert_eq!(stack.value("a"), "5");
    let newest = &stack.history()[0];
    assert_eq!((&newest["rollback"]["to"], &newest["present"]), (&json!(serials[1]), &json!(true)));
    let none = stack.rollback(&["--yes", "--to", "100000"]).exits(64);
    says(&none, &["has no entry with serial 100000", "it has "]);
    stack.gone();
}

#[test]
fn five_applies_are_kept_and_the_sixth_takes_the_place_of_the_first() {
    let stack = Stack::new("history");
    five_are_kept(&stack);
    assert_eq!(objects(&stack.bench), Vec::<Value>::new(), "the history goes with the record");
}

#[test]
fn a_history_in_files_is_the_same() {
    let stack = Stack::with_files("history-files");
    five_are_kept(&stack);
    let left: Vec<_> =
        std::fs::read_dir(stack.bench.path("records")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().contains("history")), "{left:?}");
}

const GATEWAY: &str = r#"stack = "NAME"

[clusters.NAME.gateway]
image = "registry.example.com/litellm:v1.108.TAG"

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
apiKeySecretRef = { name = "llama" }

[secrets.llama]
fromFile = { api-key = "token.txt" }
clusters = ["NAME"]

[agents.scout]
image = "registry.example.com/scout:1"
models = [{ name = "llama" }]
workspace.enabled = false
"#;

const MORE: &str = "
[models.more]
provider = \"openai\"
modelName = \"gpt-4o\"
";

#[test]
fn a_changed_image_and_a_deleted_object_come_back_as_the_plan_says_and_no_value_is_ever_kept() {
    let bench = Bench::new("way-back");
    bench.write("token.txt", SENTINEL);
    let write = |text: &str, tag: &str| bench.write("langop.toml", &text.replace("TAG", tag));
    let image = || {
        let path = "jsonpath={.spec.template.spec.containers[0].image}";
        bench.kubectl(&["get", "deployment", "gateway", "-n", &bench.name, "-o", path])
    };
    write(&format!("{GATEWAY}{MORE}"), "14");
    bench.langop(&["apply", "--yes"]).exits(0);
    write(GATEWAY, "15");
    bench.langop(&["apply", "--yes"]).exits(0);
    assert!(image().ends_with("15"));

    // No value of any Secret is in any object of the history: not the user's, and none that was generated.
    let secrets = bench.object(&["secrets", "-n", &bench.name]);
    let values = secrets["items"].as_array().unwrap().iter().flat_map(|one| one["data"].as_object().unwrap().values());
    let values: Vec<_> = values.map(|value| value.as_str().unwrap().to_owned()).collect();
    assert!(values.contains(&STANDARD.encode(SENTINEL)) && values.len() >= 4, "{}", values.len());
    let kept = objects(&bench);
    assert_eq!(kept.len(), 2);
    for object in &kept {
        let text = format!("{object} {}", unpacked(object));
        for value in &values {
            let plain = String::from_utf8(STANDARD.decode(value).unwrap()).unwrap();
            assert!(!text.contains(value) && !text.contains(&plain), "a value of a Secret is in the history");
        }
    }

    // The plan writes nothing, and is what is done.
    let planned = bench.langop(&["rollback", &bench.name, "--plan", "--json"]).exits(0).json();
    assert!(image().ends_with("15"));
    let changes = planned["changes"].as_array().unwrap().iter();
    let mut planned: Vec<_> = changes
        .filter(|change| change["action"] != "no-op")
        .map(|change| format!("{} {}/{}", change["action"], change["object"]["kind"], change["object"]["name"]))
        .collect();
    let said = bench.langop(&["rollback", &bench.name, "--yes", "--json"]).exits(0);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let finished = lines.iter().filter(|line| line["type"] == "finished");
    let mut done: Vec<_> = finished
        .map(|line| format!("{} {}/{}", line["action"], line["object"]["kind"], line["object"]["name"]))
        .collect();
    planned.sort();
    done.sort();
    assert!(planned.iter().any(|change| change.contains("LanguageModel")), "{planned:?}");
    assert_eq!(done, planned);
    says(&said, &["back from serial", "gateway of cluster", "shows the way forward again"]);
    assert!(image().ends_with("14"));
    assert!(bench.try_kubectl(&["get", "languagemodel", "more", "-n", &bench.name]).code == Some(0));
    let token = bench.object(&["secret", "llama", "-n", &bench.name]);
    assert_eq!(token["data"]["api-key"], STANDARD.encode(SENTINEL), "the live value stays");

    // The way forward again, which the description still says.
    let plan = bench.langop(&["plan"]).exits(0);
    says(&plan, &["v1.108.15"]);
    // A rollback to where the stack is changes nothing.
    let present = bench.langop(&["rollback", &bench.name, "--list", "--json"]).exits(0).json();
    let serial = present["entries"][0]["serial"].to_string();
    let same = bench.langop(&["rollback", &bench.name, "--plan", "--to", &serial]).exits(0);
    says(&same, &["Nothing to do"]);

    // A value that is gone is no value that the history could have.
    bench.kubectl(&["delete", "secret", "llama", "-n", &bench.name]);
    let other = present["entries"][1]["serial"].to_string();
    let lacking = bench.langop(&["rollback", &bench.name, "--yes", "--to", &other]).exits(1);
    says(&lacking, &["`api-key` of Secret/llama", "apply the description as it was then"]);
    bench.langop(&["destroy", "--yes"]).exits(0);
    assert_eq!(objects(&bench), Vec::<Value>::new());
}

#[test]
fn a_damaged_entry_is_said_and_another_one_can_be_chosen() {
    let stack = Stack::new("damaged");
    for value in ["1", "2", "3"] {
        stack.apply(&map("a", value)).exits(0);
    }
    let serials = stack.serials();
    let kept = objects(&stack.bench);
    let second = kept.iter().find(|object| unpacked(object)["run"] == 2).unwrap();
    let bytes = STANDARD.decode(second["binaryData"]["entry.json.gz"].as_str().unwrap()).unwrap();
    let half = STANDARD.encode(&bytes[..bytes.len() / 2]);
    let patch = json!({"binaryData": {"entry.json.gz": half}}).to_string();
    let name = second["metadata"]["name"].as_str().unwrap();
    stack.bench.kubectl(&["patch", "configmap", name, "-n", "langop-system", "--type=merge", "-p", &patch]);

    let refused = stack.rollback(&["--yes"]).exits(1);
    says(&refused, &[&format!("ConfigMap/{name}"), "is no entry of the history of this stack", "--to SERIAL"]);
    assert_eq!(stack.value("a"), "3");
    let listed = stack.rollback(&["--list"]).exits(0);
    says(&listed, &["damaged", &serials[2].to_string(), &format!("ConfigMap/{name}")]);
    stack.rollback(&["--yes", "--to", &serials[2].to_string()]).exits(0);
    assert_eq!(stack.value("a"), "1");
    stack.gone();
}

#[test]
fn an_apply_that_failed_is_kept_and_passed_over_and_one_without_an_entry_is_the_present_one() {
    let stack = Stack::new("failed-entry");
    let none = stack.rollback(&["--list"]).exits(1);
    says(&none, &["there is no record of the stack", "state rebuild"]);
    stack.apply(&map("a", "1")).exits(0);
    let alone = stack.rollback(&["--yes"]).exits(1);
    says(&alone, &["cannot go back", "no earlier apply is kept"]);
    let broken = format!(
        "{}apiVersion: v1\nkind: Pod\nmetadata: {{name: broken, namespace: NAME}}\nspec: {{restartPolicy: Never, containers: \
         [{{name: main, image: 'dev.langop.io/does-not-exist:1'}}]}}\n",
        map("a", "2")
    );
    stack.bench.write("stack.yaml", &broken);
    stack.run(&["apply", "--yes", "--timeout=2s", "--stack", &stack.bench.name, "stack.yaml"]).exits(6);
    let ended: Vec<_> = stack.history().iter().map(|entry| entry["ended"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ended, ["failed", "healthy"]);
    stack.rollback(&["--yes"]).exits(0);
    assert_eq!(stack.value("a"), "1");
    // What a run left without an entry, as one that was killed, is what is there now: the newest entry is the way back.
    let third = objects(&stack.bench).iter().find(|object| unpacked(object)["run"] == 3).cloned().unwrap();
    let name = third["metadata"]["name"].as_str().unwrap();
    stack.bench.kubectl(&["delete", "configmap", name, "-n", "langop-system"]);
    let planned = stack.rollback(&["--plan"]).exits(0);
    says(&planned, &["Nothing to do"]);
    // A record that is made anew has no history.
    stack.run(&["state", "rebuild", &stack.bench.name, "--replace"]).exits(0);
    assert_eq!((stack.history(), objects(&stack.bench)), (Vec::new(), Vec::new()));
    stack.gone();
}

#[test]
fn what_is_protected_and_what_belongs_to_others_stops_a_way_back_as_it_stops_an_apply() {
    let stack = Stack::new("guarded-back");
    stack.apply(&map("a", "1")).exits(0);
    let protected = format!(
        "{}apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: b, namespace: NAME, annotations: {{langop.io/protect: 'true'}}}}\n",
        map("a", "2")
    );
    stack.apply(&protected).exits(0);
    let refused = stack.rollback(&["--yes"]).exits(1);
    says(&refused, &["ConfigMap/b", "protect"]);
    let field = json!({"data": {"key": "theirs"}}).to_string();
    let theirs =
        ["patch", "configmap", "a", "-n", &stack.bench.name, "--type=merge", "--field-manager=them", "-p", &field];
    stack.bench.kubectl(&theirs);
    let flag = format!("--delete-protected=ConfigMap/{}/b", stack.bench.name);
    let conflict = stack.rollback(&["--yes", &flag]).exits(1);
    says(&conflict, &["other field managers own `data.key` (them"]);
    stack.rollback(&["--yes", &flag, "--force-conflicts"]).exits(0);
    assert_eq!(stack.value("a"), "1");
    stack.gone();
}

#[test]
fn what_holds_a_credential_or_is_a_part_alone_is_said_not_to_be_kept() {
    let stack = Stack::new("withheld");
    stack.apply(&map("a", "1")).exits(0);
    let token = "sk-ant-api03-5d0c2f6b7a94e15d0c2f6b7a94e15d0c2f6b7a94e1";
    let said = stack.apply(&map("a", token)).exits(0);
    says(&said, &["`langop rollback` cannot go back to what was applied here", "`data.key` of ConfigMap/a"]);
    assert!(objects(&stack.bench).iter().all(|object| !unpacked(object).to_string().contains(token)));
    stack.bench.write("stack.yaml", &map("a", "3"));
    let target = format!("ConfigMap/{}/a", stack.bench.name);
    let part = stack.run(&["apply", "--yes", "--target", &target, "--stack", &stack.bench.name, "stack.yaml"]).exits(0);
    says(&part, &["only a part of the stack was applied"]);
    let serials = stack.serials();
    let refused = stack.rollback(&["--yes", "--to", &serials[0].to_string()]).exits(1);
    says(&refused, &["nothing was kept: only a part"]);
    stack.rollback(&["--yes"]).exits(0);
    assert_eq!(stack.value("a"), "1", "the newest one that was kept");
    stack.gone();
}

const AUTO: &str = r#"stack = "NAME"

[clusters.NAME.gateway]
image = "registry.example.com/litellm:v1.108.14"
rollout = { rollback = "auto" }

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"

[agents.scout]
image = "registry.example.com/scout:1"
models = [{ name = "llama" }]
workspace.enabled = false
"#;

/// The image that no node can get.
const BROKEN: &str = "dev.langop.io/does-not-exist:1";

/// A gateway that goes back by itself.
struct Gateway(Bench);

impl Gateway {
    fn new(name: &str) -> Self {
        Self(Bench::new(name))
    }

    fn apply(&self, text: &str, code: i32) -> Checked {
        self.0.write("langop.toml", text);
        self.0.langop(&["apply", "--yes", "--timeout=4s"]).exits(code)
    }

    fn deployment(&self) -> Value {
        self.0.object(&["deployment", "gateway", "-n", &self.0.name])
    }

    fn image(&self) -> String {
        self.deployment()["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
    }

    fn told(&self) -> Value {
        let told = self.0.object(&["configmap", "gateway-agents", "-n", &self.0.name]);
        serde_json::from_str(told["data"]["agents.json"].as_str().unwrap()).unwrap()
    }

    fn history(&self) -> Vec<Value> {
        let said = self.0.langop(&["rollback", &self.0.name, "--list", "--json"]).exits(0).json();
        said["entries"].as_array().unwrap().clone()
    }

    fn gone(&self) {
        self.0.langop(&["destroy", "--yes"]).exits(0);
    }
}

#[test]
fn a_gateway_that_does_not_become_ready_goes_back_and_the_apply_fails_with_the_cause() {
    let gateway = Gateway::new("auto-back");
    gateway.apply(AUTO, 0);
    let (before, told) = (gateway.deployment(), gateway.told());
    let egress = || gateway.0.object(&["networkpolicy", "gateway-egress", "-n", &gateway.0.name])["spec"].clone();
    let open = egress();
    let serial = gateway.history()[0]["serial"].as_u64().unwrap();

    let text = AUTO.replace("registry.example.com/litellm:v1.108.14", BROKEN);
    let text = format!(
        "{text}rateLimits = {{ requestsPerMinute = 5 }}\n[agents.other]\nimage = 'registry.example.com/o:1'\nmodels = [{{ name = 'llama' }}]\n{MORE}workspace.enabled = false\n"
    );
    let text = text
        .replace("gpt-4o\"\nworkspace.enabled = false\n", "gpt-4o\"\n")
        .replace("[models.more]", "workspace.enabled = false\n[models.more]");
    let said = gateway.apply(&text, 6);
    says(
        &said,
        &["does-not-exist", &format!("rolled back to serial {serial} of "), "litellm:v1.108.14), which serves"],
    );
    let after = gateway.deployment();
    assert_eq!(after["spec"]["template"]["spec"], before["spec"]["template"]["spec"]);
    assert_eq!(after["status"]["availableReplicas"], 1, "{:#}", after["status"]);
    assert_eq!(gateway.told(), told, "what is read live goes back, too");
    assert_eq!(egress(), open, "and whom its pods may reach");
    let agent = gateway.0.try_kubectl(&["get", "deployment", "other", "-n", &gateway.0.name]);
    assert_ne!(agent.code, Some(0), "what needs the gateway is not applied");

    // The record says what is there: the way forward is planned again, and nobody is waited for.
    let history = gateway.history();
    assert_eq!((&history[0]["ended"], &history[1]["serial"]), (&json!("failed"), &json!(serial)));
    let plan = gateway.0.langop(&["plan"]).exits(0);
    says(&plan, &[BROKEN]);
    // Again, and from the same entry.
    let again = gateway.apply(&text, 6);
    says(&again, &[&format!("rolled back to serial {serial} of ")]);
    assert!(gateway.image().ends_with("v1.108.14"));
    // With the description of before there is nothing left of it.
    gateway.apply(AUTO, 0);
    let plan = gateway.0.langop(&["plan"]).exits(0);
    says(&plan, &["Nothing to do"]);
    gateway.gone();
}

#[test]
fn a_first_gateway_has_nothing_to_go_back_to_and_says_so() {
    let gateway = Gateway::new("auto-first");
    let broken = AUTO.replace("registry.example.com/litellm:v1.108.14", BROKEN);
    let said = gateway.apply(&broken, 6);
    says(&said, &["not rolled back: no earlier apply is kept in which this gateway was seen ready"]);
    assert_eq!(gateway.image(), BROKEN);
    gateway.gone();
}

#[test]
fn a_gateway_goes_back_only_where_its_description_says_so() {
    let gateway = Gateway::new("auto-off");
    let off = AUTO.replace("\"auto\"", "\"none\"");
    gateway.apply(&off, 0);
    let said = gateway.apply(&off.replace("registry.example.com/litellm:v1.108.14", BROKEN), 6);
    assert!(!said.all().contains("rolled back"), "{}", said.all());
    assert_eq!(gateway.image(), BROKEN);
    gateway.gone();
}

#[test]
fn a_key_that_was_ended_stays_ended_when_the_gateway_goes_back() {
    let gateway = Gateway::new("auto-keys");
    gateway.apply(AUTO, 0);
    let broken = AUTO.replace("registry.example.com/litellm:v1.108.14", BROKEN);
    let said = gateway.apply(&format!("{broken}blocked = true\n"), 6);
    says(&said, &["which serves; what it is told of agents stays, because it ends a key"]);
    assert_eq!(gateway.told()["agents"]["scout"]["blocked"], true);
    assert!(gateway.image().ends_with("v1.108.14"));
    gateway.gone();
}

#[test]
fn a_gateway_of_which_no_pod_may_be_made_stays_as_kubernetes_leaves_it() {
    let gateway = Gateway::new("auto-outside");
    gateway.apply(AUTO, 0);
    // Somebody else has since decided that no container may be so large.
    let limit = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small", "namespace": &gateway.0.name},
        "spec": {"limits": [{"type": "Container", "max": {"memory": "1Mi"}}]}});
    let file = gateway.0.write("limit.json", &limit.to_string());
    gateway.0.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let said = gateway.apply(&AUTO.replace("v1.108.14", "v1.108.15"), 6);
    says(
        &said,
        &["not rolled back: no pod of the new configuration could be made", "maximum memory usage per Container"],
    );
    assert!(gateway.image().ends_with("v1.108.15"));
    gateway.0.kubectl(&["delete", "limitrange", "small", "-n", &gateway.0.name]);
    gateway.gone();
}

#[test]
fn what_a_gateway_read_and_is_gone_is_made_again_on_the_way_back() {
    let gateway = Gateway::new("auto-again");
    gateway.apply(AUTO, 0);
    let configs = || {
        let listed = gateway.0.kubectl(&["get", "configmaps", "-n", &gateway.0.name, "-o", "name"]);
        listed.lines().filter(|name| name.contains("gateway-config-")).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = configs();
    let second = AUTO.replace("llama3.2", "llama3.3");
    gateway.0.write("langop.toml", &second);
    // Nobody sees it ready; what the pods before read goes.
    gateway.0.langop(&["apply", "--yes", "--no-wait"]).exits(0);
    assert!(!configs().contains(&first[0]), "{:?}", configs());
    let said = gateway.apply(&second.replace("registry.example.com/litellm:v1.108.14", BROKEN), 6);
    says(&said, &["rolled back to serial ", "which serves"]);
    assert!(configs().contains(&first[0]), "{:?}", configs());
    let recorded = gateway.0.langop(&["state", "list", &gateway.0.name]).exits(0).out;
    let name = first[0].rsplit('/').next().unwrap();
    assert!(recorded.contains(name), "it is the stack's: {recorded}");
    gateway.apply(AUTO, 0);
    gateway.gone();
}

#[test]
fn what_a_saved_plan_applied_is_an_entry_as_any_and_a_rotation_is_none_and_is_not_undone() {
    let gateway = Gateway::new("saved-back");
    let bench = &gateway.0;
    bench.write("langop.toml", AUTO);
    bench.langop(&["plan", "--out", "plan.json"]).exits(0);
    bench.langop(&["apply", "plan.json"]).exits(0);
    let serial = gateway.history()[0]["serial"].to_string();
    let same = bench.langop(&["rollback", &bench.name, "--plan", "--to", &serial]).exits(0);
    says(&same, &["Nothing to do"]);

    bench.langop(&["rotate", "gateway-auth", &bench.name, "--yes", "--end-old-keys"]).exits(0);
    assert_eq!(gateway.history().len(), 1, "a rotation changes no description");
    let secret = || bench.object(&["secret", "gateway-auth", "-n", &bench.name]);
    let rotated = secret();
    let present = bench.langop(&["rollback", &bench.name, "--plan", "--to", &serial]).exits(0);
    says(&present, &["Nothing to do"]);
    gateway.apply(&AUTO.replace("v1.108.14", "v1.108.15"), 0);
    bench.langop(&["rollback", &bench.name, "--yes"]).exits(0);
    assert!(gateway.image().ends_with("v1.108.14"));
    let after = secret();
    assert_eq!(
        (&after["data"], &after["metadata"]["annotations"]),
        (&rotated["data"], &rotated["metadata"]["annotations"])
    );
    gateway.gone();
}

#[test]
fn killed_on_the_way_back_the_next_run_converges() {
    let gateway = Gateway::new("auto-killed");
    gateway.apply(AUTO, 0);
    gateway.0.write("langop.toml", &AUTO.replace("registry.example.com/litellm:v1.108.14", BROKEN));
    let mut command = gateway.0.command(&["apply", "--yes", "--timeout=2s"]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("goes back to serial")), "it went back");
    running.kill().unwrap();
    running.wait().unwrap();
    gateway.0.write("langop.toml", AUTO);
    gateway.0.langop(&["apply", "--yes", "--lock-timeout=60s"]).exits(0);
    let plan = gateway.0.langop(&["plan"]).exits(0);
    says(&plan, &["Nothing to do"]);
    assert!(gateway.image().ends_with("v1.108.14"));
    gateway.gone();
}
