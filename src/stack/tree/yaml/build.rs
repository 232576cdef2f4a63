//! Events of one YAML document as a tree. Keeps its own stack, so that no file can overflow the thread's.

use std::collections::BTreeMap;

use granit_parser::{Event, Tag};

use super::value;
use crate::stack::diagnostic::{Code, Diagnostic, FileId, Span};
use crate::stack::tree::scalar::not_json;
use crate::stack::tree::{Entry, MAX_DEPTH, MAX_NODES, Map, Node, Value};

/// A collection that is still open.
struct Frame {
    node: Node,
    anchor: usize,
    /// The key that waits for its value; none in a list.
    key: Option<(String, Span)>,
    /// Values of `<<`, to be merged in when the table is complete.
    merged: Vec<Node>,
}

/// Builds one document.
pub(super) struct Builder {
    file: FileId,
    open: Vec<Frame>,
    anchors: BTreeMap<usize, (Node, usize, usize)>,
    root: Option<Node>,
    /// Values that aliases added.
    unfolded: usize,
    found: Vec<Diagnostic>,
    broken: bool,
}

impl Builder {
    pub(super) fn new(file: FileId) -> Self {
        Self {
            file,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            unfolded: 0,
            found: Vec::new(),
            broken: false,
        }
    }

    /// The document and its mistakes.
    pub(super) fn finish(self) -> (Option<Node>, Vec<Diagnostic>) {
        let root = if self.broken { None } else { self.root };
        (root, self.found)
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span) {
        if self.broken {
            return;
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text_tag = self.tag(tag.as_deref(), span);
                let value = if text_tag { Ok(Value::String(text.to_string())) } else { value(&text, style) };
                // A key is text whatever it looks like: `8080: x`.
                if self.wants_key() {
                    self.key(text.into_owned(), span);
                } else {
                    let value = value.unwrap_or_else(|_| {
                        self.found.push(not_json(span));
                        Value::Null
                    });
                    self.place(Node::new(value, span), anchor);
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span);
                self.push(Value::List(Vec::new()), span, anchor);
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span);
                self.push(Value::Map(Map::new()), span, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.pop(),
            Event::Alias(id) => self.alias(id, span),
            _ => {}
        }
    }

    fn wants_key(&self) -> bool {
        self.open.last().is_some_and(|frame| matches!(frame.node.value, Value::Map(_)) && frame.key.is_none())
    }

    fn push(&mut self, value: Value, span: Span, anchor: usize) {
        if self.wants_key() {
            self.refuse(Code::Syntax, "a key that is not text", span);
        } else if self.open.len() >= MAX_DEPTH {
            self.refuse(Code::TooDeep, &format!("values nested deeper than {MAX_DEPTH}"), span);
        } else {
            self.open.push(Frame { node: Node::new(value, span), anchor, key: None, merged: Vec::new() });
        }
    }

    fn pop(&mut self) {
        let Some(mut frame) = self.open.pop() else {
            return;
        };
        for merged in std::mem::take(&mut frame.merged) {
            self.merge_key(&mut frame.node, merged);
        }
        self.place(frame.node, frame.anchor);
    }

    /// Puts a complete value where it belongs.
    fn place(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let (size, depth) = measure(&node);
            self.anchors.insert(anchor, (node.clone(), size, depth));
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match (&mut frame.node.value, frame.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(_), Some((key, _))) if key == "<<" => frame.merged.push(node),
            (Value::Map(map), Some((name, key))) => {
                map.entry(name).or_insert(Entry { key, node });
            }
            _ => {}
        }
    }

    fn key(&mut self, name: String, span: Span) {
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        if let Value::Map(map) = &frame.node.value
            && let Some(first) = map.get(&name)
        {
            let message = format!("key `{name}` is there twice");
            let again = Diagnostic::error(Code::DuplicateKey, message)
                .at(span, "again here")
                .also(first.key, "first here")
                .hint("keep one of the two, or move one into a later file, where it wins");
            self.found.push(again);
        }
        frame.key = Some((name, span));
    }

    fn alias(&mut self, id: usize, span: Span) {
        if self.wants_key() {
            self.refuse(Code::Syntax, "an alias as a key", span);
            return;
        }
        let Some((node, size, depth)) = self.anchors.get(&id).cloned() else {
            // The anchor is around its own alias: the value would have no end.
            self.refuse(Code::Syntax, "an alias inside the value that it stands for", span);
            return;
        };
        self.unfolded += size;
        if self.unfolded > MAX_NODES {
            let message = format!("aliases that unfold to more than {MAX_NODES} values");
            self.refuse(Code::TooBig, &message, span);
        } else if self.open.len() + depth > MAX_DEPTH {
            self.refuse(Code::TooDeep, &format!("values nested deeper than {MAX_DEPTH}"), span);
        } else {
            self.place(node, 0);
        }
    }

    /// `<<: *base`, `<<: [*a, *b]`: keys that the table has itself win, then the earlier source.
    fn merge_key(&mut self, node: &mut Node, source: Node) {
        match (&mut node.value, source.value) {
            (Value::Map(map), Value::Map(merged)) => {
                for (key, entry) in merged {
                    map.entry(key).or_insert(entry);
                }
            }
            (Value::Map(_), Value::List(sources)) => {
                for source in sources {
                    if matches!(source.value, Value::Map(_)) {
                        self.merge_key(node, source);
                    }
                }
            }
            _ => self.refuse(Code::WrongType, "`<<` takes a table or a list of tables", source.span),
        }
    }

    /// Whether a tag makes the scalar text. Other tags than those of JSON's types are refused.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else {
            return false;
        };
        match tag.core_suffix() {
            Some("str") => true,
            Some("int" | "float" | "bool" | "null" | "map" | "seq") => false,
            _ => {
                self.refuse(Code::Unrepresentable, "a YAML tag, which JSON cannot hold", span);
                false
            }
        }
    }

    fn refuse(&mut self, code: Code, message: &str, span: Span) {
        let file = self.file;
        let span = Span { file, ..span };
        self.found.push(Diagnostic::error(code, message).at(span, ""));
        self.broken = true;
    }
}

/// Number of values and depth. Depth is bounded by the builder, so the recursion is.
fn measure(node: &Node) -> (usize, usize) {
    let children: Vec<&Node> = match &node.value {
        Value::List(items) => items.iter().collect(),
        Value::Map(map) => map.values().map(|entry| &entry.node).collect(),
        _ => return (1, 0),
    };
    children.into_iter().map(measure).fold((1, 1), |(size, depth), (s, d)| (size + s, depth.max(d + 1)))
}
