//! The smaller commands, as a user meets them.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bench::{Bench, eventually};

const CLUSTER: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3 }

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

/// The output without the name of the test, which differs from run to run.
macro_rules! snapshot {
    ($name:literal, $bench:expr, $text:expr) => {
        insta::assert_snapshot!($name, $text.replace(&$bench.name, "NAME"))
    };
}

fn deployment(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: NAME}}\n---\napiVersion: apps/v1\nkind: Deployment\n\
         metadata: {{name: web, namespace: NAME}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: '{image}'}}]}}\n"
    )
}

#[test]
fn validate_says_what_is_there_and_every_mistake_with_its_place() {
    let bench = Bench::new("validate");
    bench.write("langop.toml", CLUSTER);
    let said = bench.langop(&["validate"]).exits(0);
    assert_eq!(said.out, format!("stack `{}` is valid: 1 cluster, 1 model\n", bench.name));
    bench.write("langop.toml", &CLUSTER.replace("modelName", "modelname").replace("maxModels = 3", "maxModels = -3"));
    let said = bench.langop(&["validate"]).exits(65);
    assert!(said.err.contains("modelName") && said.err.contains("maxModels"), "{}", said.err);
    assert!(said.err.contains("langop.toml:9:1"), "{}", said.err);
}

#[test]
fn validate_prints_every_finding_as_one_document_for_programs() {
    let bench = Bench::offline("validate-json");
    bench.write("langop.toml", CLUSTER);
    let said = bench.langop(&["validate", "--json"]).exits(0);
    let expected = json!({"format_version": "1.0", "valid": true, "stack": bench.name, "findings": []});
    assert_eq!((said.json(), said.err.as_str()), (expected, ""));
    let deprecated = CLUSTER.replace("openai-compatible", "custom");
    bench.write("langop.toml", &deprecated);
    let said = bench.langop(&["validate", "--json"]).exits(0);
    snapshot!("validate_json_warning", bench, said.out);
    // Errors and warnings together, each with its place; nothing of it is on stderr too.
    bench
        .write("langop.toml", &deprecated.replace("modelName", "modelname").replace("maxModels = 3", "maxModels = -3"));
    let said = bench.langop(&["validate", "--json"]).exits(65);
    assert_eq!(said.err, "");
    snapshot!("validate_json_errors", bench, said.out);
    std::fs::remove_file(bench.dir.path().join("langop.toml")).unwrap();
    let said = bench.langop(&["validate", "--json"]).exits(65);
    assert_eq!((said.json()["valid"].as_bool(), said.json()["findings"][0]["line"].as_u64()), (Some(false), None));
}

#[test]
fn what_is_not_permitted_is_said_once() {
    let bench = Bench::new("denied");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["create", "serviceaccount", "nobody", "-n", &bench.name]);
    let token = bench.kubectl(&["create", "token", "nobody", "-n", &bench.name]);
    let mut config: serde_json::Value =
        serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    bench.write("nobody.json", &config.to_string());
    let said = bench.langop(&["state", "list", "x", "--kubeconfig", "nobody.json"]).exits(77);
    snapshot!("state_list_denied", bench, said.err);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}

#[test]
fn without_a_description_nothing_is_asked_of_a_server() {
    let bench = Bench::new("empty");
    for command in ["plan", "validate", "destroy"] {
        let said = bench.langop(&[command]).exits(65);
        assert!(said.err.contains("no `langop.toml`"), "{}", said.err);
    }
    std::fs::create_dir(bench.dir.path().join("none")).unwrap();
    let said = bench.langop(&["apply", "--yes", "none"]).exits(65);
    assert!(said.err.contains("in `none`"), "{}", said.err);
}

#[test]
fn render_and_crds_print_what_a_server_accepts() {
    let bench = Bench::new("render");
    bench.write("langop.toml", CLUSTER);
    let rendered = bench.langop(&["render"]).exits(0).out;
    assert!(rendered.contains("kind: \"ConfigMap\"") || rendered.contains("kind: ConfigMap"), "{rendered}");
    assert!(!rendered.contains("stringData"), "{rendered}");
    let namespace = format!("Namespace/{}", bench.name);
    let part = bench.langop(&["render", "--only", "model.*", "--only", &namespace]).exits(0).out;
    assert!(
        part.contains("LanguageModel") && part.contains("kind: Namespace") && !part.contains("Deployment"),
        "{part}"
    );
    let said = bench.langop(&["render", "--only", "model.lama"]).exits(64);
    assert!(
        said.err.contains("nothing that is called `model.lama`") && said.err.contains("`model.llama`?"),
        "{said:?}"
    );
    let crds = bench.langop(&["crds"]).exits(0).out;
    bench.write("crds.yaml", &crds);
    bench.kubectl(&["apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", &bench.path("crds.yaml")]);
}

