//! The layers of the architecture: what stands lower in the list may not be used by what stands above it, and no
//! files use each other in a circle.

mod source;
mod tests;
mod uses;

use std::path::{Path, PathBuf};

use self::uses::{circles, uses};
use crate::bench::repository;

/// From the ground up (`src/lib.rs`). `dev` stands beside them: it uses none, and only `error` and `cli` use it.
const LAYERS: [&str; 20] = [
    "object",
    "api",
    "stack",
    "render",
    "rbac",
    "reach",
    "graph",
    "diff",
    "import",
    "quota",
    "readiness",
    "plan",
    "cluster",
    "state",
    "apply",
    "ops",
    "report",
    "exit",
    "error",
    "cli",
];

/// The Rust files below a folder.
pub fn sources(folder: &Path) -> Vec<PathBuf> {
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

/// The layer of a file below `src`: its folder, or itself.
fn layer(file: &Path) -> &str {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Whether the architecture lets one layer use the other.
fn may_use(layer: &str, other: &str) -> bool {
    let place = |layer: &str| LAYERS.iter().position(|known| *known == layer);
    match (place(layer), place(other)) {
        (Some(own), Some(other)) => other <= own,
        (Some(_), None) => other == "dev" && matches!(layer, "error" | "cli"),
        (None, _) => layer == other || matches!(layer, "lib" | "main"),
    }
}

#[test]
fn no_layer_uses_one_that_stands_below_it_in_the_list() {
    let all = uses(&repository("src/lib.rs"));
    assert!(all.len() > 500, "the finder finds too little: {}", all.len());
    let forbidden: Vec<_> = all.iter().filter(|found| !may_use(layer(&found.by), layer(&found.of))).collect();
    assert!(forbidden.is_empty(), "{forbidden:#?}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let all = uses(&repository("src/lib.rs"));
    let described = circles(&all).into_iter().map(|circle| {
        let within = all.iter().filter(|found| circle.contains(&*found.by) && circle.contains(&*found.of));
        let lines =
            within.map(|found| format!("  {} → {} by `{}`", found.by.display(), found.of.display(), found.path));
        lines.collect::<Vec<_>>().join("\n")
    });
    let described: Vec<_> = described.collect();
    assert!(described.is_empty(), "{} circles:\n\n{}", described.len(), described.join("\n\n"));
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
fn nothing_reads_a_value_of_a_secret_but_for_keys_that_need_one() {
    let mut readers: Vec<_> = sources(&repository("src"))
        .into_iter()
        .filter(|path| std::fs::read_to_string(path).unwrap().contains(".secret_value("))
        .collect();
    readers.sort();
    let own = [
        // Keys of agents are made from the gateway's, and a rotation copies it.
        "src/apply/derived.rs",
        "src/ops/gateway/check/pod.rs",
        // A key that pods still name is written as it is.
        "src/ops/kept_keys.rs",
        // What is gone back to keeps the values that are there.
        "src/ops/rollback.rs",
        "src/state/key_secret.rs",
    ];
    assert_eq!(readers, own.map(repository));
}
