//! The right cluster and the right stack: what a plan says of where it is, a record that belongs to another cluster, and
//! the environments of a description.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::control_plane;

const ONE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n";

/// A record as it would be, had another cluster made it.
fn moved(bench: &Bench, file: &str) {
    let path = bench.dir.path().join(file);
    let mut record: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    record["cluster"] = json!({"id": "00000000-0000-0000-0000-000000000000", "server": "https://elsewhere:6443"});
    std::fs::write(path, record.to_string()).unwrap();
}

#[test]
fn a_record_of_another_cluster_is_refused_until_it_is_made_anew() {
    let bench = Bench::at("other-cluster", control_plane::kubeconfig());
    let uid = bench.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    bench.write("one.yaml", ONE);
    let run = |args: &[&str]| bench.langop(&[args, &["--state-dir", "state"]].concat());
    let stack = ["--stack", bench.name.as_str(), "one.yaml"];
    let planned = run(&[&["plan", "--json"][..], &stack].concat()).exits(0);
    assert!(planned.err.contains(" as `") && planned.err.contains("(context `"), "{}", planned.err);
    let target = &planned.json()["target"];
    assert_eq!(target["cluster_id"], json!(uid));
    for known in ["server", "context", "identity"] {
        assert!(target[known].as_str().is_some_and(|text| !text.is_empty()), "{known}: {target}");
    }
    run(&[&["apply", "--yes"][..], &stack].concat()).exits(0);
    let file = format!("state/{}.json", bench.name);
    let record = || -> Value { serde_json::from_str(&std::fs::read_to_string(bench.path(&file)).unwrap()).unwrap() };
    assert_eq!(record()["cluster"]["id"], json!(uid));

    moved(&bench, &file);
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"], &["plan", "--destroy"]] {
        let refused = run(&[command, &stack].concat()).exits(64);
        let both = [&uid, "00000000-0000-0000-0000-000000000000", "https://elsewhere:6443", "state rebuild"];
        assert!(both.iter().all(|words| refused.err.contains(*words)), "{}", refused.err);
    }
    run(&["state", "rebuild", &bench.name]).exits(64);
    run(&["state", "rebuild", &bench.name, "--replace"]).exits(0);
    assert_eq!(record()["cluster"]["id"], json!(uid));
    run(&[&["plan", "--detailed-exitcode"][..], &stack].concat()).exits(0);

    // One of an older langop does not say where it was made; the next apply, which changes nothing, writes it down.
    let mut older = record();
    older.as_object_mut().unwrap().remove("cluster");
    older["format"] = json!(2);
    std::fs::write(bench.path(&file), older.to_string()).unwrap();
    run(&[&["apply", "--yes"][..], &stack].concat()).exits(0);
    assert_eq!(record()["cluster"]["id"], json!(uid));
    run(&[&["destroy", "--yes"][..], &stack].concat()).exits(0);
}

/// Two contexts of one control plane, and one behind which nothing is.
const ENVIRONMENTS: &str = r#"
stack = "NAME"

[clusters.NAME]
domain = "${var.tier}.example.com"

[variables.tier]

[environments.blue]
variables = { tier = "blue" }
target = { context = "blue" }

[environments.green]
files = ["green.toml"]
variables = { tier = "green" }
target = { context = "green" }
stack = "NAME-green"

[environments.lost]
variables = { tier = "lost" }
target = { context = "lost" }
"#;

const GREEN: &str = "[clusters.NAME]\ncapacity = { maxModels = 3 }\n";

/// A kubeconfig whose current context is none of those that the environments name.
fn contexts(bench: &Bench) {
    let mut config: Value = serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    let real = config["contexts"][0]["context"].clone();
    config["clusters"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}));
    let lost = json!({"cluster": "nowhere", "user": real["user"]});
    config["contexts"] = json!([
        {"name": "blue", "context": real}, {"name": "green", "context": real}, {"name": "lost", "context": lost},
    ]);
    config["current-context"] = json!("lost");
    bench.write("contexts.json", &config.to_string());
}

