//! What a person changes of what a stack owns, on a real API server: by hand in its record, or in the description.

use serde_json::{Value, json};

use crate::bench::{Bench, Checked, Said};
use crate::control_plane;

/// Some `ConfigMap`s in a namespace that is there already.
fn maps(names: &[&str]) -> String {
    let map = |name: &&str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: NAME}}\ndata: {{key: value}}\n")
    };
    names.iter().map(map).collect::<Vec<_>>().join("---\n")
}

struct Stack {
    bench: Bench,
    store: Vec<String>,
}

impl Stack {
    fn new(name: &str, store: &[&str]) -> Self {
        let bench = Bench::new(name);
        bench.kubectl(&["create", "namespace", &bench.name]);
        Self { bench, store: store.iter().map(|&flag| flag.to_owned()).collect() }
    }

    fn run(&self, args: &[&str]) -> Said {
        let store: Vec<_> = self.store.iter().map(String::as_str).collect();
        self.bench.langop(&[args, &store].concat())
    }

    fn with_stack(&self, args: &[&str]) -> Said {
        self.run(&[args, &["--stack", &self.bench.name]].concat())
    }

    fn state(&self, args: &[&str]) -> Said {
        let (command, rest) = args.split_first().unwrap();
        self.run(&[&["state", command, &self.bench.name], rest].concat())
    }

    fn address(&self, name: &str) -> String {
        format!("ConfigMap/{}/{name}", self.bench.name)
    }

    fn listed(&self) -> String {
        self.state(&["list"]).exits(0).out
    }

    fn live(&self, name: &str) -> Option<Value> {
        let found = self.bench.try_kubectl(&[
            "get",
            "configmap",
            name,
            "-n",
            &self.bench.name,
            "-o",
            "json",
            "--show-managed-fields",
        ]);
        (found.code == Some(0)).then(|| serde_json::from_str(&found.out).unwrap())
    }

    fn gone(&self) {
        self.bench.kubectl(&["delete", "namespace", &self.bench.name, "--wait=false"]);
    }
}

/// The change of an object in a plan.
fn change<'a>(plan: &'a Value, name: &str) -> &'a Value {
    let mut changes = plan["changes"].as_array().unwrap().iter();
    changes.find(|change| change["object"]["name"] == name).unwrap_or_else(|| panic!("{name}: {plan:#}"))
}

fn says(said: &Checked, words: &[&str]) {
    let missing: Vec<_> = words.iter().filter(|words| !said.all().contains(**words)).collect();
    assert!(missing.is_empty(), "{missing:?}\n{}", said.all());
}

#[test]
fn a_person_takes_objects_out_of_a_record_and_nothing_is_done_to_them() {
    for store in [&[] as &[&str], &["--state-dir", "records"]] {
        let stack = Stack::new("state-rm", store);
        stack.bench.write("all.yaml", &maps(&["kept", "left", "other"]));
        stack.with_stack(&["apply", "--yes", "all.yaml"]).exits(0);
        let before = stack.live("left");

        says(
            &stack.state(&["rm", &stack.address("lefd"), "--yes"]).exits(64),
            &[&format!("did you mean `{}`", stack.address("left"))],
        );
        says(&stack.state(&["rm", &stack.address("left")]).exits(64), &["nobody can be asked"]);
        assert_eq!(stack.listed().lines().count(), 3, "a question that nobody answered was taken for a yes");
        let said = stack.state(&["rm", &stack.address("left"), &stack.address("oth*"), "--yes"]).exits(0);
        says(&said, &["2 objects leave the record", "with their labels", "[[forget]]"]);
        assert_eq!(stack.listed().lines().count(), 1, "{}", stack.listed());
        assert_eq!(stack.live("left"), before, "something was done to it");

        // What the record does not have is deleted with nothing; described, it is the stack's again.
        stack.bench.write("kept.yaml", &maps(&["kept"]));
        stack.with_stack(&["plan", "--detailed-exitcode", "kept.yaml"]).exits(0);
        stack.bench.write("back.yaml", &maps(&["kept", "left"]));
        stack.with_stack(&["apply", "--yes", "back.yaml"]).exits(0);
        assert_eq!(stack.listed().lines().count(), 2, "{}", stack.listed());
        stack.with_stack(&["destroy", "--yes"]).exits(0);
        assert!(stack.live("left").is_none() && stack.live("other").is_some());

        // A record without objects goes as a whole.
        stack.with_stack(&["apply", "--yes", "kept.yaml"]).exits(0);
        stack.state(&["rm", "*", "--yes"]).exits(0);
        stack.state(&["list"]).exits(1);
        stack.gone();
    }
}

