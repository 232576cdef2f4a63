//! What the README and the pages in `docs` show is what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::bench::{Bench, repository, said};
use crate::control_plane::OwnHome;
use crate::layers::sources;

/// The pages that users and contributors read.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(repository("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().into_string().unwrap()));
    let root = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    docs.chain(root.map(str::to_owned)).collect()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(repository(name)).unwrap()
}

/// The fenced blocks of a language on a page.
fn blocks(name: &str, language: &str) -> Vec<String> {
    let text = page(name);
    let start = format!("```{language}\n");
    text.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The output below `$ command` in a console block of the README.
fn shown(command: &str) -> String {
    let prompt = format!("$ {command}\n");
    let block = blocks("README.md", "console").into_iter().find(|block| block.starts_with(&prompt));
    block.unwrap_or_else(|| panic!("the README does not show `{command}`"))[prompt.len()..].to_owned()
}

fn without_time(text: &str) -> String {
    let text = text.lines().map(|line| {
        line.split(" (").next().unwrap().to_owned()
            + if line.starts_with("Apply complete!") { "" } else { line.split_once(" (").map_or("", |(_, rest)| rest) }
    });
    text.collect::<Vec<_>>().join("\n")
}

/// A name ends in what each line of the gateway's module has a part in: only its form is shown.
fn without_digests(text: &str) -> String {
    let digest = regex::Regex::new("gateway-config-[0-9a-f]{10}").unwrap();
    digest.replace_all(text, "gateway-config-DIGEST").into_owned()
}

#[test]
fn the_example_is_the_file_and_its_output_is_the_output() {
    let example = std::fs::read_to_string(repository("examples/quickstart.toml")).unwrap();
    let bare: Vec<_> = example.lines().skip_while(|line| line.starts_with('#')).collect();
    assert_eq!(blocks("README.md", "toml")[0].trim(), bare.join("\n").trim());

    let own = OwnHome::new();
    let run = |args: &[&str], directory: &Path| said(&own.langop(args).current_dir(directory).output().unwrap());
    let applied = run(&["apply", "--dev", "--yes", "examples/quickstart.toml"], &repository("")).exits(0);
    let like = |text: &str| without_digests(&without_time(text));
    assert_eq!(like(&applied.out), like(&shown("langop apply --dev --yes examples/quickstart.toml")));

    let changed = tempfile::tempdir().unwrap();
    std::fs::create_dir(changed.path().join("examples")).unwrap();
    std::fs::write(changed.path().join("examples/quickstart.toml"), example.replace("llama3.2", "llama3.3")).unwrap();
    let planned = run(&["plan", "--dev", "examples/quickstart.toml"], changed.path()).exits(0);
    assert_eq!(without_digests(&planned.out), without_digests(&shown("langop plan --dev examples/quickstart.toml")));
    run(&["destroy", "--dev", "--yes", "examples/quickstart.toml"], changed.path()).exits(0);
}

/// Everything in the TOML of a page that is a whole description is valid.
#[test]
fn descriptions_that_the_reference_shows_are_valid() {
    let descriptions: Vec<_> =
        blocks("docs/reference.md", "toml").into_iter().filter(|block| block.contains("stack = ")).collect();
    assert!(descriptions.iter().any(|block| block.contains("[variables]")));
    for description in descriptions {
        let bench = Bench::offline("reference");
        bench.write("langop.toml", &description);
        bench.langop(&["validate"]).exits(0);
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
fn the_reference_has_every_command_and_every_example() {
    let reference = page("docs/reference.md");
    for command in Help::read().commands.keys().filter_map(|words| words.first()) {
        assert!(reference.contains(&format!("`{command}")), "`{command}` is not in the reference");
    }
    for entry in std::fs::read_dir(repository("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(reference.contains(&format!("(../examples/{name})")), "{name} is not in the reference");
    }
}

#[test]
fn the_exit_codes_of_the_reference_are_those_of_help() {
    let help = Help::read().commands.remove(&Vec::new()).unwrap();
    let table = help.split_once("Exit codes:\n").unwrap().1;
    let of_help = exit_codes(table.lines(), |line| line.trim().split_once(' '));
    let reference = page("docs/reference.md");
    let rows = reference.split_once("## Exit codes").unwrap().1.lines().filter(|line| line.starts_with("| "));
    let of_reference = exit_codes(rows, |line| line.trim_matches('|').split_once('|'));
    assert_eq!(of_reference, of_help);
    let codes: Vec<u8> = of_help.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 64, 65, 69, 77, 129, 130, 141, 143]);
}

#[test]
fn every_command_and_flag_on_a_page_exists() {
    let help = Help::read();
    let mut seen = 0;
    for name in pages() {
        for code in commands(&page(&name)) {
            if let Err(wrong) = help.check(&code) {
                panic!("{name}: `{code}`: {wrong}");
            }
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} commands were found");
}

#[test]
fn every_link_leads_to_a_file_and_every_anchor_to_a_heading() {
    for name in pages() {
        let text = page(&name);
        let folder = repository(&name).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { repository(&name) } else { folder.join(file) };
            assert!(path.exists(), "{name}: {target}");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&path).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let anchors = headings.map(|line| line.trim_matches(['#', ' ']).to_lowercase().replace(' ', "-"));
                assert!(anchors.into_iter().any(|known| known == anchor), "{name}: {target}");
            }
        }
    }
}

