//! The first hour: starting a description, bringing it into form, asking what a field means, and what a shell completes.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::bench::{Bench, repository, said};
use crate::terminal;

const STACK: &str = r#"
stack = "NAME"

[variables]
size = { default = 1 }

[clusters.inner]
[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:11434"

[agents.scout]
image = "scout:1"
group = "readers"
deployment.replicas = "${var.size}"
"#;

const OPENAI: [&str; 7] = ["init", "--provider", "openai", "--model", "gpt-4o", "--name", "first"];

/// What a shell is offered behind these words.
fn offered(bench: &Bench, words: &[&str]) -> Vec<String> {
    let line = [&["--", "langop"], words].concat();
    let index = words.len().to_string();
    let mut command = bench.command(&line);
    command.env("LANGOP_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
    let told = said(&command.output().unwrap());
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{words:?}");
    told.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_is_offered_the_names_in_the_description_at_hand_and_never_an_error() {
    let bench = Bench::offline("complete");
    assert!(offered(&bench, &["pl"]).contains(&"plan".to_owned()));
    assert!(offered(&bench, &["plan", "--det"]).contains(&"--detailed-exitcode".to_owned()));
    // Nothing is described here yet.
    assert_eq!(offered(&bench, &["explain", "agent", "s"]), [""; 0]);
    bench.write("langop.toml", STACK);
    assert_eq!(offered(&bench, &["explain", "agent", "s"]), ["scout"]);
    assert_eq!(offered(&bench, &["check", "--cluster", ""]), ["inner"]);
    assert_eq!(offered(&bench, &["rotate", "gateway-auth", "in"]), ["inner"]);
    assert_eq!(offered(&bench, &["plan", "--var", ""]), ["size="]);
    assert_eq!(offered(&bench, &["plan", "--target", "model."]), ["model.llama"]);
    assert_eq!(offered(&bench, &["plan", "--adopt=Deployment/inner/g"]), ["--adopt=Deployment/inner/gateway"]);
    assert_eq!(
        offered(&bench, &["graph", "--why", "Deployment/inner/gateway", "Deployment/inner/s"]),
        ["Deployment/inner/scout"]
    );
    assert_eq!(offered(&bench, &["explain", "reach", "group."]), ["group.readers"]);
    assert_eq!(offered(&bench, &["explain", "outage", "model="]), ["model=llama"]);
    assert_eq!(offered(&bench, &["explain", "field", "models.rate"]), ["models.rateLimits"]);
    // Named files are the description, wherever they stand in the line, and mistakes in them are somebody else's business.
    std::fs::write(bench.dir.path().join("other.toml"), "[agents.other]\nwrong = \n[agents.another]\n").unwrap();
    std::fs::write(bench.dir.path().join("right.toml"), STACK.replace("scout", "ranger")).unwrap();
    assert_eq!(offered(&bench, &["dev", "agent", "-f", "right.toml", "r"]), ["ranger"]);
    offered(&bench, &["explain", "agent", "", "other.toml"]);
    // A pipe waits for who writes into it, and would be empty for the command.
    let fifo = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    offered(&bench, &["validate", &fifo, "--env", ""]);
    // Nor does a shell that nobody knows, or a place behind the line, say anything.
    for (shell, index) in [("nosuch", "1"), ("zsh", "99"), ("bash", "x")] {
        let mut command = bench.command(&["--", "langop", "plan"]);
        let told = said(&command.env("LANGOP_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", index).output().unwrap());
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{shell}");
    }
}

#[test]
fn what_is_printed_for_a_shell_completes_in_it() {
    let bench = Bench::offline("completions");
    bench.write("langop.toml", STACK);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.langop(&["completions", shell]).exits(0);
        assert!(script.out.contains("LANGOP_COMPLETE") && script.err.is_empty(), "{}", script.out);
    }
    bench.langop(&["completions", "nosuch"]).exits(64);
    let path = Path::new(env!("CARGO_BIN_EXE_langop")).parent().unwrap();
    let script = "source <(langop completions bash); COMP_WORDS=(langop explain agent sc); COMP_CWORD=3; \
                  _clap_complete_langop langop sc agent; echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    let told = said(&bash.args(["-c", script]).env("PATH", path).current_dir(bench.dir.path()).output().unwrap());
    assert_eq!((told.out.as_str(), told.err.as_str()), ("scout\n", ""));
}

#[test]
fn the_manual_has_a_page_for_each_command_and_version_says_what_this_is() {
    let bench = Bench::offline("man");
    let told = bench.langop(&["man", "man1"]).exits(0);
    let page = |name: &str| std::fs::read_to_string(bench.dir.path().join("man1").join(name)).unwrap();
    assert!(page("langop.1").contains("langop\\-plan(1)"), "{}", page("langop.1"));
    assert!(
        page("langop-explain-agent.1").contains("\\-\\-cilium")
            && page("langop-plan.1").contains("\\-\\-detailed\\-exitcode")
    );
    assert!(told.err.starts_with("wrote ") && told.out.is_empty(), "{}", told.err);

    let version = env!("CARGO_PKG_VERSION");
    let text = bench.langop(&["version"]).exits(0).out;
    assert!(text.starts_with(&format!("langop {version}")), "{text}");
    let document = bench.langop(&["version", "--json"]).exits(0).json();
    assert_eq!(document["langop"], version);
    for known in ["gateway_image", "api_version", "crd_schema", "record_format", "plan_format", "kubernetes"] {
        assert!(!document[known].is_null(), "{document}");
    }
    let image = document["gateway_image"].as_str().unwrap();
    let tested = langop::dev::gateway::LITELLM;
    assert!(image.ends_with(&format!(":v{tested}")), "gateways run what the tests run, {tested}: {image}");
    assert_eq!(bench.langop(&["--version"]).exits(0).out, format!("langop {version}\n"));
}

#[test]
fn init_writes_what_can_be_planned_and_overwrites_nothing() {
    let bench = Bench::new("init");
    let name = bench.name.as_str();
    let args = ["init", "--name", name, "--provider", "anthropic", "--model", "claude-sonnet-4-5", "there"];
    let told = bench.langop(&args).exits(0);
    assert!(told.err.contains("next: `langop plan there`") && told.err.contains("`ANTHROPIC_API_KEY`"), "{}", told.err);
    let text = std::fs::read_to_string(bench.dir.path().join("there/langop.toml")).unwrap();
    assert!(text.starts_with("#:schema ./langop.schema.json\n"), "{text}");
    let schema = std::fs::read_to_string(bench.dir.path().join("there/langop.schema.json")).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&serde_json::from_str::<Value>(&schema).unwrap()));
    bench.langop(&["validate", "there"]).exits(0);
    bench.langop(&["fmt", "--check", "there"]).exits(0);
    let planned = bench.langop(&["plan", "--json", "there"]).exits(0).json();
    assert_eq!(planned["applyable"], true, "{planned}");
    let refused = bench.langop(&args).exits(64);
    assert!(refused.err.contains("`there/langop.toml` is there already"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(bench.dir.path().join("there/langop.toml")).unwrap(), text);

    // What people made in a namespace, under the name that a directory stands for.
    bench.kubectl(&["create", "namespace", name]);
    bench.kubectl(&["create", "configmap", "made", "-n", name, "--from-literal=a=b"]);
    let told = bench.langop(&["init", "--from-namespace", name, "made"]).exits(0);
    assert!(told.err.contains("next: `langop plan made`"), "{}", told.err);
    let planned = bench.langop(&["plan", "--json", "made"]).exits(0).json();
    assert_eq!((&planned["summary"]["add"], &planned["applyable"]), (&json!(0), &json!(true)), "{planned}");
    bench.kubectl(&["delete", "namespace", name, "--wait=false"]);
}

#[test]
fn init_asks_on_a_terminal_and_names_the_flag_elsewhere() {
    let bench = Bench::offline("ask");
    for (args, flags) in [
        (&["init"][..], "`--name`, `--provider`, `--model` are"),
        (&["init", "--name", "a"], "`--provider`, `--model` are"),
        (&["init", "--name", "a", "--provider", "openai"], "`--model` is"),
        (&["init", "--name", "a", "--provider", "azure", "--model", "m"], "`--endpoint`, `--api-version` are"),
    ] {
        let said = bench.langop(args).exits(64);
        assert!(said.err.contains(&format!("{flags} needed")), "{}", said.err);
    }
    let said = bench.langop(&["init", "--name", "a", "--provider", "opnai", "--model", "m"]).exits(64);
    assert!(said.err.contains("did you mean `openai`"), "{}", said.err);
    assert!(std::fs::read_dir(bench.dir.path()).unwrap().next().is_none(), "something was written");

    let (mut terminal, side) = terminal::open();
    let typed = side.try_clone().unwrap();
    let mut command = bench.command(&["init", "--format", "yaml"]);
    let mut child = command.stdin(typed).stderr(side).stdout(Stdio::null()).spawn().unwrap();
    terminal.write_all(b"No Name\nasked\nopenai-compatible\n\nnowhere\nhttp://llama.models.svc:11434\n").unwrap();
    // The command holds the terminal's other side, which would never end.
    drop(command);
    let mut shown = Vec::new();
    // A terminal whose last user is gone reads as an error.
    let _ = terminal.read_to_end(&mut shown);
    assert!(child.wait().unwrap().success());
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("Name of the stack") && shown.contains("it must be a URL"), "{shown}");
    let text = std::fs::read_to_string(bench.dir.path().join("langop.yaml")).unwrap();
    assert!(text.contains("stack: \"asked\"") && text.contains("modelName: \"llama3.2\""), "{text}");
    bench.langop(&["validate"]).exits(0);
}

