//! The order of objects: who comes before whom, and why. Knows nothing of what the objects are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use petgraph::Direction;
use petgraph::algo::{astar, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};

use super::dependency::{Dependency, Wait};
use crate::object::ObjectRef;

/// Objects and what each waits for, without cycles.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// Edges lead from an object to what it waits for. Nodes are numbered in the order of [`ObjectRef`].
    dag: DiGraph<ObjectRef, ()>,
    nodes: BTreeMap<ObjectRef, NodeIndex>,
    edges: BTreeMap<ObjectRef, Vec<Dependency>>,
    order: Vec<ObjectRef>,
}

/// One step of an explanation: this object waits for that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Who waits.
    pub object: ObjectRef,
    /// For what, and why.
    pub dependency: Dependency,
}

/// Objects that wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("objects wait for each other: {}", chain(steps))]
pub(crate) struct Cycle {
    /// Each step's dependency is the next step's object; the last one's is the first.
    pub steps: Vec<Step>,
}

impl Graph {
    /// A graph of these objects. Edges to and from other objects are left out: what is not in the set is
    /// not waited for.
    ///
    /// # Errors
    /// The shortest cycle through the first object that is in one.
    pub(crate) fn new(
        nodes: impl IntoIterator<Item = ObjectRef>,
        edges: BTreeMap<ObjectRef, Vec<Dependency>>,
    ) -> Result<Self, Cycle> {
        let names: BTreeSet<ObjectRef> = nodes.into_iter().collect();
        let edges: BTreeMap<_, _> = edges
            .into_iter()
            .filter(|(object, _)| names.contains(object))
            .map(|(object, needs)| (object, one_each(needs, &names)))
            .collect();
        let mut dag = DiGraph::new();
        let nodes: BTreeMap<_, _> = names.into_iter().map(|object| (object.clone(), dag.add_node(object))).collect();
        for (object, needs) in &edges {
            for need in needs {
                dag.add_edge(nodes[object], nodes[&need.on], ());
            }
        }
        let mut graph = Self { order: topological(&dag), dag, nodes, edges };
        if graph.order.len() < graph.nodes.len() {
            return Err(graph.cycle());
        }
        graph.order.shrink_to_fit();
        Ok(graph)
    }

    /// A graph of edges that come from records of different runs: where they form a cycle, one edge of it
    /// is dropped, because an order that is not quite right beats none.
    #[must_use]
    pub(crate) fn breaking_cycles(
        nodes: impl IntoIterator<Item = ObjectRef>,
        mut edges: BTreeMap<ObjectRef, Vec<Dependency>>,
    ) -> Self {
        let nodes: Vec<ObjectRef> = nodes.into_iter().collect();
        loop {
            match Self::new(nodes.iter().cloned(), edges.clone()) {
                Ok(graph) => return graph,
                Err(cycle) => match cycle.steps.last() {
                    Some(step) => forget(&mut edges, step),
                    None => edges.clear(),
                },
            }
        }
    }

    /// All objects, each after everything it waits for, ties in the order of [`ObjectRef`].
    #[must_use]
    pub(crate) fn order(&self) -> &[ObjectRef] {
        &self.order
    }

    /// What an object waits for, in the order of [`ObjectRef`].
    #[must_use]
    pub(crate) fn dependencies(&self, of: &ObjectRef) -> &[Dependency] {
        self.edges.get(of).map_or(&[], Vec::as_slice)
    }

    fn shortest(&self, start: NodeIndex, goal: NodeIndex) -> Option<Vec<NodeIndex>> {
        let way = astar(&self.dag, start, |node| node == goal, |_| 1_usize, |_| 0);
        way.map(|(_, way)| way)
    }

    fn steps(&self, way: &[NodeIndex]) -> Vec<Step> {
        let step = |pair: &[NodeIndex]| {
            let [from, to] = *pair else { return None };
            let (object, on) = (&self.dag[from], &self.dag[to]);
            let mut needs = self.dependencies(object).iter();
            Some(Step { object: object.clone(), dependency: needs.find(|need| need.on == *on)?.clone() })
        };
        way.windows(2).filter_map(step).collect()
    }

    fn cycle(&self) -> Cycle {
        let knots = tarjan_scc(&self.dag);
        let in_cycle =
            |knot: &&Vec<NodeIndex>| knot.len() > 1 || knot.iter().any(|&node| self.dag.contains_edge(node, node));
        let first = knots.iter().filter(in_cycle).flatten().min().copied();
        let ways_round = |first: NodeIndex| {
            let next = self.dag.neighbors(first);
            let back = next.filter_map(move |next| self.shortest(next, first));
            back.map(move |back| -> Vec<_> { [first].into_iter().chain(back).collect() })
        };
        let mut ways: Vec<Vec<NodeIndex>> = first.into_iter().flat_map(ways_round).collect();
        ways.sort_by_key(|way| (way.len(), way.clone()));
        let shortest = ways.first().map_or(&[][..], Vec::as_slice);
        Cycle { steps: self.steps(shortest) }
    }
}

/// One edge for each object waited for: the strongest wait, and the first of its reasons.
fn one_each(needs: Vec<Dependency>, nodes: &BTreeSet<ObjectRef>) -> Vec<Dependency> {
    let mut strongest: BTreeMap<ObjectRef, Dependency> = BTreeMap::new();
    for need in needs {
        let known = strongest.get(&need.on).map(|known| known.wait);
        if nodes.contains(&need.on) && known.is_none_or(|known| known < need.wait) {
            strongest.insert(need.on.clone(), need);
        }
    }
    strongest.into_values().collect()
}

fn forget(edges: &mut BTreeMap<ObjectRef, Vec<Dependency>>, step: &Step) {
    if let Some(needs) = edges.get_mut(&step.object) {
        needs.retain(|need| need.on != step.dependency.on);
    }
}

/// Kahn's order with the smallest object first among those that are free. Shorter than the graph when
/// there is a cycle.
fn topological(dag: &DiGraph<ObjectRef, ()>) -> Vec<ObjectRef> {
    let mut open: Vec<usize> = dag.node_indices().map(|node| dag.neighbors(node).count()).collect();
    let free = dag.node_indices().filter(|node| open[node.index()] == 0);
    let mut free: BTreeSet<NodeIndex> = free.collect();
    let mut order = Vec::with_capacity(dag.node_count());
    while let Some(node) = free.pop_first() {
        order.push(dag[node].clone());
        for waiting in dag.neighbors_directed(node, Direction::Incoming) {
            open[waiting.index()] -= 1;
            if open[waiting.index()] == 0 {
                free.insert(waiting);
            }
        }
    }
    order
}

fn chain(steps: &[Step]) -> String {
    let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
    steps.join(", ")
}

/// "`ConfigMap/a in x` waits for `Secret/b in x` (data.key)".
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Dependency { on, wait, why } = &self.dependency;
        let until = match wait {
            Wait::Exists => "",
            Wait::Established => " to be established",
            Wait::Ready => " to be ready",
        };
        write!(f, "`{}` waits for `{on}`{until} ({why})", self.object)
    }
}