#[test]
fn the_code_uses_the_words_of_the_glossary() {
    let sources: String =
        sources(&repository("src")).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let words: BTreeSet<_> = sources.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let glossary = page("docs/glossary.md");
    let rows = glossary.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let names: Vec<_> = rows.filter(|row| row.len() == 5).flat_map(|row| codes(row[2])).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let lacking = name.split([':', '/', '.', '-']).find(|part| !part.is_empty() && !words.contains(part));
        assert_eq!(lacking, None, "`{name}` is not in the code");
    }
}

/// What stands between backticks.
fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn what_programs_read_is_described() {
    let bench = Bench::new("events");
    let example = std::fs::read_to_string(repository("examples/quickstart.toml")).unwrap();
    bench.write("langop.toml", &example.replace("quickstart", &bench.name));
    let events = page("docs/events.md");
    let known = |word: &str| events.contains(&format!("`{word}`")) || events.contains(&format!("\"{word}\""));

    let plan = bench.langop(&["plan", "--json"]).exits(0).json();
    let changes = plan["changes"].as_array().unwrap();
    let parts = changes.iter().flat_map(|change| [change, &change["object"], &change["reason"], &change["source"]]);
    let parts = parts.chain(changes.iter().flat_map(|change| change["depends_on"].as_array().unwrap()));
    let parts = parts.chain(plan["problems"].as_array().unwrap()).chain([&plan, &plan["summary"]]);
    let words: BTreeSet<_> = parts.filter_map(Value::as_object).flat_map(|part| part.keys()).collect();
    assert!(words.contains(&"why".to_owned()) && words.contains(&"severity".to_owned()), "{words:?}");
    for word in words {
        assert!(known(word), "`{word}` is not in docs/events.md");
    }

    for command in ["apply", "destroy"] {
        let stream = bench.langop(&[command, "--yes", "--json"]).exits(0).out;
        for line in stream.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(known(line["type"].as_str().unwrap()), "{line}");
            for word in line.as_object().unwrap().keys() {
                assert!(known(word), "`{word}` is not in docs/events.md");
            }
        }
    }
}

/// What `--help` says of each command, by the words that lead to it.
struct Help {
    commands: BTreeMap<Vec<String>, String>,
}

impl Help {
    fn read() -> Self {
        let mut help = Self { commands: BTreeMap::new() };
        help.add(&Bench::offline("help"), &[]);
        help
    }

    fn add(&mut self, bench: &Bench, words: &[String]) {
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let text = bench.langop(&args).exits(0).out;
        let listed = text.split_once("Commands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
        // A name stands at two spaces; deeper is the rest of its description.
        let names = listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
        for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
            let below: Vec<_> = words.iter().cloned().chain([name.to_owned()]).collect();
            self.add(bench, &below);
        }
        self.commands.insert(words.to_vec(), text);
    }

    /// Holds a command line, or a flag that stands alone, against what there is.
    fn check(&self, code: &str) -> Result<(), String> {
        let Some(line) = code.strip_prefix("langop ") else {
            let flag = flag(code);
            let is_known = self.commands.values().any(|help| has(help, flag));
            return if is_known { Ok(()) } else { Err(format!("no command has `{flag}`")) };
        };
        let words: Vec<_> = line.split_whitespace().take_while(|word| !matches!(*word, "--" | ">" | "|")).collect();
        let mut place = Vec::new();
        for word in &words {
            let below: Vec<_> = place.iter().cloned().chain([(*word).to_owned()]).collect();
            if !self.commands.contains_key(&below) {
                break;
            }
            place = below;
        }
        if place.is_empty()
            && words.iter().any(|word| word.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()))
        {
            return Err("there is no such command".to_owned());
        }
        let help = &self.commands[&place];
        let flags = words.iter().filter(|word| word.starts_with("--")).map(|word| flag(word));
        flags.into_iter().find(|flag| !has(help, flag)).map_or(Ok(()), |flag| Err(format!("it has no `{flag}`")))
    }
}

/// The name of a flag: `--adopt` of `--adopt=Kind/name`, `[--call]`.
fn flag(word: &str) -> &str {
    word.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find(|part| part.starts_with("--")).unwrap_or(word)
}

fn has(help: &str, flag: &str) -> bool {
    help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == flag)
}

/// The lines of consoles and the code in sentences that call langop, and flags.
fn commands(text: &str) -> Vec<String> {
    let fences: Vec<_> = text.split("```").collect();
    let shown = fences.iter().skip(1).step_by(2).flat_map(|block| block.lines());
    let shown = shown.filter_map(|line| line.strip_prefix("$ ")).filter(|line| line.starts_with("langop "));
    let prose = fences.iter().step_by(2).copied().collect::<String>();
    let inline = prose.split('`').skip(1).step_by(2).map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "));
    let inline = inline.filter(|code| code.starts_with("langop ") || code.starts_with("--"));
    shown.map(str::to_owned).chain(inline).collect()
}