#[test]
fn init_takes_a_configuration_of_litellm() {
    let bench = Bench::offline("litellm");
    let config = "model_list:\n  - model_name: gpt\n    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY}\n";
    bench.write("config.yaml", config);
    bench.langop(&["init", "--name", "from-proxy", "--from-litellm", "config.yaml", "new"]).exits(0);
    let text = std::fs::read_to_string(bench.dir.path().join("new/langop.toml")).unwrap();
    assert!(text.starts_with("#:schema") && text.contains("[clusters.from-proxy]"), "{text}");
    bench.langop(&["validate", "new"]).exits(0);
    bench.langop(&["init", "--from-litellm", "config.yaml", "--model", "m", "other"]).exits(64);
}

#[test]
fn fmt_has_one_form_and_leaves_what_it_cannot_keep() {
    let bench = Bench::offline("fmt");
    bench.write("langop.toml", "stack   = \"NAME\"   # why\n[clusters.a]\n");
    assert_eq!(bench.langop(&["fmt", "--check"]).exits(2).out, "langop.toml\n");
    assert_eq!(bench.langop(&["fmt"]).exits(0).out, "langop.toml\n");
    let text = std::fs::read_to_string(bench.dir.path().join("langop.toml")).unwrap();
    assert_eq!(text, format!("stack = \"{}\" # why\n[clusters.a]\n", bench.name));
    assert_eq!(bench.langop(&["fmt"]).exits(0).out, "");
    bench.langop(&["fmt", "--check"]).exits(0);
    // Nothing is written when one of several files is wrong.
    bench.write("wrong.yaml", "a: [1\n");
    bench.write("right.yaml", "a:    1\n");
    let said = bench.langop(&["fmt", "right.yaml", "wrong.yaml"]).exits(65);
    assert!(said.err.contains("wrong.yaml"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(bench.dir.path().join("right.yaml")).unwrap(), "a:    1\n");
    // All that cannot be kept are named, each with its place.
    bench.write("other.yaml", "...\n  - 1\n---\n");
    let said = bench.langop(&["fmt", "right.yaml", "wrong.yaml", "other.yaml"]).exits(65);
    assert!(said.err.contains("wrong.yaml:") && said.err.contains("other.yaml:"), "{}", said.err);
    // What is written in the way of another system stays so, and a mark that says nothing is no other form.
    std::fs::write(bench.dir.path().join("other.yaml"), "\u{feff}a:    1\r\nb: |\r\n  c  \r\n").unwrap();
    bench.langop(&["fmt", "other.yaml"]).exits(0);
    bench.langop(&["fmt", "--check", "other.yaml"]).exits(0);
    assert_eq!(std::fs::read_to_string(bench.dir.path().join("other.yaml")).unwrap(), "a: 1\r\nb: |\r\n  c  \r\n");
    let mut stdin = bench.command(&["fmt", "-"]);
    let mut child = stdin.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a:    1\n").unwrap();
    assert_eq!(said_of(child), "a: 1\n");
}

fn said_of(child: std::process::Child) -> String {
    said(&child.wait_with_output().unwrap()).exits(0).out
}

#[test]
fn the_examples_have_their_form() {
    let bench = Bench::offline("examples-form");
    let examples = repository("examples").display().to_string();
    let said = bench.langop(&["fmt", "--check", "-R", &examples]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
}

#[test]
fn explain_says_what_a_field_takes_in_both_forms_and_for_programs() {
    let bench = Bench::offline("field");
    let long = bench.langop(&["explain", "field", "models.timeout"]).exits(0).out;
    assert_eq!(bench.langop(&["explain", "models.timeout"]).exits(0).out, long);
    assert!(long.contains("DEFAULT   5m"), "{long}");
    let said = bench.langop(&["explain", "clusters.gateway.replicas"]).exits(64);
    assert!(said.err.contains("did you mean `clusters.NAME.gateway.deployment.replicas`"), "{}", said.err);
    let document = bench.langop(&["explain", "--json", "models"]).exits(0).json();
    let fields = document["fields"].as_array().unwrap();
    let required: Vec<_> =
        fields.iter().filter(|field| field["required"] == true).map(|field| &field["name"]).collect();
    assert_eq!(required, ["modelName"]);
    let all = bench.langop(&["explain", "field", "agents", "--recursive", "--json"]).exits(0).json();
    assert!(
        all["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|field| field["fields"].as_array().is_some_and(|below| !below.is_empty()))
    );
    assert!(bench.langop(&["explain"]).exits(0).out.contains("clusters"));
}

#[test]
fn a_description_that_was_started_holds_no_key() {
    let bench = Bench::offline("no-key");
    let told = bench.command(&OPENAI).env("OPENAI_API_KEY", "sk-canary-of-the-environment").output().unwrap();
    assert_eq!(told.status.code(), Some(0));
    let text = std::fs::read_to_string(bench.dir.path().join("langop.toml")).unwrap();
    assert!(text.contains("OPENAI_API_KEY") && !text.contains("canary"), "{text}");
}

#[test]
fn help_of_what_one_meets_first() {
    let bench = Bench::offline("help-first");
    for words in [
        &["init"][..],
        &["completions"],
        &["man"],
        &["version"],
        &["fmt"],
        &["explain"],
        &["explain", "field"],
        &["drift"],
    ] {
        let help = bench.langop(&[words, &["--help"]].concat()).exits(0).out;
        insta::assert_snapshot!(format!("help_{}", words.join("_")), help);
    }
}
