//! No input makes langop panic, and no mistake shows a secret: random bytes, random syntax, valid
//! files with random damage, nesting without end.

use std::path::PathBuf;

use langop::stack::diagnostic::render;
use langop::stack::{LoadRequest, load};
use proptest::prelude::*;

const VALID: [&str; 3] = [
    include_str!("../valid/everything.toml"),
    include_str!("../valid/everything.yaml"),
    include_str!("../valid/documents.yaml"),
];

/// Everything that is said about a text, in both renderings and as JSON.
fn said(text: impl Into<Vec<u8>>) -> String {
    let request = LoadRequest {
        paths: vec![PathBuf::from("-")],
        stdin: Some(text.into()),
        variables: vec![("domain".to_owned(), "${var.x}".to_owned())],
        ..LoadRequest::default()
    };
    let (diagnostics, files) = match load(&request) {
        Ok(loaded) => (loaded.warnings, loaded.files),
        Err(invalid) => (invalid.diagnostics, invalid.files),
    };
    let findings: Vec<_> = diagnostics.iter().map(|d| d.finding(&files)).collect();
    let json = serde_json::to_string(&findings).expect("findings are JSON");
    render(&diagnostics, &files, true) + &render(&diagnostics, &files, false) + &json
}

/// Words that mean something somewhere, and characters that are hard on someone.
const WORDS: [&str; 44] = [
    "stack",
    "clusters",
    "models",
    "secrets",
    "variables",
    "prod",
    "apiVersion",
    "kind",
    "Secret",
    "data",
    "metadata",
    "name",
    "items",
    "List",
    "${var.x}",
    "$${",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    ": ",
    "- ",
    "= ",
    "\n",
    "\r\n",
    "  ",
    "\t",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "|",
    ">",
    "&a",
    "*a",
    "<<",
    "---\n",
    "...\n",
    "é🦀",
    "\u{feff}",
    "99999999999999999999",
    ".inf",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        said(bytes);
    }

    #[test]
    fn random_text(text in "\\PC{0,200}", yaml in any::<bool>()) {
        said(if yaml { format!("---\n{text}") } else { format!("stack = 't'\n{text}") });
    }

    #[test]
    fn random_syntax(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..60), yaml in any::<bool>()) {
        let text = words.concat();
        said(if yaml { format!("---\n{text}") } else { format!("stack = 't'\n{text}") });
    }

    #[test]
    fn damaged_files(
        which in 0..VALID.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..20_usize, proptest::sample::select(&WORDS[..])), 1..6),
    ) {
        let mut text = VALID[which].to_owned();
        for (at, length, word) in cuts {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, word);
        }
        said(text);
    }
}

#[test]
fn nesting_has_an_end() {
    for depth in [10, 60, 70, 300, 20_000] {
        for (open, close) in [("[", "]"), ("{a=", "}"), ("{a.a.a.a.a.a.a.a=", "}"), ("{ ] ", "}")] {
            said(format!("stack='t'\nclusters = {}1{}", open.repeat(depth), close.repeat(depth)));
        }
        said(format!("stack='t'\n[{}a]\nb=1", "a.".repeat(depth)));
        said(format!("stack='t'\n{}a = 1", "a.".repeat(depth)));
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("&a [", "]")] {
            said(format!("---\n{}1{}", open.repeat(depth), close.repeat(depth)));
        }
        let mut block = String::new();
        for level in 0..depth.min(2000) {
            block.push_str(&" ".repeat(level));
            block.push_str("a:\n");
        }
        said(format!("---\n{block}"));
    }
}

#[test]
fn large_files_of_mistakes_are_read_to_their_end() {
    let keys: String = (0..60_000).fold(String::new(), |text, n| text + &format!("key{n} = 1\n"));
    assert!(said(format!("stack = 't'\n[clusters.a]\n{keys}")).contains("more mistakes"));
    let list = "{name: A, value: 1}, ".repeat(60_000);
    let env = format!("---\nclusters: {{a: {{gateway: {{deployment: {{env: [{list}]}}}}}}}}");
    assert!(said(env).contains("more mistakes"));
    said("= [\n".repeat(300_000));
    said("[a]\n".repeat(300_000));
    said(format!("---\n{}", "a: &a b\n".repeat(200_000)));
}

#[test]
fn variables_do_not_unfold_without_end() {
    let long = "x".repeat(100_000);
    let uses = "'${var.a}${var.a}${var.a}${var.a}${var.a}${var.a}${var.a}${var.a}',".repeat(2000);
    let text = format!("stack='t'\n[variables]\na = {{ default = '{long}' }}\n[models.a]\naliases = [{uses}]\n");
    assert!(said(text).contains("too-big"));
}

/// A Secret with every single damage that syntax can do to it.
#[test]
fn a_damaged_secret_is_not_shown() {
    let files = [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  api-key: hunter2\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {api-key: hunter2, b: [hunter2]}\n",
        "stack = 't'\n[clusters.a]\n[secrets.a]\nfromEnv = { api-key = 'hunter2-' }\n",
        "stack = 't'\n[clusters.a]\n[models.a]\napiKey = 'hunter2'\n",
    ];
    for file in files {
        for at in 0..file.len() {
            assert!(!said(&file[..at]).contains("hunter2"), "cut at {at}:\n{file}");
            for damage in ["\"", "'", "[", "}", ":", "&", "*", "!", "|", "#", "%", "\t", "\n", "="] {
                let mut text = file.to_owned();
                text.insert_str(at, damage);
                let said = said(text.as_str());
                assert!(!said.contains("hunter2"), "{damage:?} at {at}:\n{text}\n{said}");
            }
        }
    }
}
