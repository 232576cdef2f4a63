//! Laws of the whole: what holds for every object of every stack.

use super::fixture::{rendered, stack, text};
use super::{render, yaml_text};
use crate::object::Lifecycle;

#[test]
fn tmp_dump() {
    for entry in std::fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("${var.domain}", "agents.example.com");
        let stack = stack(&text);
        let dir = format!("/tmp/rt/{name}");
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        for (i, m) in render(&stack, &super::Target::assumed(&stack)).iter().enumerate() {
            std::fs::write(
                format!("{dir}/{i:02}-{}-{}.yaml", m.reference.kind, m.reference.name),
                yaml_text(&m.object),
            )
            .unwrap();
        }
    }
}

#[test]
fn a_minimal_cluster_is_a_namespace_with_a_gateway() {
    let manifests = rendered("clusters.dev = {}");
    let names: Vec<_> = manifests
        .iter()
        .filter(|one| one.lifecycle != Lifecycle::Shared)
        .map(|one| format!("{}/{}", one.reference.kind, one.reference.name))
        .collect();
    insta::assert_snapshot!(names.join("\n"), @"");
}

#[test]
fn the_quickstart_whole() {
    insta::assert_snapshot!(text(&rendered(include_str!("../../examples/quickstart.toml"))));
}
