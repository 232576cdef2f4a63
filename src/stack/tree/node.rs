//! A value with its place. What it must not know: which file format it came from, and what it means.

use std::collections::BTreeMap;

use serde_json::Number;

use crate::object::SENSITIVE;
use crate::stack::diagnostic::Span;

/// A value and the place where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The value.
    pub value: Value,
    /// Its place: of a table, its header or first line.
    pub span: Span,
    /// Whether it is, or may be, a secret: then no message may repeat it.
    pub hidden: bool,
}

/// What JSON can hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing; means the same as absent.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Map(Map),
}

/// A table, sorted by key.
pub(crate) type Map = BTreeMap<String, Entry>;

/// A value of a table and the place of its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Where the key was written.
    pub key: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A value at a place.
    #[must_use]
    pub(crate) fn new(value: Value, span: Span) -> Self {
        Self { value, span, hidden: false }
    }

    /// The entry of a table; none when this is no table, or the value is null.
    #[must_use]
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(map) => map.get(key).filter(|entry| !entry.node.is_null()),
            _ => None,
        }
    }

    /// The value of a table's key; none when this is no table, or the value is null.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a string.
    #[must_use]
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text at the end of a path of keys.
    #[must_use]
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Node::text)
    }

    /// A whole number.
    #[must_use]
    pub(crate) fn integer(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub(crate) fn boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The values of a list; none of anything else.
    #[must_use]
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The values of the list under a key; none when there is no list.
    #[must_use]
    pub(crate) fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The entries of a table that are not null; none of anything else.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let map = match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        };
        map.into_iter().flatten().filter(|(_, entry)| !entry.node.is_null()).map(|(key, entry)| (key.as_str(), entry))
    }

    /// Whether it is null.
    #[must_use]
    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// About how many bytes it takes as JSON.
    #[must_use]
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Value::String(text) => text.len() + 2,
            Value::List(items) => 2 + items.iter().map(|item| item.size() + 1).sum::<usize>(),
            Value::Map(map) => 2 + map.iter().map(|(key, entry)| key.len() + 4 + entry.node.size()).sum::<usize>(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 5,
        }
    }

    /// The type of the value, with its article.
    #[must_use]
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a number with a fraction",
            Value::Number(_) => "a whole number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a table",
        }
    }

    /// The value as a message may repeat it: short, on one line, and never a secret.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        const LONGEST: usize = 60;
        let text = match &self.value {
            _ if self.hidden => return SENSITIVE.to_owned(),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::List(_) | Value::Map(_) => return self.type_name().to_owned(),
        };
        let mut shown: String =
            text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if text.chars().nth(LONGEST).is_some() {
            shown.push('…');
        }
        shown
    }

    /// The value as JSON, without places.
    #[must_use]
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, entry)| (key.clone(), entry.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// The same of a tree that nobody needs any more: its texts are not copied.
    #[must_use]
    pub(crate) fn into_json(self) -> serde_json::Value {
        match self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => value.into(),
            Value::Number(number) => number.into(),
            Value::String(text) => text.into(),
            Value::List(items) => items.into_iter().map(Node::into_json).collect(),
            Value::Map(map) => map
                .into_iter()
                .map(|(key, entry)| (key, entry.node.into_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}
