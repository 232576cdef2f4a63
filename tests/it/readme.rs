//! What the README shows is what happens.

use std::path::Path;

use crate::bench::{Bench, repository, said};
use crate::control_plane::OwnHome;

fn readme() -> String {
    std::fs::read_to_string(repository("README.md")).unwrap()
}

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = readme();
    let start = format!("```{language}\n");
    text.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The output below `$ command` in a console block.
fn shown(command: &str) -> String {
    let prompt = format!("$ {command}\n");
    let block = blocks("console").into_iter().find(|block| block.starts_with(&prompt));
    block.unwrap_or_else(|| panic!("the README does not show `{command}`"))[prompt.len()..].to_owned()
}

fn without_time(text: &str) -> String {
    let text = text.lines().map(|line| {
        line.split(" (").next().unwrap().to_owned()
            + if line.starts_with("Apply complete!") { "" } else { line.split_once(" (").map_or("", |(_, rest)| rest) }
    });
    text.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_the_file_and_its_output_is_the_output() {
    let example = std::fs::read_to_string(repository("examples/quickstart.toml")).unwrap();
    let bare: Vec<_> = example.lines().skip_while(|line| line.starts_with('#')).collect();
    assert_eq!(blocks("toml")[0].trim(), bare.join("\n").trim());

    let own = OwnHome::new();
    let run = |args: &[&str], directory: &Path| said(&own.langop(args).current_dir(directory).output().unwrap());
    let applied = run(&["apply", "--dev", "--yes", "examples/quickstart.toml"], &repository("")).exits(0);
    assert_eq!(without_time(&applied.out), without_time(&shown("langop apply --dev --yes examples/quickstart.toml")),);

    let changed = tempfile::tempdir().unwrap();
    std::fs::create_dir(changed.path().join("examples")).unwrap();
    std::fs::write(changed.path().join("examples/quickstart.toml"), example.replace("llama3.2", "llama3.3")).unwrap();
    let planned = run(&["plan", "--dev", "examples/quickstart.toml"], changed.path()).exits(0);
    assert_eq!(planned.out, shown("langop plan --dev examples/quickstart.toml"));
    run(&["destroy", "--dev", "--yes", "examples/quickstart.toml"], changed.path()).exits(0);
}

#[test]
fn the_reference_description_is_valid_and_every_command_and_example_exists() {
    let bench = Bench::new("readme");
    let reference = blocks("toml").into_iter().find(|block| block.contains("[variables]")).unwrap();
    bench.write("langop.toml", &reference);
    bench.langop(&["validate"]).exits(0);
    for command in
        ["plan", "apply", "destroy", "status", "check", "validate", "render", "graph", "schema", "crds", "state", "dev"]
    {
        assert!(readme().contains(&format!("`{command}")), "{command} is not in the README");
        bench.langop(&[command, "--help"]).exits(0);
    }
    for entry in std::fs::read_dir(repository("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme().contains(&format!("(examples/{name})")), "{name} is not in the README");
    }
}

#[test]
fn the_exit_codes_are_those_of_help() {
    let bench = Bench::new("codes");
    let help = bench.langop(&["--help"]).exits(0).out;
    for code in ["0", "1", "2", "3", "5", "6", "7", "64", "65", "69", "77"] {
        assert!(readme().contains(&format!("| {code} |")), "{code} is not in the README");
        assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{code}: {help}");
    }
}