#[test]
fn schema_is_json_schema_with_descriptions() {
    let bench = Bench::new("schema");
    let schema = bench.langop(&["schema"]).exits(0).json();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert!(schema.to_string().contains("\"description\""));
}

#[test]
fn graph_shows_what_waits_for_what_and_why() {
    let bench = Bench::offline("graph");
    bench.write("langop.toml", CLUSTER);
    // The name changes with every line of the gateway's module.
    let version = regex::Regex::new("gateway-config-[0-9a-f]{10}").unwrap();
    let without_digest = |text: &str| version.replace_all(text, "gateway-config-DIGEST").into_owned();
    let graph = bench.langop(&["graph"]).exits(0).out;
    snapshot!("graph", bench, without_digest(&graph));
    snapshot!("graph_dot", bench, without_digest(&bench.langop(&["graph", "--dot"]).exits(0).out));
    let version = version.find(&graph).unwrap().as_str();
    let (deployment, config) =
        (format!("Deployment/{}/gateway", bench.name), format!("ConfigMap/{}/{version}", bench.name));
    let why = bench.langop(&["graph", "--why", &deployment, &config]).exits(0).out;
    snapshot!("graph_why", bench, without_digest(&why));
    let said = bench.langop(&["graph", "--why", "Deployment/no/where", &config]).exits(64);
    snapshot!("graph_why_unknown", bench, said.err);
}

/// A table whose columns are as wide as in any other run: names of tests differ in length.
fn columns(table: &str) -> String {
    regex::Regex::new(" {2,}").unwrap().replace_all(table, "  ").into_owned()
}

#[test]
fn status_shows_phase_endpoint_models_and_capacity() {
    let bench = Bench::new("status");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    snapshot!("status", bench, columns(&bench.langop(&["status", "--stack", &bench.name]).exits(0).out));
    bench.kubectl(&["delete", "deployment", "gateway", "-n", &bench.name]);
    snapshot!("status_failed", bench, columns(&bench.langop(&["status", "--stack", &bench.name]).exits(6).out));
    bench.langop(&["destroy", "--yes"]).exits(0);
    let absent = bench.langop(&["status", "langop.toml"]).exits(6);
    assert!(absent.out.contains("Absent") && absent.out.contains("described and not there"), "{}", absent.out);
}

