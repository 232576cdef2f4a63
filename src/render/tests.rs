//! Laws of the whole: what holds for every object of every stack.

use proptest::prelude::*;

use super::fixture::{rendered, stack, text};
use super::{Target, render};
use crate::object::{Lifecycle, Manifest, labels};

const QUICKSTART: &str = include_str!("../../examples/quickstart.toml");
const PRODUCTION: &str = include_str!("../../examples/production-agents.toml");
const ISOLATION: &str = include_str!("../../examples/network-isolation.toml");
const DNS: &str = include_str!("../../examples/dns-egress.toml");

/// An example on a target that has what it needs, its variable put in.
fn example(text: &str) -> Vec<Manifest> {
    let stack = stack(&text.replace("${var.domain}", "agents.example.com"));
    render(&stack, &Target::assumed(&stack))
}

fn own(manifests: &[Manifest]) -> impl Iterator<Item = &Manifest> {
    manifests.iter().filter(|one| one.lifecycle != Lifecycle::Shared)
}

#[test]
fn a_minimal_cluster_is_a_namespace_with_a_gateway() {
    let manifests = rendered("stack = 's'\nclusters.dev = {}");
    let names: Vec<_> = own(&manifests).map(|one| format!("{}/{}", one.reference.kind, one.reference.name)).collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn the_quickstart_whole() {
    insta::assert_snapshot!(text(&example(QUICKSTART)));
}

#[test]
fn the_production_example_whole() {
    insta::assert_snapshot!(text(&example(PRODUCTION)));
}

#[test]
fn the_isolation_example_whole() {
    insta::assert_snapshot!(text(&example(ISOLATION)));
}

#[test]
fn all_but_the_cluster_itself_belong_to_the_cluster_and_only_the_namespace_is_controlled() {
    for text in [QUICKSTART, PRODUCTION, ISOLATION, DNS] {
        for one in own(&example(text)) {
            let controller = one.owners.iter().any(|owner| owner.controller);
            assert_eq!(controller, one.reference.kind == "Namespace", "{}", one.reference);
            let owners: Vec<_> = one.owners.iter().map(|owner| owner.object.kind.as_str()).collect();
            let expected: &[&str] = if one.reference.kind == "LanguageCluster" { &[] } else { &["LanguageCluster"] };
            assert_eq!(owners, expected, "{}", one.reference);
        }
    }
}

#[test]
fn every_object_carries_all_labels() {
    let wanted = [
        labels::NAME,
        labels::COMPONENT,
        labels::PART_OF,
        labels::MANAGED_BY,
        labels::KIND,
        labels::CLUSTER,
        labels::STACK,
    ];
    for text in [QUICKSTART, PRODUCTION, ISOLATION, DNS] {
        for one in own(&example(text)) {
            for label in wanted {
                let value = one.object.pointer("/metadata/labels").and_then(|all| all.get(label)?.as_str());
                assert!(value.is_some_and(|value| !value.is_empty()), "{} has no {label}", one.reference);
            }
        }
    }
}

#[test]
fn definitions_carry_the_number_of_their_schema_and_belong_to_no_stack() {
    let manifests = rendered("stack = 's'\nclusters.dev = {}");
    let shared: Vec<_> = manifests.iter().filter(|one| one.lifecycle == Lifecycle::Shared).collect();
    assert_eq!(shared.len(), 5);
    for one in shared {
        assert_eq!(one.annotation(labels::SCHEMA), Some("1"));
        assert_eq!(one.object["metadata"]["labels"], serde_json::json!({ labels::MANAGED_BY: "langop" }));
        assert!(one.owners.is_empty());
    }
}

#[test]
fn a_stack_of_nothing_is_nothing() {
    assert!(render(&stack("stack = 's'"), &Target::default()).is_empty());
}

/// Bytes of everything, in order.
fn bytes(manifests: &[Manifest]) -> String {
    manifests.iter().map(|one| format!("{one:?}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rendering_twice_gives_the_same_bytes(
        models in prop::collection::btree_set("[a-z]{1,6}", 0..6),
        replicas in 0..4,
        cilium in any::<bool>(),
        cpu in prop::option::of(1..64),
    ) {
        let mut description = format!("stack = 's'\n[clusters.dev.gateway.deployment]\nreplicas = {replicas}\n");
        if let Some(cpu) = cpu {
            description += &format!("[clusters.dev.capacity]\nmaxCPU = '{cpu}'\n");
        }
        for name in &models {
            description += &format!(
                "[models.{name}]\nprovider = 'openai'\nmodelName = '{name}'\napiKeySecretRef = {{ name = '{name}' }}\n"
            );
        }
        let target = Target { cilium, ..Target::default() };
        let (one, two) = (render(&stack(&description), &target), render(&stack(&description), &target));
        prop_assert_eq!(bytes(&one), bytes(&two));
        prop_assert!(one.windows(2).all(|pair| pair[0].reference < pair[1].reference));
    }
}
