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

/// Codes and their words: what both tables have.
fn exit_codes<'a>(
    lines: impl Iterator<Item = &'a str>,
    split: impl Fn(&str) -> Option<(&str, &str)>,
) -> Vec<(u8, String)> {
    let rows = lines.filter_map(|line| {
        let (code, words) = split(line)?;
        Some((code.trim().parse().ok()?, words.trim().replace('`', "")))
    });
    rows.collect()
}

#[test]
fn the_exit_codes_are_those_of_help() {
    let help = Bench::offline("codes").langop(&["--help"]).exits(0).out;
    let table = help.split_once("Exit codes:\n").unwrap().1;
    let of_help = exit_codes(table.lines(), |line| line.trim().split_once(' '));
    let readme = readme();
    let rows = readme.lines().filter(|line| line.starts_with("| "));
    let of_readme = exit_codes(rows, |line| line.trim_matches('|').split_once('|'));
    assert_eq!(of_readme, of_help);
    let codes: Vec<u8> = of_help.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [0, 1, 2, 3, 5, 6, 7, 64, 65, 69, 77, 130, 141, 143]);
}
