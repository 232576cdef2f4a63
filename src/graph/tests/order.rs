//! The laws of the order.

use proptest::prelude::*;

use super::super::*;

fn node(name: usize) -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", "x", &format!("n{name:02}"))
}

fn need(on: usize, wait: Wait) -> Dependency {
    Dependency { on: node(on), wait, why: format!("data.n{on:02}") }
}

#[test]
fn a_cycle_is_named_with_its_reasons() {
    let edges = BTreeMap::from([
        (node(0), vec![need(1, Wait::Exists)]),
        (node(1), vec![need(2, Wait::Ready), need(3, Wait::Exists)]),
        (node(2), vec![need(1, Wait::Exists)]),
        (node(3), vec![need(0, Wait::Exists), need(1, Wait::Exists)]),
    ]);
    let error = Graph::new((0..4).map(node), edges.clone()).unwrap_err();
    insta::assert_snapshot!(error, @r"objects wait for each other: `ConfigMap/n00 in x` waits for `ConfigMap/n01 in x` (data.n01), `ConfigMap/n01 in x` waits for `ConfigMap/n03 in x` (data.n03), `ConfigMap/n03 in x` waits for `ConfigMap/n00 in x` (data.n00)");
    let graph = Graph::breaking_cycles((0..4).map(node), edges);
    assert_eq!(graph.order().len(), 4);
}

#[test]
fn an_object_that_waits_for_itself_is_a_cycle() {
    let edges = BTreeMap::from([(node(0), vec![need(0, Wait::Exists)])]);
    assert_eq!(Graph::new([node(0)], edges).unwrap_err().steps.len(), 1);
}

proptest! {
    /// Edges from later to earlier numbers of a shuffled naming: acyclic, and not in the order of names.
    #[test]
    fn the_order_respects_every_edge_and_is_always_the_same(
        pairs in proptest::collection::vec((0_usize..20, 0_usize..20), 0..60),
        names in Just((0..20).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let mut edges: BTreeMap<ObjectRef, Vec<Dependency>> = BTreeMap::new();
        for (a, b) in pairs.iter().filter(|(a, b)| a != b) {
            let from = node(names[*a.max(b)]);
            edges.entry(from).or_default().push(need(names[*a.min(b)], Wait::Exists));
        }
        let graph = Graph::new((0..20).map(node), edges.clone()).unwrap();
        let order = graph.order();
        prop_assert_eq!(order.len(), 20);
        let place = |object: &ObjectRef| order.iter().position(|other| other == object).unwrap();
        for (object, needs) in &edges {
            for need in needs {
                prop_assert!(place(&need.on) < place(object));
            }
        }
        for needs in edges.values_mut() {
            needs.reverse();
        }
        let again = Graph::new((0..20).rev().map(node), edges).unwrap();
        prop_assert_eq!(again.order(), order);
    }

    #[test]
    fn any_edges_at_all_get_an_order(
        pairs in proptest::collection::vec((0_usize..8, 0_usize..8), 0..30),
    ) {
        let mut edges: BTreeMap<ObjectRef, Vec<Dependency>> = BTreeMap::new();
        for (a, b) in pairs {
            edges.entry(node(a)).or_default().push(need(b, Wait::Exists));
        }
        if let Err(cycle) = Graph::new((0..8).map(node), edges.clone()) {
            let ends = cycle.steps.iter().map(|step| &step.dependency.on);
            let starts = cycle.steps.iter().map(|step| &step.object).skip(1);
            prop_assert!(ends.zip(starts.chain(&[cycle.steps[0].object.clone()])).all(|(end, start)| end == start));
        }
        let graph = Graph::breaking_cycles((0..8).map(node), edges);
        prop_assert_eq!(graph.order().len(), 8);
    }
}
