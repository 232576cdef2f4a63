//! Where boxes and nodes stand. Whatever waits stands left of what it waits for; what nothing connects is laid out in
//! rows, as words are on a page. The same scene is placed the same each time.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use petgraph::stable_graph::StableDiGraph;
use rust_sugiyama::configure::Config;
use rust_sugiyama::from_graph;

use super::scene::{Panel, Scene};

/// Width of a node, in CSS pixels, as are all sizes here.
pub(super) const WIDTH: i32 = 226;
/// Height of a node.
pub(super) const HEIGHT: i32 = 40;
/// Between the edge of a box and what is in it.
pub(super) const PADDING: i32 = 16;
/// Height of the title of a box.
pub(super) const TITLE: i32 = 28;
/// Between nodes.
const GAP: i32 = 14;
/// Between layers, where the arrows run.
const LANE: i32 = 56;
/// Between boxes.
const STREET: i32 = 48;
/// More nodes than this are not put into the order with the fewest crossings: that takes too long.
const UNTANGLED: usize = 300;

/// A rectangle by its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    pub panels: Vec<Rect>,
    pub nodes: BTreeMap<usize, Rect>,
    pub width: i32,
    pub height: i32,
}

/// Things whose places among each other are known.
#[derive(Clone, Debug, Default)]
struct Block {
    nodes: Vec<(usize, i32, i32)>,
    width: i32,
    height: i32,
}

/// Places everything.
#[must_use]
pub(super) fn place(scene: &Scene) -> Placed {
    let inner: Vec<Block> = scene.panels.iter().map(|panel| panel_block(scene, panel)).collect();
    // What has no namespace is waited for, and stands at the right.
    let (last, namespaces): (Vec<usize>, Vec<usize>) =
        (0..inner.len()).partition(|&panel| scene.panels[panel].is_global);
    let sizes = |which: &[usize]| which.iter().map(|&one| (inner[one].width, inner[one].height)).collect::<Vec<_>>();
    let left = shelves(&sizes(&namespaces), STREET);
    let right = shelves(&sizes(&last), STREET);
    let from = if left.width == 0 { 0 } else { left.width + 2 * STREET };
    let mut placed = Placed { panels: vec![Rect::default(); inner.len()], ..Placed::default() };
    let corners = namespaces.iter().zip(&left.corners).map(|(panel, (x, y))| (*panel, *x, *y));
    for (panel, x, y) in corners.chain(last.iter().zip(&right.corners).map(|(panel, (x, y))| (*panel, x + from, *y))) {
        let block = &inner[panel];
        let (x, y) = (x + PADDING, y + PADDING);
        placed.panels[panel] = Rect { x, y, width: block.width, height: block.height };
        let nodes = block.nodes.iter();
        placed
            .nodes
            .extend(nodes.map(|(node, dx, dy)| (*node, Rect { x: x + dx, y: y + dy, width: WIDTH, height: HEIGHT })));
    }
    placed.width = from + right.width + 2 * PADDING;
    placed.height = left.height.max(right.height) + 2 * PADDING;
    placed
}

/// A box: its title, its frame, and below that its content.
fn panel_block(scene: &Scene, panel: &Panel) -> Block {
    let blocks = components(scene, panel);
    let sizes: Vec<_> = blocks.iter().map(|block| (block.width, block.height)).collect();
    let shelves = shelves(&sizes, GAP);
    let frame = (0..).zip(&panel.frame).map(|(at, node)| (*node, PADDING + at * (WIDTH + GAP), TITLE + PADDING));
    let frame: Vec<_> = frame.collect();
    let below = TITLE + PADDING + if frame.is_empty() { 0 } else { HEIGHT + PADDING };
    let content = blocks.iter().zip(&shelves.corners).flat_map(|(block, (x, y))| {
        block.nodes.iter().map(move |(node, dx, dy)| (*node, PADDING + x + dx, below + y + dy))
    });
    let across = i32::try_from(frame.len()).unwrap_or(1) * (WIDTH + GAP) - GAP;
    let height = below + if blocks.is_empty() { 0 } else { shelves.height + PADDING };
    Block {
        width: across.max(shelves.width).max(WIDTH) + 2 * PADDING,
        height,
        nodes: frame.iter().copied().chain(content).collect(),
    }
}

