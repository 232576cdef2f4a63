//! Every example runs: planned on what is there, applied, found unchanged, destroyed.

use serde_json::Value;

use crate::bench::{Bench, repository, said};

/// The files of `examples/`, without those named in `apart`.
fn examples(apart: &[&str]) -> Vec<String> {
    let entries = std::fs::read_dir(repository("examples")).unwrap().map(Result::unwrap);
    // Pipelines have a test of their own.
    let descriptions = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let names = descriptions.map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !apart.contains(&name.as_str())).collect();
    names.sort();
    names
}

fn path(name: &str) -> String {
    repository("examples").join(name).display().to_string()
}

/// One life of an example. `stack` names the stack of manifests, which have none.
fn lives(bench: &Bench, name: &str) {
    let file = path(name);
    let stack: &[&str] = if name.contains("manifests") { &["--stack", "manifests"] } else { &[] };
    let args = |command: &'static str, more: &[&'static str]| {
        [&[command, file.as_str()], stack, more].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let run = |args: Vec<String>| {
        let mut command = bench.command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        said(&command.env("ANTHROPIC_API_KEY", "sk-ant-test").env("OPENAI_API_KEY", "sk-test").output().unwrap())
    };
    run(args("validate", &[])).exits(0);
    run(args("plan", &["--detailed-exitcode"])).exits(2);
    run(args("apply", &["--yes"])).exits(0);
    let again = run(args("plan", &["--detailed-exitcode"])).exits(0);
    assert!(again.out.contains("Nothing to do"), "{name}: {}", again.out);
    let full = run(args("plan", &["--detailed-exitcode", "--refresh=full"])).exits(0);
    assert!(full.out.contains("Nothing to do"), "{name}: {}", full.out);
    run(args("destroy", &["--yes"])).exits(0);
}

#[test]
fn every_example_lives_and_a_second_plan_has_nothing_to_do() {
    let bench = Bench::new("examples");
    for name in examples(&["dns-egress.toml"]) {
        lives(&bench, &name);
    }
}

#[test]
fn egress_by_name_needs_cilium_and_says_so() {
    let bench = Bench::new("cilium");
    let refused = bench.langop(&["plan", &path("dns-egress.toml")]).exits(1);
    assert!(refused.out.contains("Cilium"), "{}", refused.out);
}

#[test]
fn the_yaml_twin_renders_the_same_objects() {
    let bench = Bench::new("twin");
    let twin = examples(&[])
        .into_iter()
        .find(|name| {
            std::path::Path::new(name).extension().is_some_and(|ending| ending == "yaml") && !name.contains("manifests")
        })
        .unwrap();
    let toml = twin.replace(".yaml", ".toml");
    let rendered = |name: &str| bench.langop(&["render", &path(name)]).exits(0).out;
    assert_eq!(rendered(&twin), rendered(&toml));
}

#[test]
fn a_plan_of_the_production_example_reads_as_json() {
    let bench = Bench::new("production");
    let plan: Value = bench.langop(&["plan", "--json", &path("production-agents.toml")]).exits(0).json();
    assert_eq!(plan["stack"], "production");
    assert!(plan["summary"]["add"].as_u64().unwrap() > 10, "{plan:#}");
    let of = |what: &str| format!("{what} of model `claude`, model `gpt` in `production-agents`, each:");
    let (requests, tokens) = ("600/min per pod, 2 pods: 1200", "400000/min per pod, 2 pods: 800000");
    let limits = [format!("{} {requests}", of("requests")), format!("{} {tokens}", of("tokens"))];
    let effects: Vec<_> = plan["effects"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for limit in &limits {
        assert!(effects.contains(&limit.as_str()), "{effects:#?}");
    }
}
