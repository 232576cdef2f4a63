//! The graph of dependencies as a tree for people, as DOT for Graphviz, for Mermaid, and as a picture.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use super::drawing::{self, Look, Scene, Subject};
use crate::object::{ObjectRef, printable};
use crate::plan::{Dependency, Wait};

/// What every object waits for.
type Edges<'a> = BTreeMap<&'a ObjectRef, &'a [Dependency]>;

fn edges(objects: &[(ObjectRef, Vec<Dependency>)]) -> Edges<'_> {
    objects.iter().map(|(object, dependencies)| (object, dependencies.as_slice())).collect()
}

fn word(wait: Wait) -> &'static str {
    match wait {
        Wait::Exists => "exists",
        Wait::Established => "established",
        Wait::Ready => "ready",
    }
}

/// Below every object what it waits for, and until when, beginning with what nothing waits for. An object's
/// dependencies are written out once.
#[must_use]
pub(crate) fn tree(objects: &[(ObjectRef, Vec<Dependency>)]) -> String {
    let edges = edges(objects);
    let needed: BTreeSet<&ObjectRef> = edges.values().flat_map(|all| all.iter()).map(|edge| &edge.on).collect();
    let mut tree = Tree { edges: &edges, written: BTreeSet::new(), text: String::new() };
    // Last the rest: in a circle, everything is waited for.
    for all in [false, true] {
        for object in edges.keys() {
            if !tree.written.contains(object) && (all || !needed.contains(object)) {
                let _ = writeln!(tree.text, "{}", printable(&object.to_string()));
                tree.below(object, "");
            }
        }
    }
    tree.text
}

struct Tree<'a> {
    edges: &'a Edges<'a>,
    written: BTreeSet<&'a ObjectRef>,
    text: String,
}

impl<'a> Tree<'a> {
    fn below(&mut self, object: &'a ObjectRef, prefix: &str) {
        self.written.insert(object);
        let dependencies = self.edges.get(object).copied().unwrap_or_default();
        let merged: BTreeMap<&ObjectRef, Wait> = dependencies.iter().fold(BTreeMap::new(), |mut merged, edge| {
            let wait = merged.entry(&edge.on).or_insert(edge.wait);
            *wait = edge.wait.max(*wait);
            merged
        });
        let last = merged.len().saturating_sub(1);
        for (position, (on, wait)) in merged.into_iter().enumerate() {
            let (branch, trunk) = if position == last { ("└── ", "    ") } else { ("├── ", "│   ") };
            let again = self.written.contains(on) && self.edges.get(on).is_some_and(|edges| !edges.is_empty());
            let note = match (self.edges.contains_key(on), again) {
                (false, _) => ", not of this stack",
                (true, true) => ", see above",
                (true, false) => "",
            };
            let name = printable(&on.to_string()).into_owned();
            let _ = writeln!(self.text, "{prefix}{branch}{name} ({}{note})", word(wait));
            if !again {
                self.below(on, &format!("{prefix}{trunk}"));
            }
        }
    }
}

/// The graph in the language of Graphviz; an arrow points at what is waited for.
#[must_use]
pub(crate) fn dot(objects: &[(ObjectRef, Vec<Dependency>)]) -> String {
    let mut text = String::from("digraph langop {\n  rankdir = LR;\n  node [shape = box];\n");
    for (object, dependencies) in edges(objects) {
        let _ = writeln!(text, "  {};", quoted(&object.to_string()));
        let unique: BTreeSet<(&ObjectRef, Wait)> = dependencies.iter().map(|edge| (&edge.on, edge.wait)).collect();
        for (on, wait) in unique {
            let (from, to) = (quoted(&object.to_string()), quoted(&on.to_string()));
            let _ = writeln!(text, "  {from} -> {to} [label = {}];", quoted(word(wait)));
        }
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", printable(text).replace('\\', "\\\\").replace('"', "\\\""))
}

/// The graph in the language of Mermaid, which GitHub and GitLab draw in comments; an arrow points at what is waited for.
#[must_use]
pub(crate) fn mermaid(objects: &[(ObjectRef, Vec<Dependency>)]) -> String {
    let edges = edges(objects);
    let all: BTreeSet<&ObjectRef> =
        edges.keys().copied().chain(objects.iter().flat_map(|(_, on)| on).map(|edge| &edge.on)).collect();
    let number: BTreeMap<&ObjectRef, usize> =
        all.into_iter().enumerate().map(|(number, object)| (object, number)).collect();
    let mut text = String::from("flowchart LR\n");
    for (object, number) in &number {
        let _ = writeln!(text, "  n{number}[\"{}\"]", label(&object.to_string()));
    }
    for (object, dependencies) in &edges {
        let unique: BTreeSet<(&ObjectRef, Wait)> = dependencies.iter().map(|edge| (&edge.on, edge.wait)).collect();
        for (on, wait) in unique {
            let _ = writeln!(text, "  n{} -->|{}| n{}", number[object], word(wait), number[on]);
        }
    }
    text
}

/// Text of a node (Mermaid, *Entity codes to escape characters*): nothing in it ends the text or becomes markup.
fn label(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if c.is_alphanumeric() || " /.-_:".contains(c) {
            safe.push(c);
        } else {
            let _ = write!(safe, "#{};", u32::from(c));
        }
    }
    safe
}

