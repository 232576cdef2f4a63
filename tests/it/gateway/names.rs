//! For any set of models: `LiteLLM` lists what the description promises, each model name and alias once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::process::python;
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, repository};

/// How many sets are tried.
const SETS: usize = 40;

/// What is written for each provider beside the name.
const PROVIDERS: [&str; 8] = [
    "provider = 'openai'",
    "provider = 'anthropic'",
    "provider = 'gemini'",
    "provider = 'openai-compatible'\nendpoint = 'http://h.test:8080'",
    "provider = 'azure'\nendpoint = 'https://r.openai.azure.com'\napiVersion = '2024-10-21'",
    "provider = 'bedrock'\nregion = 'eu-west-1'",
    "provider = 'vertex'\nproject = 'p'\nlocation = 'l'",
    "litellmProvider = 'groq'",
];

#[derive(Clone, Debug)]
struct Model {
    provider: usize,
    name: String,
    extra: &'static str,
}

fn model() -> impl Strategy<Value = Model> {
    let name = prop_oneof![
        "[a-z][a-z0-9.-]{0,12}[a-z0-9]",
        "[a-z]{1,6}/[A-Za-z0-9._-]{1,10}",
        "[A-Za-z0-9]{1,8}:[a-z0-9]{1,6}",
        "(openai|groq|anthropic)/[a-z0-9]{1,8}",
        // What YAML could take for something else, and what nobody expects.
        "(true|null|1\\.5|~|0x10|2026-01-01)",
        "[!-&()+\\-.-~¡-¬®-ÿ]{1,8}",
    ];
    let extra = prop::sample::select(vec![
        "",
        "timeout = '90s'",
        "retries = 0",
        "apiKeySecretRef = { name = 'k' }",
        "params = { temperature = 0.5, extra_headers = { x = 'y' } }",
        "cost = { inputPerMillion = 3 }",
    ]);
    (0..PROVIDERS.len(), name, extra).prop_map(|(provider, name, extra)| Model { provider, name, extra })
}

/// A description of these models, and the names that it promises. An alias is given where it is nobody's name.
fn described(models: &[Model], aliases: &[String]) -> (String, BTreeSet<String>) {
    let names: BTreeSet<_> = models.iter().map(|model| model.name.clone()).collect();
    let free = aliases.iter().filter(|alias| !names.contains(*alias)).collect::<BTreeSet<_>>();
    let mut text = "stack = 's'\n[clusters.c]\n".to_owned();
    for (number, model) in models.iter().enumerate() {
        let Model { provider, extra, .. } = model;
        // The characters themselves, and no variable.
        let name = model.name.replace("${", "$${");
        write!(text, "[models.m{number}]\nmodelName = '{name}'\n{}\n{extra}\n", PROVIDERS[*provider]).unwrap();
        if number == 0 {
            writeln!(text, "aliases = {:?}", free.iter().collect::<Vec<_>>()).unwrap();
        }
    }
    let promised = names.into_iter().chain(free.into_iter().cloned()).collect();
    (text, promised)
}

#[test]
fn any_set_of_models_is_listed_as_it_is_described() {
    let mut runner = TestRunner::default();
    let sets = (prop::collection::vec(model(), 1..7), prop::collection::vec("[a-z]{1,8}", 0..3));
    let mut loader = Loader::start();
    for _ in 0..SETS {
        let (models, aliases) = sets.new_tree(&mut runner).unwrap().current();
        let (text, promised) = described(&models, &aliases);
        let bench = Bench::at("names", PathBuf::new());
        let file = bench.write("langop.toml", &text).display().to_string();
        let listed = loader.names(&Rendered::of(&bench, &[&file], "c"), &bench);
        assert_eq!(listed, promised, "{text}");
    }
}

/// One process that loads configurations by the proxy's own code and asks its own application for the models.
struct Loader {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Loader {
    fn start() -> Self {
        let mut command = Command::new(python());
        command.arg(repository("tests/it/gateway/listing.py")).env_clear();
        let variables = BTreeMap::from([
            ("PATH", std::env::var("PATH").unwrap()),
            ("LITELLM_MASTER_KEY", secret_value("gateway-auth", "master-key")),
            ("LITELLM_LOCAL_MODEL_COST_MAP", "True".to_owned()),
            ("LITELLM_LOG", "ERROR".to_owned()),
        ]);
        command.envs(variables).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn names(&mut self, rendered: &Rendered, bench: &Bench) -> BTreeSet<String> {
        for (name, text) in &rendered.files {
            std::fs::write(bench.dir.path().join(name), text).unwrap();
        }
        let config = bench.path("config.yaml");
        writeln!(self.child.stdin.as_ref().unwrap(), "{config}").unwrap();
        let answer = self.lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with('['))).unwrap().unwrap();
        let names: Vec<String> = serde_json::from_str(&answer).unwrap();
        let distinct: BTreeSet<_> = names.iter().cloned().collect();
        assert_eq!(distinct.len(), names.len(), "each name once: {names:?}");
        distinct
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
