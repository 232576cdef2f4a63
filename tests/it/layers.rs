//! The layers of the architecture: what stands lower in the list may not be used by what stands above it.

use std::path::{Path, PathBuf};

use crate::bench::repository;

/// From the ground up (`src/lib.rs`). `dev` stands beside them: it uses none, and only `cli` uses it.
const LAYERS: [&str; 16] = [
    "object",
    "api",
    "stack",
    "render",
    "reach",
    "graph",
    "diff",
    "quota",
    "readiness",
    "plan",
    "cluster",
    "state",
    "apply",
    "ops",
    "report",
    "cli",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The layers that a line refers to by `crate::…`.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::").map(move |(at, found)| {
        let rest = &code[at + found.len()..];
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
    })
}

#[test]
fn no_layer_uses_one_that_stands_below_it_in_the_list() {
    let place = |layer: &str| LAYERS.iter().position(|known| *known == layer);
    let mut forbidden = Vec::new();
    for layer in LAYERS.iter().chain(["dev"].iter()) {
        for path in sources(&repository("src").join(layer)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let wrong = named(line).any(|used| match (place(layer), place(used)) {
                    (Some(own), Some(used)) => used > own,
                    (Some(_), None) => used == "dev" && *layer != "cli",
                    (None, used) => used.is_some(),
                });
                if wrong {
                    forbidden.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(forbidden.is_empty(), "{forbidden:#?}");
}

#[test]
fn only_the_cluster_layer_names_the_kubernetes_client() {
    let named: Vec<_> = sources(&repository("src"))
        .into_iter()
        .filter(|path| !path.starts_with(repository("src/cluster")))
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("kube::Client"))
        .collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn only_check_reads_a_value_of_a_secret() {
    let readers: Vec<_> = sources(&repository("src"))
        .into_iter()
        .filter(|path| std::fs::read_to_string(path).unwrap().contains(".secret_value("))
        .collect();
    assert_eq!(readers, [repository("src/ops/gateway/check/pod.rs")]);
}
