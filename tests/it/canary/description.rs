//! Canaries in every leaf of the description's schema, each in a file as it should be and with one mutation.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use langop::stack::diagnostic::render;
use langop::stack::{LoadRequest, load};
use serde_json::{Value, json};

use super::leaf::{self, Leaf};
use super::{MARK, WORD, marked, silent, unmarked};
use crate::bench::Bench;

/// Leaves in one file: fewer than the mistakes that one run shows.
const A_FILE: usize = 40;

/// What is done to the place of a canary.
#[derive(Clone, Copy, Debug)]
enum Form {
    AsMeant,
    InAList,
    InATable,
    Misspelt,
    Twice,
    Unclosed,
    BrokenBehind,
}

const FORMS: [Form; 7] =
    [Form::AsMeant, Form::InAList, Form::InATable, Form::Misspelt, Form::Twice, Form::Unclosed, Form::BrokenBehind];

/// The canaries of some leaves in one description.
fn description(leaves: &[(usize, Leaf)], form: Form) -> Value {
    let mut root = json!({ "stack": "canaries" });
    for (number, leaf) in leaves {
        let value = |plain: bool| if plain { unmarked(*number) } else { marked(*number) };
        match form {
            Form::AsMeant | Form::Twice | Form::Unclosed | Form::BrokenBehind => {
                leaf::put(&mut root, &leaf.steps, value(leaf.free).into());
            }
            Form::InAList => leaf::put(&mut root, &leaf.steps, json!([value(true)])),
            Form::InATable => leaf::put(&mut root, &leaf.steps, json!({ "inner": value(true) })),
            Form::Misspelt => leaf::put(&mut root, &leaf.misspelt(), value(!leaf.open || leaf.free).into()),
        }
    }
    root
}

/// The file of a description, with the mutations that are made in the text.
fn texts(root: &Value, form: Form) -> [(&'static str, String); 2] {
    let toml = toml::to_string(root).unwrap();
    let yaml = serde_saphyr::to_string(root).unwrap();
    [("langop.toml", mutated(&toml, form)), ("langop.yaml", mutated(&yaml, form))]
}

fn mutated(text: &str, form: Form) -> String {
    let mut mutated = String::new();
    for line in text.lines() {
        let canary = [MARK, WORD].iter().any(|canary| line.to_lowercase().contains(canary));
        let written = match form {
            Form::Twice if canary && !line.trim_start().starts_with('-') => writeln!(mutated, "{line}\n{line}"),
            Form::Unclosed if canary => {
                let at = line.rfind(": ").or(line.rfind("- ")).map_or(0, |at| at + 2);
                if line.contains('"') {
                    writeln!(mutated, "{}", line.trim_end_matches(['"', ']']))
                } else {
                    writeln!(mutated, "{}\"{}", &line[..at], &line[at..])
                }
            }
            Form::BrokenBehind if canary => writeln!(mutated, "{line}\n{line} = = : ]\n= }}"),
            _ => writeln!(mutated, "{line}"),
        };
        written.unwrap();
    }
    mutated
}

/// Everything that the library says of a file.
fn said(name: &str, text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(name), text).unwrap();
    let paths = vec![PathBuf::from(name)];
    let request = LoadRequest { paths, directory: directory.path().to_owned(), ..LoadRequest::default() };
    let (diagnostics, files) = match load(&request) {
        Ok(loaded) => (loaded.warnings, loaded.files),
        Err(invalid) => (invalid.diagnostics, invalid.files),
    };
    let findings: Vec<_> = diagnostics.iter().map(|d| d.finding(&files)).collect();
    render(&diagnostics, &files, false) + &serde_json::to_string(&findings).unwrap()
}

fn numbered() -> Vec<(usize, Leaf)> {
    leaf::leaves(&langop::stack::schema()).into_iter().enumerate().collect()
}

#[test]
fn no_leaf_of_the_schema_is_repeated_by_a_mistake() {
    let begun = Instant::now();
    let leaves = numbered();
    assert!(leaves.len() > 1000, "{}", leaves.len());
    let mut files = 0;
    for chunk in leaves.chunks(A_FILE) {
        for form in FORMS {
            for (name, text) in texts(&description(chunk, form), form) {
                // A break in YAML hides the rest of the file: those have a test of their own.
                let broken = matches!(form, Form::Unclosed | Form::BrokenBehind);
                if broken && name == "langop.yaml" {
                    continue;
                }
                silent(&format!("{form:?} in {name}:\n{text}"), &said(name, &text));
                files += 1;
            }
        }
    }
    let free = leaves.iter().filter(|(_, leaf)| leaf.free).count();
    println!(
        "canaries: {} leaves of the schema, {free} of them free, in {} forms: {files} files in {:.1?}",
        leaves.len(),
        FORMS.len(),
        begun.elapsed()
    );
}

/// Of a YAML file only the first break is seen: each kind of leaf gets a file of its own.
#[test]
fn a_break_in_yaml_shows_no_leaf() {
    for (number, leaf) in numbered().into_iter().step_by(7) {
        for form in [Form::Unclosed, Form::BrokenBehind] {
            let [_, (name, text)] = texts(&description(&[(number, leaf.clone())], form), form);
            silent(&format!("{form:?} in {name}:\n{text}"), &said(name, &text));
        }
    }
}

/// The commands that read a description, in each of their formats.
const COMMANDS: [&[&str]; 12] = [
    &["validate"],
    &["render"],
    &["graph"],
    &["graph", "--dot"],
    &["explain", "reach", "gateway", "example.com"],
    &["explain", "reach", "gateway", "example.com", "--json"],
    &["plan"],
    &["plan", "--json"],
    &["apply", "--yes"],
    &["destroy", "--yes"],
    &["status"],
    &["check"],
];

#[test]
fn no_command_repeats_a_leaf() {
    let leaves = numbered();
    // One of each part of the schema.
    let some: Vec<(usize, Leaf)> = leaves.iter().step_by(leaves.len() / A_FILE).cloned().collect();
    let mut runs = 0;
    for form in FORMS {
        for (name, text) in texts(&description(&some, form), form) {
            let bench = Bench::offline("canary");
            bench.write(name, &text);
            let commands = if matches!(form, Form::AsMeant) { &COMMANDS[..] } else { &COMMANDS[..1] };
            for command in commands {
                let said = bench.langop(command);
                assert_ne!(said.code, Some(0), "{command:?}");
                silent(&format!("{command:?} of {form:?} in {name}"), &(said.out + &said.err));
                runs += 1;
            }
        }
    }
    println!("canaries: {} leaves through {runs} runs of {} commands", some.len(), COMMANDS.len());
}