/// The graph as a picture, SVG; an arrow points at what is waited for.
#[must_use]
pub(crate) fn svg(objects: &[(ObjectRef, Vec<Dependency>)]) -> String {
    let subjects = objects.iter().map(|(object, depends_on)| Subject { object, depends_on, look: Look::default() });
    let subjects: Vec<_> = subjects.collect();
    drawing::document(&Scene::of_objects(&subjects))
}

/// Why `from` waits for `to`: the shortest chain of references between them, a line each; none when it does not.
#[must_use]
pub(crate) fn why(objects: &[(ObjectRef, Vec<Dependency>)], from: &ObjectRef, to: &ObjectRef) -> Option<String> {
    let edges = edges(objects);
    let mut reached: BTreeMap<&ObjectRef, (&ObjectRef, &Dependency)> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(object) = queue.pop_front() {
        for edge in edges.get(object).copied().unwrap_or_default() {
            if edge.on != *from && !reached.contains_key(&edge.on) {
                reached.insert(&edge.on, (object, edge));
                queue.push_back(&edge.on);
            }
        }
    }
    let mut lines = Vec::new();
    let mut at = to;
    while at != from {
        let (object, edge) = reached.get(at)?;
        let line = format!("{object} waits until {} {}: {}", edge.on, until(edge.wait), edge.why);
        lines.push(format!("{}\n", printable(&line)));
        at = object;
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.concat())
}

fn until(wait: Wait) -> &'static str {
    match wait {
        Wait::Exists => "exists",
        Wait::Established => "is established",
        Wait::Ready => "is ready",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace() -> ObjectRef {
        ObjectRef::of_namespace("prod")
    }

    fn object(kind: &str, name: &str) -> ObjectRef {
        ObjectRef::namespaced("", kind, "prod", name)
    }

    fn edge(on: ObjectRef, wait: Wait, why: &str) -> Dependency {
        Dependency { on, wait, why: why.into() }
    }

    fn sample() -> Vec<(ObjectRef, Vec<Dependency>)> {
        let in_namespace = || edge(namespace(), Wait::Exists, "`metadata.namespace`");
        let secret = object("Secret", "key");
        vec![
            (namespace(), vec![]),
            (secret.clone(), vec![in_namespace()]),
            (
                object("Deployment", "gateway"),
                vec![
                    in_namespace(),
                    edge(secret, Wait::Exists, "`spec.template.spec.containers[gateway].env[KEY]`"),
                    edge(object("Secret", "theirs"), Wait::Ready, "`envFrom`"),
                ],
            ),
            (
                object("Ingress", "gateway"),
                vec![edge(object("Deployment", "gateway"), Wait::Ready, "`spec.rules`"), in_namespace()],
            ),
        ]
    }

    #[test]
    fn a_tree_of_what_waits_for_what() {
        insta::assert_snapshot!(tree(&sample()));
    }

    #[test]
    fn a_circle_ends() {
        let (a, b) = (object("A", "a"), object("B", "b"));
        let circle = vec![
            (a.clone(), vec![edge(b.clone(), Wait::Ready, "x")]),
            (b.clone(), vec![edge(a.clone(), Wait::Ready, "y")]),
        ];
        assert_eq!(tree(&circle), "A/a in prod\n└── B/b in prod (ready)\n    └── A/a in prod (ready, see above)\n");
        assert_eq!(why(&circle, &a, &b).as_deref(), Some("A/a in prod waits until B/b in prod is ready: x\n"));
        assert_eq!(why(&circle, &a, &a), None);
    }

    #[test]
    fn dot_is_quoted() {
        let odd = vec![(object("Kind", "a\"b\\"), vec![])];
        assert!(dot(&odd).contains(r#""Kind/a\"b\\ in prod";"#), "{}", dot(&odd));
        insta::assert_snapshot!("dot", dot(&sample()));
    }

    #[test]
    fn mermaid_is_escaped() {
        let odd = vec![(object("Kind", "a\"]`b#<i>"), vec![])];
        assert_eq!(mermaid(&odd), "flowchart LR\n  n0[\"Kind/a#34;#93;#96;b#35;#60;i#62; in prod\"]\n");
        insta::assert_snapshot!("mermaid", mermaid(&sample()));
    }

    #[test]
    fn an_edge_is_explained_by_its_reference() {
        insta::assert_snapshot!(
            "why",
            why(&sample(), &object("Ingress", "gateway"), &object("Secret", "key")).unwrap()
        );
        assert_eq!(why(&sample(), &namespace(), &object("Secret", "key")), None);
    }
}
