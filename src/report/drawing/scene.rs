//! From objects and what they wait for to boxes, nodes and arrows.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::{Arrow, End, arrows};
use crate::object::ObjectRef;
use crate::object::names::CLUSTER_KIND;
use crate::plan::Dependency;

/// An object that is to be drawn.
#[derive(Clone, Debug)]
pub(in crate::report) struct Subject<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What it waits for.
    pub depends_on: &'a [Dependency],
    /// How it is shown.
    pub look: Look,
}

/// How a node is shown beyond its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Look {
    /// A sign at its edge, which says what its colour says.
    pub mark: &'static str,
    /// Its class in the style sheet.
    pub class: &'static str,
    /// What it leads to: `#o12`.
    pub link: Option<String>,
}

/// What is drawn.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Scene {
    pub(super) panels: Vec<Panel>,
    pub(super) nodes: Vec<Node>,
    pub(super) arrows: BTreeSet<Arrow>,
}

/// The box of a namespace, or of what has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    pub title: String,
    /// Whether it is the one of what has no namespace.
    pub is_global: bool,
    /// The nodes that all others in it wait for: its namespace, and the cluster that this belongs to.
    pub frame: Vec<usize>,
    /// The other nodes.
    pub content: Vec<usize>,
}

/// An object, or all objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub kind: String,
    pub name: String,
    /// All that there is to say, for whoever points at it.
    pub title: String,
    pub look: Look,
}

/// Where objects stand: first those without a namespace, since they are what others wait for.
type Places<'a> = BTreeMap<Option<&'a str>, Vec<&'a ObjectRef>>;

impl Scene {
    /// Every object a node, those that others wait for and the stack does not have among them.
    #[must_use]
    pub(in crate::report) fn of_objects(subjects: &[Subject<'_>]) -> Self {
        let known = known(subjects);
        let others = subjects.iter().flat_map(|one| one.depends_on).map(|edge| &edge.on);
        let all = known.keys().copied().chain(others).collect();
        let node = |object| (Node::of_object(object, known.get(object).copied()), vec![object]);
        Self::of(subjects, &all, |objects| objects.iter().map(|object| node(*object)).collect())
    }

    /// All objects of a kind in a box one node, with how many they are; `look` is told which objects it stands for.
    #[must_use]
    pub(in crate::report) fn of_kinds(subjects: &[Subject<'_>], look: impl Fn(&[&ObjectRef]) -> Look) -> Self {
        let all = subjects.iter().map(|one| one.object).collect();
        Self::of(subjects, &all, |objects| {
            let mut kinds: BTreeMap<&str, Vec<&ObjectRef>> = BTreeMap::new();
            for object in objects {
                kinds.entry(&object.kind).or_default().push(object);
            }
            kinds
                .into_iter()
                .map(|(kind, members)| (Node::of_kind(kind, members.len(), look(&members)), members))
                .collect()
        })
    }

    /// `cells` says which nodes a part of a box has, and which objects each of them stands for.
    fn of<'a>(
        subjects: &[Subject<'a>],
        all: &BTreeSet<&'a ObjectRef>,
        cells: impl Fn(&[&'a ObjectRef]) -> Vec<(Node, Vec<&'a ObjectRef>)>,
    ) -> Self {
        let mut scene = Self::default();
        let mut ends = BTreeMap::new();
        for (namespace, objects) in places(all) {
            let at = scene.panels.len();
            let (frame, content): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| namespace.is_some() && object.namespace.is_none());
            let mut add = |objects: &[&'a ObjectRef], is_content: bool| -> Vec<usize> {
                let cells = cells(objects).into_iter();
                let number = |(node, members): (Node, Vec<&'a ObjectRef>)| {
                    let number = scene.add(node);
                    let end = End { panel: at, node: is_content.then_some(number) };
                    ends.extend(members.into_iter().map(|member| (member, end)));
                    number
                };
                cells.map(number).collect()
            };
            let (frame, content) = (add(&frame, false), add(&content, true));
            scene.panels.push(Panel::new(namespace, frame, content));
        }
        let edges = subjects.iter().flat_map(|one| one.depends_on.iter().map(move |edge| (one.object, edge)));
        let ends = |(from, edge): (&ObjectRef, &Dependency)| Some((*ends.get(from)?, *ends.get(&edge.on)?, edge.wait));
        scene.arrows = arrows(edges.filter_map(ends));
        scene
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

impl Panel {
    fn new(namespace: Option<&str>, frame: Vec<usize>, content: Vec<usize>) -> Self {
        let title = namespace.unwrap_or("without a namespace").to_owned();
        Self { title, is_global: namespace.is_none(), frame, content }
    }
}

impl Node {
    fn of_object(object: &ObjectRef, subject: Option<&Subject<'_>>) -> Self {
        let outside = Look { class: "outside", ..Look::default() };
        let note = if subject.is_some() { "" } else { ", not of this stack" };
        Self {
            kind: object.kind.to_string(),
            name: object.name.to_string(),
            title: format!("{object}{note}"),
            look: subject.map_or(outside, |subject| subject.look.clone()),
        }
    }

    fn of_kind(kind: &str, count: usize, look: Look) -> Self {
        Self { kind: kind.to_owned(), name: format!("× {count}"), title: format!("{count} × {kind}"), look }
    }
}

fn known<'s, 'a>(subjects: &'s [Subject<'a>]) -> BTreeMap<&'a ObjectRef, &'s Subject<'a>> {
    subjects.iter().map(|one| (one.object, one)).collect()
}

/// The objects of each box. That of a namespace has the namespace itself and the cluster of its name, too.
fn places<'a>(all: &BTreeSet<&'a ObjectRef>) -> Places<'a> {
    let namespaces: BTreeSet<&str> = all.iter().filter_map(|object| object.namespace.as_deref()).collect();
    let mut places = Places::new();
    for object in all {
        let is_frame = object.is("", "Namespace") || object.is_custom() && &*object.kind == CLUSTER_KIND;
        let own = Some(&*object.name).filter(|name| is_frame && namespaces.contains(name));
        places.entry(object.namespace.as_deref().or(own)).or_default().push(object);
    }
    places
}
