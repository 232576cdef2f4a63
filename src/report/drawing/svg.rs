//! A scene that was placed, as SVG: a document of its own, or a part of a page.

use maud::{Markup, PreEscaped, html};
use unicode_width::UnicodeWidthChar as _;

use super::STYLE;
use super::arrows::{Arrow, End};
use super::place::{HEIGHT, PADDING, Placed, Rect, TITLE, WIDTH, place};
use super::scene::{Node, Scene};
use crate::object::printable;
use crate::plan::Wait;

/// Columns of a name before its middle is left out.
const COLUMNS: usize = 26;

/// A file of its own.
#[must_use]
pub(in crate::report) fn document(scene: &Scene) -> String {
    let placed = place(scene);
    let content = html! { style { (PreEscaped(STYLE)) } (body(scene, &placed)) };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", frame(&placed, &content).into_string())
}

/// A part of a page, which has [`STYLE`].
#[must_use]
pub(in crate::report) fn inline(scene: &Scene) -> Markup {
    let placed = place(scene);
    frame(&placed, &body(scene, &placed))
}

fn frame(placed: &Placed, content: &Markup) -> Markup {
    let Placed { width, height, .. } = placed;
    // The arrowhead is drawn with each arrow: an id of a marker could be one of the page's.
    html! {
        svg.graph xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
            viewBox=(format_args!("0 0 {width} {height}")) role="group" aria-label="what waits for what" { (content) }
    }
}

fn body(scene: &Scene, placed: &Placed) -> Markup {
    html! {
        @for (panel, rect) in scene.panels.iter().zip(&placed.panels) {
            rect.panel x=(rect.x) y=(rect.y) width=(rect.width) height=(rect.height) rx="8" {}
            text.title x=(rect.x + PADDING) y=(rect.y + TITLE - 6) { (printable(&panel.title)) }
        }
        @for arrow in &scene.arrows { (drawn(scene, arrow, placed)) }
        @for (number, node) in scene.nodes.iter().enumerate() {
            @if let Some(rect) = placed.nodes.get(&number) { (linked(node, *rect)) }
        }
    }
}

fn linked(node: &Node, rect: Rect) -> Markup {
    html! {
        @if let Some(link) = &node.look.link { a href=(link) { (shape(node, rect)) } }
        @else { (shape(node, rect)) }
    }
}

fn shape(node: &Node, Rect { x, y, width, height }: Rect) -> Markup {
    let text = if node.look.mark.is_empty() { x + 14 } else { x + 28 };
    html! {
        g class={ "node " (node.look.class) } {
            title { (printable(&node.title)) }
            rect x=(x) y=(y) width=(width) height=(height) rx="4" {}
            @if !node.look.mark.is_empty() { text.mark x=(x + 14) y=(y + HEIGHT / 2 + 5) { (node.look.mark) } }
            text.kind x=(text) y=(y + 16) { (shown(&node.kind)) }
            text.name x=(text) y=(y + 31) { (shown(&node.name)) }
        }
    }
}

/// Text as wide as a node at the most.
fn shown(text: &str) -> String {
    let all: Vec<char> = printable(text).chars().collect();
    let width = |chars: &[char]| chars.iter().filter_map(|c| c.width()).sum::<usize>();
    if width(&all) <= COLUMNS {
        return all.into_iter().collect();
    }
    let half = COLUMNS / 2;
    let fits = |count: &usize| width(&all[..*count]) <= half;
    let fits_at_end = |count: &usize| width(&all[all.len() - *count..]) <= half;
    let first = (0..=half).rev().find(fits).unwrap_or_default();
    let last = (0..=half).rev().find(fits_at_end).unwrap_or_default();
    all[..first].iter().chain(&['…']).chain(&all[all.len() - last..]).collect()
}

fn drawn(scene: &Scene, arrow: &Arrow, placed: &Placed) -> Markup {
    let (Some(from), Some(to)) = (rect(arrow.from, placed), rect(arrow.to, placed)) else { return html! {} };
    let class = if arrow.wait == Wait::Exists { "arrow" } else { "arrow ready" };
    let until = match arrow.wait {
        Wait::Exists => "exists",
        Wait::Established => "is established",
        Wait::Ready => "is ready",
    };
    let title = format!("{} waits until {} {until}", name(scene, arrow.from), name(scene, arrow.to));
    let (way, head) = way(from, to);
    html! { path class=(class) d=(way) { title { (printable(&title)) } } path.head d=(head) {} }
}

/// From the right side of what waits to the left side of what it waits for, and the head of the arrow.
fn way(from: Rect, to: Rect) -> (String, String) {
    let (x, y) = (from.x + from.width, from.y + from.height.min(HEIGHT + 2 * TITLE) / 2);
    let (end_x, end_y) = (to.x, to.y + to.height.min(HEIGHT + 2 * TITLE) / 2);
    let bend = ((end_x - x) / 2).abs().clamp(24, WIDTH);
    let end_x = end_x - 1;
    let way = format!("M{x} {y}C{} {y} {} {end_y} {end_x} {end_y}", x + bend, end_x - bend);
    (way, format!("M{} {}l7 4l-7 4", end_x - 7, end_y - 4))
}

fn rect(end: End, placed: &Placed) -> Option<Rect> {
    match end.node {
        Some(node) => placed.nodes.get(&node).copied(),
        None => placed.panels.get(end.panel).copied(),
    }
}

fn name(scene: &Scene, end: End) -> &str {
    let node = end.node.and_then(|node| scene.nodes.get(node)).map(|node| node.title.as_str());
    node.or_else(|| Some(scene.panels.get(end.panel)?.title.as_str())).unwrap_or_default()
}