#[test]
fn a_record_calls_an_object_otherwise_and_the_next_plan_says_so() {
    let stack = Stack::new("state-mv", &[]);
    stack.bench.write("stack.yaml", &maps(&["a", "b"]));
    stack.with_stack(&["apply", "--yes", "stack.yaml"]).exits(0);
    let (a, b) = (stack.address("a"), stack.address("b"));
    says(&stack.state(&["mv", &a, &b, "--yes"]).exits(64), &["an object cannot be renamed", "[[moved]]"]);
    says(&stack.state(&["mv", &a, "nothing", "--yes"]).exits(64), &["is no address", "Kind/NAMESPACE/NAME"]);
    says(&stack.state(&["mv", "model.none", "model.new", "--yes"]).exits(64), &["has no `model.none`"]);
    stack.state(&["mv", &a, "secret.a", "--yes"]).exits(0);
    says(&stack.state(&["mv", &b, "secret.a", "--yes"]).exits(64), &["the record has `secret.a` already"]);
    stack.state(&["mv", "secret.a", "secret.b", "--yes"]).exits(0);

    // The description calls it by its own name.
    let plan = stack.with_stack(&["plan", "--json", "stack.yaml"]).exits(0).json();
    assert_eq!(change(&plan, "a")["moved_from"], "secret.b", "{plan:#}");
    assert_eq!((&change(&plan, "a")["action"], &change(&plan, "b")["moved_from"]), (&json!("no-op"), &Value::Null));
    says(
        &stack.with_stack(&["plan", "stack.yaml"]).exits(0),
        &["moved from secret.b", "0 to add, 0 to change, 0 to destroy"],
    );
    let before = stack.live("a");
    stack.with_stack(&["apply", "--yes", "stack.yaml"]).exits(0);
    assert_eq!(stack.live("a"), before, "what moved in the record alone was written");
    stack.with_stack(&["plan", "--detailed-exitcode", "stack.yaml"]).exits(0);
    stack.with_stack(&["destroy", "--yes"]).exits(0);
    stack.gone();
}

#[test]
fn all_stacks_of_a_target_are_listed_for_who_may_see_them() {
    for store in [&[] as &[&str], &["--state-dir", "records"]] {
        let stack = Stack::new("stacks", store);
        stack.bench.write("stack.yaml", &maps(&["a", "b"]));
        stack.with_stack(&["apply", "--yes", "stack.yaml"]).exits(0);
        let listed = stack.run(&["stacks", "--json"]).exits(0).json();
        let mut all = listed["stacks"].as_array().unwrap().iter();
        let own = all.find(|one| one["name"] == stack.bench.name.as_str()).unwrap();
        assert_eq!((&own["objects"], &own["locked"], &own["problem"]), (&json!(2), &json!(false), &Value::Null));
        assert_eq!(own["langop"], env!("CARGO_PKG_VERSION"));
        assert!(
            own["serial"].as_u64() >= Some(1) && own["written_at"].as_str().is_some_and(|time| time.ends_with('Z'))
        );
        says(&stack.run(&["stacks"]).exits(0), &["STACK", &stack.bench.name]);
        stack.with_stack(&["destroy", "--yes"]).exits(0);
        assert!(!stack.run(&["stacks"]).exits(0).out.contains(&stack.bench.name));
        stack.gone();
    }
    let stranger = Bench::offline("stacks-stranger");
    let admin = std::fs::read_to_string(control_plane::kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&admin).unwrap();
    config["users"][0]["user"]["as"] = json!("stranger");
    let config = stranger.write("stranger.kubeconfig", &config.to_string()).display().to_string();
    says(&stranger.langop(&["stacks", "--kubeconfig", &config]).exits(77), &["langop-system", "configmaps", "hint:"]);
}

/// A stack of a language cluster with two models and a secret.
struct Cluster {
    bench: Bench,
}

impl Cluster {
    fn new(test: &str) -> Self {
        Self { bench: Bench::new(test) }
    }

    /// Describes the cluster of this name with a model of that name.
    fn describe(&self, cluster: &str, model: &str, statements: &str) {
        let text = format!(
            "stack = \"NAME\"\n[clusters.{cluster}]\n[models.{model}]\nprovider = \"openai-compatible\"\n\
             modelName = \"x\"\nendpoint = \"http://llm.example.com/v1\"\napiKeySecretRef = {{ name = \"key\" }}\n\
             [secrets.key]\nfromEnv = {{ api-key = \"KEY\" }}\n{statements}"
        );
        self.bench.write("langop.toml", &text);
    }

    fn run(&self, args: &[&str]) -> Said {
        crate::bench::said(&self.bench.command(args).env("KEY", "hunter2").output().unwrap())
    }