#[test]
fn a_lost_record_is_made_anew_from_what_is_on_the_server() {
    let bench = Bench::new("lost");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    let before = bench.langop(&["state", "list", &bench.name]).exits(0).out;
    bench.kubectl(&["delete", "configmap", &format!("stack-{}", bench.name), "-n", "langop-system"]);
    snapshot!("state_list_lost", bench, bench.langop(&["state", "list", &bench.name]).exits(1).err);
    bench.langop(&["state", "rebuild", &bench.name]).exits(0);
    let after = bench.langop(&["state", "list", &bench.name]).exits(0).out;
    let own = |text: &str| {
        text.lines().filter(|line| !line.starts_with("CustomResource")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(own(&after), own(&before));
    snapshot!("state_rebuild_exists", bench, bench.langop(&["state", "rebuild", &bench.name]).exits(1).err);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn the_record_can_be_kept_in_a_directory() {
    let bench = Bench::new("local");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes", "--state-dir", "state"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode", "--state-dir", "state"]).exits(0);
    let record = std::fs::read_to_string(bench.dir.path().join(format!("state/{}.json", bench.name))).unwrap();
    assert!(record.contains("LanguageCluster"), "{record}");
    let cluster = bench.kubectl(&["get", "configmap", "-n", "langop-system", "-o", "name", "--ignore-not-found"]);
    assert!(!cluster.contains(&bench.name), "{cluster}");
    bench.langop(&["destroy", "--yes", "--state-dir", "state"]).exits(0);
    assert!(!bench.dir.path().join(format!("state/{}.json", bench.name)).exists());
}

#[test]
fn a_pod_that_crashes_ends_the_wait_with_its_cause_and_the_next_run_goes_on() {
    let bench = Bench::new("crash");
    bench.write("stack.yaml", &deployment("dev.langop.io/crash-loop:1"));
    let begun = Instant::now();
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(6);
    assert!(said.out.contains("CrashLoopBackOff") && said.out.contains("Pod/web-"), "{}", said.out);
    assert!(begun.elapsed() < Duration::from_mins(3), "it waited for what could not come");
    // In sync, but not healthy: nothing is made again.
    let uid = bench.object(&["deployment", "web", "-n", &bench.name])["metadata"]["uid"].clone();
    bench.write("stack.yaml", &deployment("web:1"));
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert_eq!(bench.object(&["deployment", "web", "-n", &bench.name])["metadata"]["uid"], uid);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_timeout_names_what_is_missing() {
    let bench = Bench::new("slow");
    bench.write("stack.yaml", &deployment("dev.langop.io/does-not-exist:1"));
    let said = bench.langop(&["apply", "--yes", "--timeout=3s", "--stack", &bench.name, "stack.yaml"]).exits(6);
    assert!(said.out.contains("not ready after"), "{}", said.out);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_deletion_that_hangs_names_the_finalizer() {
    let bench = Bench::new("stuck");
    bench.write("stack.yaml", &deployment("web:1"));
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let patch = r#"{"metadata":{"finalizers":["example.com/guard"]}}"#;
    bench.kubectl(&["patch", "deployment", "web", "-n", &bench.name, "--type=merge", "-p", patch]);
    let child = bench.command(&["destroy", "--yes", "--timeout=2s", "--stack", &bench.name]).output().unwrap();
    let said = crate::bench::said(&child);
    assert_ne!(said.code, Some(0));
    // In the summary, which is what is read last, and while it waits.
    assert!(said.err.contains("waits for the finalizers `example.com/guard`"), "{said:?}");
    assert!(said.out.contains("waits for the finalizer `example.com/guard` (set by `kubectl-patch`)"), "{said:?}");
    bench.kubectl(&[
        "patch",
        "deployment",
        "web",
        "-n",
        &bench.name,
        "--type=merge",
        "-p",
        r#"{"metadata":{"finalizers":null}}"#,
    ]);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_plan_says_who_is_applying() {
    let bench = Bench::new("busy");
    bench.write("stack.yaml", &deployment("dev.langop.io/does-not-exist:1"));
    let args = ["apply", "--yes", "--timeout=20s", "--stack", &bench.name, "stack.yaml"];
    let mut child =
        bench.command(&args).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    eventually("the lock is taken", Duration::from_mins(1), || {
        let said = bench.langop(&["plan", "--stack", &bench.name, "stack.yaml"]);
        said.err.contains("this stack is being changed right now by")
    });
    let locked = bench.langop(&["apply", "--yes", "--lock-timeout=1s", "--stack", &bench.name, "stack.yaml"]).exits(5);
    assert!(locked.err.contains("is locked by"), "{}", locked.err);
    assert!(locked.err.contains("waiting for the lock, which is held by "), "{}", locked.err);
    child.wait().unwrap();
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn destroy_takes_the_crds_only_when_asked_and_when_no_other_stack_uses_them() {
    let own = crate::control_plane::OwnHome::new();
    let files = tempfile::tempdir().unwrap();
    for name in ["first", "second"] {
        std::fs::write(files.path().join(format!("{name}.toml")), CLUSTER.replace("NAME", name)).unwrap();
    }
    let run = |args: &[&str]| crate::bench::said(&own.langop(args).current_dir(files.path()).output().unwrap());
    let crds = || run(&["dev", "kubectl", "--", "get", "crd", "-o", "name"]).out;
    let roles = || run(&["dev", "kubectl", "--", "get", "clusterrole", "-o", "name"]).out;
    let first = run(&["apply", "--dev", "--yes", "first.toml"]).exits(0);
    assert!(first.out.contains("ClusterRoles `langop-view` and `langop-edit`"), "{}", first.out);
    let reads =
        ["dev", "kubectl", "--", "auth", "can-i", "list", "languagemodels.langop.io", "--as=x", "--as-group=viewers"];
    run(&["dev", "kubectl", "--", "create", "clusterrolebinding", "v", "--clusterrole=view", "--group=viewers"])
        .exits(0);
    eventually("`view` has the kinds", Duration::from_secs(20), || run(&reads).out.trim() == "yes");
    let second = run(&["apply", "--dev", "--yes", "second.toml"]).exits(0);
    assert!(!second.out.contains("langop-view"), "{}", second.out);
    run(&["destroy", "--dev", "--yes", "--crds", "first.toml"]).exits(0);
    assert!(roles().contains("/langop-view") && roles().contains("/langop-edit"), "{}", roles());
    assert!(crds().contains("languageclusters.langop.io"), "{}", crds());
    run(&["plan", "--dev", "--detailed-exitcode", "second.toml"]).exits(0);
    run(&["destroy", "--dev", "--yes", "--crds", "second.toml"]).exits(0);
    assert!(!crds().contains("langop.io"), "{}", crds());
    assert!(!roles().contains("/langop-"), "{}", roles());
}

#[test]
fn a_description_comes_through_any_pipe_a_shell_makes() {
    let bench = Bench::offline("pipes");
    bench.write("stack.toml", CLUSTER);
    bench.write("key.txt", "a-key\n");
    std::fs::write(bench.dir.path().join("secret.toml"), "[secrets.key]\nfromFile = { a = \"key.txt\" }\n").unwrap();
    bench.write("object.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n");
    let langop = env!("CARGO_BIN_EXE_langop");
    for script in [
        format!("{langop} validate <(cat stack.toml) <(cat object.yaml) <(cat secret.toml)"),
        format!("cat object.yaml | {langop} validate stack.toml secret.toml /dev/stdin"),
        format!("{langop} validate stack.toml secret.toml /dev/stdin < object.yaml"),
        format!("mkfifo pipe; cat object.yaml > pipe & {langop} validate stack.toml secret.toml pipe"),
    ] {
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).current_dir(bench.dir.path()).env("KUBECONFIG", "/dev/null");
        let said = crate::bench::said(&command.output().unwrap()).exits(0);
        assert!(said.out.ends_with("1 cluster, 1 model, 1 secret, 1 manifest\n"), "{script}: {}", said.out);
        if script.contains("<(cat secret") {
            // What a pipe says of files is meant where langop runs.
            let script = script.replace("validate", "render");
            let mut command = std::process::Command::new("bash");
            command.args(["-c", &script]).current_dir(bench.dir.path()).env("KUBECONFIG", "/dev/null");
            crate::bench::said(&command.output().unwrap()).exits(0);
        }
    }
}

#[test]
fn a_plan_that_deletes_what_an_unread_file_describes_says_so_and_a_stack_that_is_not_there_is_no_success() {
    let bench = Bench::new("unread");
    let name = bench.name.as_str();
    bench.write("langop.toml", "stack = \"NAME\"\n[clusters.NAME]\n");
    bench.write("extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: NAME}\n");
    bench.langop(&["apply", "--yes", "langop.toml", "extra.yaml"]).exits(0);
    for form in [&["plan"][..], &["plan", "."]] {
        let planned = bench.langop(form).exits(0);
        assert!(planned.err.contains("[unread-file]"), "{}", planned.err);
        assert!(
            planned.out.contains("[unread-file]") && planned.out.contains("deletes ConfigMap/extra"),
            "{}",
            planned.out
        );
    }
    bench.langop(&["plan", "--detailed-exitcode", "-R", "."]).exits(0);

    // The command that shows a destruction needs no files either.
    std::fs::remove_file(bench.dir.path().join("langop.toml")).unwrap();
    std::fs::remove_file(bench.dir.path().join("extra.yaml")).unwrap();
    let shown = bench.langop(&["plan", "--destroy", "--stack", name]).exits(0);
    assert!(shown.out.contains("2 to destroy") || shown.out.contains("to destroy"), "{}", shown.out);
    for command in [&["plan", "--destroy"][..], &["destroy", "--yes"]] {
        let told = bench.langop(&[command, &["--stack", "nosuch"]].concat()).exits(0);
        assert!(told.out.starts_with("there is no stack `nosuch`, so nothing to destroy"), "{}", told.out);
        assert!(told.out.contains(&format!("`{name}`")), "the stacks that there are: {}", told.out);
    }
    let json = bench.langop(&["plan", "--destroy", "--json", "--stack", "nosuch"]).exits(0);
    assert!(json.json()["changes"].as_array().unwrap().is_empty() && json.err.contains("no stack `nosuch`"));
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
}
