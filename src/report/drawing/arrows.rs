//! Which arrows are drawn: none that a box or other arrows say already.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::toposort;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::DiGraph;

use crate::plan::Wait;

/// An arrow, which points at what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub from: End,
    pub to: End,
    /// Until when, for what waits longest.
    pub wait: Wait,
}

/// Where an arrow ends: at a node, or at the box itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub panel: usize,
    pub node: Option<usize>,
}

/// The arrows of all edges. From one box to another, the box waits as a whole.
pub(super) fn arrows(edges: impl Iterator<Item = (End, End, Wait)>) -> BTreeSet<Arrow> {
    let mut waits: BTreeMap<(End, End), Wait> = BTreeMap::new();
    for (from, to, wait) in edges {
        let from = if from.panel == to.panel { from } else { End { node: None, ..from } };
        let is_said = from.panel == to.panel && (from.node.is_none() || to.node.is_none() || from == to);
        if !is_said {
            let known = waits.entry((from, to)).or_insert(wait);
            *known = wait.max(*known);
        }
    }
    let kept = not_implied(waits.keys().filter_map(|(from, to)| Some((from.node?, to.node?))).collect());
    let is_drawn = |(from, to): &(End, End)| match (from.node, to.node) {
        (Some(from), Some(to)) => kept.contains(&(from, to)),
        _ => true,
    };
    waits.into_iter().filter(|(ends, _)| is_drawn(ends)).map(|((from, to), wait)| Arrow { from, to, wait }).collect()
}

/// The edges that say something which no way along the others does; all of them when they go in a circle.
fn not_implied(edges: BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    let names: BTreeSet<usize> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let names: Vec<usize> = names.into_iter().collect();
    let mut graph = DiGraph::<(), (), u32>::new();
    let nodes: BTreeMap<usize, _> = names.iter().map(|name| (*name, graph.add_node(()))).collect();
    for (from, to) in &edges {
        graph.add_edge(nodes[from], nodes[to], ());
    }
    let Ok(order) = toposort(&graph, None) else { return edges };
    let (list, _) = dag_to_toposorted_adjacency_list::<_, u32>(&graph, &order);
    let (reduced, _) = dag_transitive_reduction_closure(&list);
    let name = |place: u32| order.get(place as usize).and_then(|node| names.get(node.index())).copied();
    let all = reduced.edge_indices().filter_map(|edge| reduced.edge_endpoints(edge));
    all.filter_map(|(from, to)| Some((name(from)?, name(to)?))).collect()
}
