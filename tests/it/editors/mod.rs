//! An editor's language server needs nothing but the schema that langop publishes: it says what fields are, offers them, and
//! finds what is wrong.

mod server;

use std::path::{Path, PathBuf};

use crate::bench::{Bench, repository};
use server::Server;

const TOML: &str = r#"#:schema ./langop.schema.json
stack = "s"
[clusters.c]
capacity = { maxAgents = 4 }
[models.m]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
timeout = "30s"

[agents.a]
image = "a:1"
instructions = "look"
"#;

/// The line before `agents` has the indentation of a field of the model.
const YAML: &str = r#"# yaml-language-server: $schema=./langop.schema.json
stack: s
clusters:
  c:
    capacity: { maxAgents: 4 }
models:
  m:
    provider: anthropic
    modelName: claude-sonnet-4-5
    timeout: 30s
    
agents:
  a:
    image: "a:1"
    instructions: look
"#;

/// A folder with the schema, and a file in it.
fn folder(bench: &Bench, name: &str, text: &str) -> PathBuf {
    let schema = bench.langop(&["schema"]).exits(0).out;
    std::fs::write(bench.dir.path().join("langop.schema.json"), schema).unwrap();
    bench.write(name, text)
}

/// Where a word stands first: its line, and a column within it.
fn place(text: &str, word: &str) -> (usize, usize) {
    let line = text.lines().position(|line| line.contains(word)).unwrap();
    (line, text.lines().nth(line).unwrap().find(word).unwrap() + 1)
}

/// It says of fields what they are and finds nothing wrong, whichever the language is. What it offers on an empty line comes back.
fn understands(server: &mut Server, file: &Path, text: &str, empty_line: (usize, usize)) -> Vec<(String, String)> {
    assert_eq!(server.diagnostics(file), [""; 0]);
    for (field, words) in [
        ("maxAgents", "agents"),
        ("provider", "who serves the model"),
        ("modelName", "by the provider's name"),
        ("timeout", "call"),
        ("image", "image"),
        ("instructions", "what it is to do"),
    ] {
        let (line, column) = place(text, field);
        let said = server.hover(file, line, column);
        assert!(said.to_lowercase().contains(&words.to_lowercase()), "{field}: {said}");
        assert!(!said.contains("variable of the description"), "{field}: {said}");
    }
    let offers = server.offers(file, empty_line.0, empty_line.1);
    for field in ["aliases", "fallbacks", "rateLimits", "endpoint"] {
        assert!(offers.iter().any(|(label, _)| label == field), "{field}: {offers:#?}");
    }
    offers
}

#[test]
fn taplo_says_what_a_field_is_and_offers_and_checks_it() {
    let bench = Bench::offline("editors");
    let file = folder(&bench, "langop.toml", TOML);
    let mut server = Server::taplo(bench.dir.path());
    // Taplo shows no documentation beside what it offers where a reference to a variable may stand, too.
    understands(&mut server, &file, TOML, (8, 0));
    let (line, column) = place(TOML, "\"anthropic\"");
    let offers = server.offers(&file, line, column);
    assert!(offers.iter().any(|(label, _)| label.contains("bedrock")), "{offers:#?}");
    let wrong = TOML.replace("modelName", "modelname").replace("maxAgents = 4", "maxAgents = \"many\"");
    let found = server.diagnostics(&folder(&bench, "wrong.toml", &wrong)).join("\n");
    assert!(found.contains("modelname") && found.contains("many"), "{found}");
}

#[test]
fn the_yaml_server_says_what_a_field_is_and_offers_and_checks_it() {
    let bench = Bench::offline("editors");
    let file = folder(&bench, "langop.yaml", YAML);
    let mut server = Server::yaml(bench.dir.path());
    let offers = understands(&mut server, &file, YAML, (10, 4));
    assert!(offers.iter().all(|(_, said)| !said.is_empty()), "{offers:#?}");
    let (line, column) = place(YAML, "anthropic");
    let offers = server.offers(&file, line, column);
    assert!(offers.iter().any(|(label, _)| label.contains("bedrock")), "{offers:#?}");
    let wrong = YAML.replace("modelName", "modelname").replace("maxAgents: 4", "maxAgents: many");
    let found = server.diagnostics(&folder(&bench, "wrong.yaml", &wrong)).join("\n");
    assert!(found.contains("modelname") && !found.is_empty(), "{found}");
}

#[test]
fn nothing_is_wrong_with_the_examples() {
    let bench = Bench::offline("editors");
    let mut taplo = Server::taplo(bench.dir.path());
    let mut examples: Vec<_> =
        std::fs::read_dir(repository("examples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    examples.sort();
    examples.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(examples.len() > 5);
    for example in examples {
        let text = format!("#:schema ./langop.schema.json\n{}", std::fs::read_to_string(&example).unwrap());
        let file = folder(&bench, example.file_name().unwrap().to_str().unwrap(), &text);
        assert_eq!(taplo.diagnostics(&file), [""; 0], "{}", example.display());
    }
}