/// The parts of a box that no arrow connects, those of several nodes first.
fn components(scene: &Scene, panel: &Panel) -> Vec<Block> {
    let here: BTreeSet<usize> = panel.content.iter().copied().collect();
    let edges: Vec<(usize, usize)> = scene
        .arrows
        .iter()
        .filter_map(|arrow| Some((arrow.from.node?, arrow.to.node?)))
        .filter(|(from, to)| here.contains(from) && here.contains(to))
        .collect();
    let tied: BTreeSet<usize> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let alone = here.difference(&tied).map(|node| Block { nodes: vec![(*node, 0, 0)], width: WIDTH, height: HEIGHT });
    let mut blocks = layers(&tied, &edges);
    blocks.sort_by_key(|block| (-block.height, block.nodes.first().map(|(node, ..)| *node)));
    blocks.into_iter().chain(alone).collect()
}

/// Nodes in layers, a block for each part that hangs together.
fn layers(nodes: &BTreeSet<usize>, edges: &[(usize, usize)]) -> Vec<Block> {
    let mut graph = StableDiGraph::<usize, ()>::new();
    let places: BTreeMap<usize, NodeIndex> = nodes.iter().map(|node| (*node, graph.add_node(*node))).collect();
    for (from, to) in edges {
        graph.add_edge(places[from], places[to], ());
    }
    let config = Config { vertex_spacing: f64::from(GAP), transpose: nodes.len() <= UNTANGLED, ..Config::default() };
    // It lays out from top to bottom: width and height are exchanged.
    let size = |_: NodeIndex, _: &usize| (f64::from(HEIGHT), f64::from(WIDTH + LANE - GAP));
    let parts = from_graph(&graph, &size, &config).into_iter();
    let block = |part: Vec<(NodeIndex, (f64, f64))>| {
        let at = part.into_iter().filter_map(|(index, (y, x))| Some((*graph.node_weight(index)?, whole(x), whole(y))));
        Block::closed(at.collect())
    };
    parts.map(|(part, ..)| block(part)).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a place on a page; what is too large becomes the largest there is"
)]
fn whole(place: f64) -> i32 {
    place.round() as i32
}

impl Block {
    /// The block with its corner at nought. The nodes come in the order of a hash map.
    fn closed(mut nodes: Vec<(usize, i32, i32)>) -> Self {
        nodes.sort_unstable();
        let left = nodes.iter().map(|(_, x, _)| *x).min().unwrap_or_default();
        let top = nodes.iter().map(|(.., y)| *y).min().unwrap_or_default();
        for (_, x, y) in &mut nodes {
            (*x, *y) = (*x - left, *y - top);
        }
        let width = nodes.iter().map(|(_, x, _)| x + WIDTH).max().unwrap_or_default();
        let height = nodes.iter().map(|(.., y)| y + HEIGHT).max().unwrap_or_default();
        Self { nodes, width, height }
    }
}

/// Rectangles in rows.
#[derive(Default)]
struct Shelves {
    corners: Vec<(i32, i32)>,
    width: i32,
    height: i32,
}

/// Puts rectangles in rows of about one width, so that the whole is somewhat wider than high.
fn shelves(sizes: &[(i32, i32)], gap: i32) -> Shelves {
    let area: f64 = sizes.iter().map(|(width, height)| f64::from(width + gap) * f64::from(height + gap)).sum();
    let widest = sizes.iter().map(|(width, _)| *width).max().unwrap_or_default();
    let room = widest.max(whole((area * 1.8).sqrt()));
    let mut shelves = Shelves::default();
    let (mut x, mut y, mut row) = (0, 0, 0);
    for (width, height) in sizes {
        if x > 0 && x + width > room {
            (x, y, row) = (0, y + row + gap, 0);
        }
        shelves.corners.push((x, y));
        shelves.width = shelves.width.max(x + width);
        row = row.max(*height);
        shelves.height = shelves.height.max(y + row);
        x += width + gap;
    }
    shelves
}