    fn apply(&self, flags: &[&str]) -> Checked {
        self.run(&[&["apply", "--yes", "--no-wait"], flags].concat()).exits(0)
    }

    fn gateway(&self, cluster: &str) -> Value {
        self.bench.object(&["deployment", "gateway", "-n", cluster])
    }

    fn auth(&self, cluster: &str) -> Value {
        self.bench.object(&["secret", "gateway-auth", "-n", cluster])["data"].clone()
    }
}

#[test]
fn a_model_with_another_name_is_made_anew_before_the_old_one_goes_and_its_gateway_rolls_once() {
    let stack = Cluster::new("renamed-model");
    let name = stack.bench.name.clone();
    let moved = "[[moved]]\nfrom = \"model.old\"\nto = \"model.new\"\n";
    stack.describe(&name, "old", "");
    stack.apply(&[]);
    let (before, auth) = (stack.gateway(&name), stack.auth(&name));

    stack.describe(&name, "new", moved);
    let plan = stack.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(
        (&change(&plan, "new")["moved_from"], &change(&plan, "new")["succeeds"]["object"]["name"]),
        (&json!("model.old"), &json!("old")),
        "{plan:#}"
    );
    assert_eq!(
        (&change(&plan, "new")["action"], &change(&plan, "old")["action"]),
        (&json!("create"), &json!("delete"))
    );
    let order: Vec<_> =
        plan["changes"].as_array().unwrap().iter().map(|one| one["object"]["name"].as_str().unwrap()).collect();
    assert!(order.iter().position(|one| *one == "new") < order.iter().position(|one| *one == "old"), "{order:?}");
    says(&stack.run(&["plan"]).exits(0), &["+/- LanguageModel/old → new in", "moved from model.old; the old one goes"]);
    stack.apply(&[]);
    let after = stack.gateway(&name);
    let generation = |deployment: &Value| deployment["metadata"]["generation"].as_i64().unwrap();
    assert_eq!(generation(&after), generation(&before) + 1, "it rolled more than once, or not at all");
    let environment = |deployment: &Value| deployment["spec"]["template"]["spec"]["containers"][0]["env"].clone();
    assert_eq!((environment(&after), stack.auth(&name)), (environment(&before), auth));

    // A move that is done is silent, and does no harm when it stays.
    let done = stack.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(!done.all().contains("moved from") && !done.all().contains("model.old"), "{}", done.all());
    stack.run(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_cluster_with_another_name_loses_its_keys_only_when_that_is_asked_for() {
    let stack = Cluster::new("renamed");
    let (a, b) = (format!("{}-a", stack.bench.name), format!("{}-b", stack.bench.name));
    let moved = format!("[[moved]]\nfrom = \"cluster.{a}\"\nto = \"cluster.{b}\"\n");
    stack.describe(&a, "m", "");
    stack.apply(&[]);
    let (keys, uid) = (stack.auth(&a), stack.gateway(&a)["metadata"]["uid"].clone());

    stack.describe(&b, "m", &moved);
    let refused = stack.run(&["apply", "--yes"]).exits(1);
    let hint = format!("hint: `--replace=cluster.{b}`");
    says(&refused, &["error[move-loses]", "langop.toml:", &format!("the keys of the gateway of cluster `{a}`"), &hint]);
    assert_eq!((stack.auth(&a), &stack.gateway(&a)["metadata"]["uid"]), (keys.clone(), &uid), "something was done");

    // A saved plan has the leave, and the move, in it.
    let replace = format!("--replace=cluster.{b}");
    let plan = stack.run(&["plan", "--out", "plan.json", &replace]).exits(0);
    says(&plan, &[&format!("moved from cluster.{a}"), "with the old one goes: the keys"]);
    assert!(!plan.all().contains("hunter2"), "{}", plan.all());
    stack.run(&["apply", "plan.json", "--no-wait"]).exits(0);
    assert_ne!(stack.auth(&b), keys);
    assert_eq!(stack.bench.try_kubectl(&["get", "namespace", &a]).code, Some(1), "the old cluster is still there");
    stack.run(&["plan"]).exits(0);
    stack.run(&["destroy", "--yes"]).exits(0);
}

#[test]
fn what_is_forgotten_stays_without_a_trace_of_langop() {
    let stack = Stack::new("forget", &[]);
    let describe = |names: &[&str], statements: &str| {
        stack.bench.write("stack.yaml", &maps(names));
        stack.bench.write("langop.toml", &format!("stack = \"NAME\"\n{statements}"));
        |args: &[&str]| stack.run(&[args, &["langop.toml", "stack.yaml"]].concat())
    };
    describe(&["kept", "left"], "")(&["apply", "--yes"]).exits(0);
    let forget = format!("[[forget]]\naddress = \"{}\"\n", stack.address("left"));
    says(&describe(&["kept", "left"], &forget)(&["plan"]).exits(65), &["error[forget-described]", "langop.toml:3:"]);

    let run = describe(&["kept"], &forget);
    let plan = run(&["plan", "--json"]).exits(0).json();
    assert_eq!(
        (&change(&plan, "left")["action"], &change(&plan, "left")["reason"]["code"]),
        (&json!("forget"), &json!("forgotten"))
    );
    run(&["plan", "--out", &stack.bench.path("plan.json")]).exits(0);
    stack.run(&["apply", "plan.json"]).exits(0);
    let left = stack.live("left").unwrap();
    assert_eq!((&left["data"]["key"], &left["metadata"]["labels"]), (&json!("value"), &Value::Null), "{left:#}");
    assert!(!left.to_string().contains("langop"), "{left:#}");
    assert_eq!(stack.listed().lines().count(), 1);
    // What is forgotten already is silent, and destroy leaves it.
    let again = describe(&["kept"], &forget)(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(!again.all().contains("left"), "{}", again.all());

    // It is adopted again by what the description says, with the fields of a manager that is named.
    let theirs = maps(&["left"]).replace("{key: value}", "{key: other, extra: more}");
    stack.bench.write("theirs.yaml", &theirs);
    let apply = ["apply", "--server-side", "--field-manager=theirs", "--force-conflicts", "-f", "theirs.yaml"];
    stack.bench.kubectl(&apply);
    let adopt = |managers: &str| format!("[[adopt]]\naddress = \"{}\"\n{managers}", stack.address("left"));
    says(&describe(&["kept", "left"], "")(&["plan"]).exits(1), &["error[exists]"]);
    says(&describe(&["kept", "left"], &adopt(""))(&["plan"]).exits(1), &["error[conflict]", "theirs"]);
    let named = adopt("managers = [\"theirs\"]\n");
    let run = describe(&["kept", "left"], &named);
    says(&run(&["plan"]).exits(0), &["adopted", "- data.extra"]);
    run(&["apply", "--yes"]).exits(0);
    assert_eq!(stack.live("left").unwrap()["data"], json!({"key": "value"}));
    describe(&["kept", "left"], &named)(&["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    let nothing = describe(&["kept"], &format!("[[adopt]]\naddress = \"ConfigMap/NAME/none\"\n{forget}"));
    says(&nothing(&["plan"]).exits(0), &["warning[adopt-nothing]", "forget"]);
    nothing(&["destroy", "--yes"]).exits(0);
    assert!(stack.live("left").is_some() && stack.live("kept").is_none());
    stack.gone();
}

#[test]
fn labels_that_someone_copied_and_owners_of_others_keep_an_object_from_being_pruned() {
    let stack = Stack::new("copied", &[]);
    stack.bench.write("stack.yaml", &maps(&["ours", "kept"]));
    stack.with_stack(&["apply", "--yes", "stack.yaml"]).exits(0);
    // As controllers do that copy the labels of what they work on.
    let copy = maps(&["copy"]).replace(
        "namespace: NAME",
        "namespace: NAME, labels: {app.kubernetes.io/managed-by: langop, langop.io/stack: NAME}",
    );
    stack.bench.write("copy.yaml", &copy);
    stack.bench.kubectl(&["create", "-f", "copy.yaml"]);
    // As controllers do that take over what they find.
    let uid = stack.live("copy").unwrap()["metadata"]["uid"].clone();
    let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "copy", "uid": uid, "controller": true});
    let patch = json!({"metadata": {"ownerReferences": [owner]}}).to_string();
    stack.bench.kubectl(&["patch", "configmap", "kept", "-n", &stack.bench.name, "-p", &patch]);

    stack.with_stack(&["plan", "--detailed-exitcode", "stack.yaml"]).exits(0);
    stack.bench.langop(&["state", "rebuild", "--replace", &stack.bench.name]).exits(0);
    assert!(!stack.listed().contains("copy"), "{}", stack.listed());
    stack.bench.write("more.yaml", &maps(&["ours", "kept", "copy"]));
    says(&stack.with_stack(&["plan", "more.yaml"]).exits(1), &["error[exists]"]);
    says(&stack.with_stack(&["destroy", "--yes"]).exits(0), &["ConfigMap/copy keeps it"]);
    assert!(stack.live("copy").is_some() && stack.live("kept").is_some() && stack.live("ours").is_none());
    stack.gone();
}