#[test]
fn an_environment_chooses_its_files_variables_stack_and_context() {
    let bench = Bench::at("environment", control_plane::kubeconfig());
    contexts(&bench);
    bench.write("langop.toml", ENVIRONMENTS);
    bench.write("green.toml", GREEN);
    let with = |args: &[&str]| bench.langop(&[args, &["--kubeconfig", "contexts.json"]].concat());

    // Without a server.
    let which = bench.langop(&["validate"]).exits(65);
    assert!(which.err.contains("which environment? the description has `blue`, `green`, `lost`"), "{}", which.err);
    let misspelt = bench.langop(&["render", "--env", "gren"]).exits(65);
    assert!(misspelt.err.contains("did you mean `green`?"), "{}", misspelt.err);
    let rendered = |env: &str| bench.langop(&["render", "--env", env]).exits(0).out;
    let (blue, green) = (rendered("blue"), rendered("green"));
    assert!(!blue.contains("ResourceQuota") && green.contains("ResourceQuota"), "{green}");
    assert!(green.contains(&format!("langop.io/stack: {}-green", bench.name)), "{green}");
    let others = ["apply", "destroy", "render", "status", "check", "graph", "rbac", "explain agent a"];
    for command in others {
        let words: Vec<_> = command.split(' ').chain(["--env", "*"]).collect();
        let several = bench.langop(&words).exits(64);
        assert!(several.err.contains("`langop plan` and `langop validate` take several"), "{}", several.err);
    }
    let each = bench.langop(&["validate", "--env", "*"]).exits(0).out;
    for name in ["blue", "green", "lost"] {
        assert!(each.contains(&format!("Environment `{name}`\nstack `{}", bench.name)), "{each}");
    }
    bench.write("green.toml", &format!("{GREEN}oops = 1\n"));
    let invalid = bench.langop(&["validate", "--env", "gr*", "--env", "blue"]).exits(65);
    assert!(invalid.out.contains("Environment `blue`\nstack") && invalid.err.contains("oops"), "{invalid:?}");
    let document = bench.langop(&["validate", "--env", "*", "--json"]).exits(65).json();
    let valid = |name: &str| document["environments"][name]["valid"].clone();
    assert_eq!([valid("blue"), valid("green"), valid("lost")], [true, false, true].map(Value::from), "{document:#}");
    assert_eq!(document["exit_code"], 65);
    bench.write("green.toml", GREEN);

    // The context is that of the environment, unless the command says another one: then that is refused.
    let planned = with(&["plan", "--env", "green"]).exits(0);
    let header = format!("environment `green`: stack `{}-green` on https://127.0.0.1:", bench.name);
    assert!(planned.err.contains(&header) && planned.err.contains("(context `green`)"), "{}", planned.err);
    let other = with(&["plan", "--env", "green", "--context", "blue"]).exits(64);
    assert!(other.err.contains("its `target.context` is `green`, and here it is `blue`"), "{}", other.err);

    // All of them: one that cannot be reached keeps nobody from being planned, and is what the command ends with.
    let all = with(&["plan", "--env", "*", "--detailed-exitcode"]).exits(69);
    let at = |words: &str| all.out.find(words).unwrap_or_else(|| panic!("no `{words}` in {}", all.out));
    assert!(at("Environment `blue`") < at("Environment `green`"), "{}", all.out);
    assert!(at("Environment `green`") < at("Environment `lost`") && at("Environment `lost`") < at("ENVIRONMENT"));
    let rows: Vec<_> = all.out.lines().skip_while(|line| !line.starts_with("ENVIRONMENT")).skip(1).collect();
    assert!(rows.len() == 3 && rows[0].starts_with("blue") && rows[0].contains(" 2 "), "{rows:?}");
    assert!(rows[1].contains("to add") && rows[2].contains("69    the server cannot be reached"), "{rows:?}");
    let two = with(&["plan", "--env", "gre*", "--env", "blue", "--detailed-exitcode", "--json"]).exits(2).json();
    let names: Vec<_> = two["environments"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((names, &two["exit_code"]), (vec!["blue", "green"], &json!(2)));
    assert_eq!(two["environments"]["green"]["plan"]["target"]["context"], "green");
    let lost = with(&["plan", "--env", "*", "--json"]).exits(69).json();
    assert_eq!(lost["environments"]["lost"]["error"]["code"], "unreachable", "{:#}", lost["environments"]["lost"]);
    assert!(lost["environments"]["blue"]["plan"]["changes"].is_array());
    for flags in [["--out", "x.json"], ["--report", "markdown=x.md"], ["--report", "markdown=-"]] {
        let shared = with(&[&["plan", "--env", "*"][..], &flags].concat()).exits(64);
        assert!(shared.err.contains("write `{env}` in the name of the file"), "{}", shared.err);
    }
    // A file for each, also for the one that cannot be reached; for one alone likewise.
    let each = ["--report", "markdown=page-{env}.md", "--out", "plan-{env}.json"];
    with(&[&["plan", "--env", "*"][..], &each].concat()).exits(69);
    let file = |name: &str| std::fs::read_to_string(bench.path(name));
    let page = |name: &str| file(&format!("page-{name}.md")).unwrap();
    assert!(page("blue").contains("Namespace") && page("lost").contains("cannot be reached"), "{}", page("lost"));
    assert!(file("plan-green.json").is_ok() && file("plan-lost.json").is_err());
    bench.langop(&["show", "plan-green.json"]).exits(0);
    with(&["plan", "--env", "blue", "--report", "json=one-{env}.json"]).exits(0);
    assert!(file("one-blue.json").unwrap().contains("format_version"));
    bench.langop(&["validate", "--env", "*", "--report", "junit={env}.xml"]).exits(0);
    assert!(file("lost.xml").unwrap().contains("<testsuite"));
    let none = with(&["plan", "--env", "x*"]).exits(65);
    assert!(none.err.contains("no environment `x*`") && none.err.contains("it has `blue`, `green`"), "{}", none.err);
}

/// The record in the cluster, as a backup of another cluster would have brought it here.
fn restored(bench: &Bench) {
    let map = format!("stack-{}", bench.name);
    let mut object = bench.object(&["configmap", &map, "-n", "langop-system"]);
    let packed = object["binaryData"]["record.json.gz"].as_str().unwrap();
    let packed = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    let mut record: Value = serde_json::from_reader(flate2::read::GzDecoder::new(packed.as_slice())).unwrap();
    record["cluster"] = json!({"id": "00000000-0000-0000-0000-000000000000", "server": "https://elsewhere:6443"});
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    serde_json::to_writer(&mut encoder, &record).unwrap();
    let packed = base64::engine::general_purpose::STANDARD.encode(encoder.finish().unwrap());
    object["binaryData"]["record.json.gz"] = json!(packed);
    let file = bench.write("record.json", &object.to_string()).display().to_string();
    bench.kubectl(&["replace", "-f", &file]);
}

#[test]
fn a_record_that_a_backup_brought_from_another_cluster_is_refused_too() {
    let bench = Bench::at("restored", control_plane::kubeconfig());
    bench.write("one.yaml", ONE);
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "one.yaml"]].concat());
    run(&["apply", "--yes"]).exits(0);
    restored(&bench);
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
        let refused = run(command).exits(64);
        assert!(refused.err.contains("was made on the cluster `00000000-"), "{}", refused.err);
    }
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(0), "nothing was deleted");
    bench.langop(&["state", "rebuild", &bench.name, "--replace"]).exits(0);
    run(&["plan", "--detailed-exitcode"]).exits(0);
    run(&["destroy", "--yes"]).exits(0);
}
