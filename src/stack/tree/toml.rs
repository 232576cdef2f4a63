//! TOML as a tree. Reads on after a mistake, so that all of them are found.

use std::ops::Range;

use serde_json::Number;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};
use toml_parser::lexer::TokenKind;

use super::scalar::{integer, split_sign};
use super::{Entry, MAX_DEPTH, Map, Node, Value};
use crate::stack::diagnostic::{Code, Diagnostic, FileId, Span};

/// Reads a TOML document. What could not be read is missing from the tree and among `found`.
pub(crate) fn read(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> Node {
    if let Some(span) = too_deep(text) {
        let message = format!("values nested deeper than {MAX_DEPTH}");
        found.push(Diagnostic::error(Code::TooDeep, message).at(Span::new(file, span), ""));
        return Node::new(Value::Map(Map::new()), Span::new(file, 0..0));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, file, found };
    let root = Span::new(file, 0..0);
    let node = Node::new(Value::Map(reader.table(table.into_inner())), root);
    for error in &errors {
        reader.syntax(error, &node);
    }
    node
}

/// Where brackets and dotted keys nest too deep. The parser bounds each, but not their product, which
/// overflows the stack of a thread.
fn too_deep(text: &str) -> Option<Range<usize>> {
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let mut dots = 0;
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            kind @ (TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket) => {
                open.push((kind, std::mem::take(&mut dots)));
            }
            // A bracket that closes nothing is a mistake, which must not make the count too small.
            TokenKind::RightSquareBracket => {
                close(&mut open, TokenKind::LeftSquareBracket, &mut dots);
            }
            TokenKind::RightCurlyBracket => {
                close(&mut open, TokenKind::LeftCurlyBracket, &mut dots);
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Comma => dots = 0,
            TokenKind::Newline if open.is_empty() => dots = 0,
            _ => {}
        }
        let depth = open.iter().map(|(_, dots)| dots + 1).sum::<usize>() + dots;
        if depth > MAX_DEPTH {
            return Some(token.span().start()..token.span().end());
        }
    }
    None
}

fn close(open: &mut Vec<(TokenKind, usize)>, opened_by: TokenKind, dots: &mut usize) {
    if open.last().is_some_and(|(kind, _)| *kind == opened_by) {
        *dots = open.pop().map_or(0, |(_, dots)| dots);
    }
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    found: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn table(&mut self, table: DeTable<'_>) -> Map {
        let mut map = Map::new();
        for (key, value) in table {
            let span = Span::new(self.file, key.span());
            let node = self.value(value);
            map.insert(key.into_inner().into_owned(), Entry { key: span, node });
        }
        map
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let span = Span::new(self.file, value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Array(items) => Value::List(items.into_iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => Value::Map(self.table(table)),
            // A date has no type of its own in JSON: it is the text it was written as.
            DeValue::Datetime(date) => Value::String(date.to_string()),
            DeValue::Integer(number) => {
                let (sign, digits) = split_sign(number.as_str());
                self.number(integer(sign, digits, number.radix()).ok(), span)
            }
            DeValue::Float(number) => {
                let float = number.as_str().parse().ok();
                self.number(float.and_then(Number::from_f64), span)
            }
        };
        Node::new(value, span)
    }

    fn number(&mut self, number: Option<Number>, span: Span) -> Value {
        number.map_or_else(
            || {
                self.found.push(super::scalar::not_json(span));
                Value::Null
            },
            Value::Number,
        )
    }

    fn syntax(&mut self, error: &Error, tree: &Node) {
        let range = error.span().unwrap_or(0..0);
        let span = Span::new(self.file, range.clone());
        if error.message() == "duplicate key" {
            let key = self.text.get(range).unwrap_or_default();
            let mut duplicate = Diagnostic::error(Code::DuplicateKey, format!("key `{key}` is there twice"))
                .at(span, "again here")
                .hint("keep one of the two, or move one into a later file, where it wins");
            if let Some(first) = self.first(key, span, tree) {
                duplicate = duplicate.also(first, "first here");
            }
            self.found.push(duplicate);
        } else {
            let message = error.message().trim_end().to_lowercase();
            let error = Diagnostic::error(Code::Syntax, format!("not TOML: {message}"));
            self.found.push(error.at(span, ""));
        }
    }

    /// The earlier place of a key that is there twice. The parser does not tell it: for a header it is
    /// found by its path, for a key it is the nearest one before.
    fn first(&self, key: &str, again: Span, tree: &Node) -> Option<Span> {
        let name = key.trim_matches(['"', '\'']);
        let line_start = self.text.get(..again.start)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(line_start..again.start)?.trim_start();
        if let Some(header) = line.strip_prefix('[') {
            let mut parent = tree;
            for part in header.trim_start_matches('[').split('.').map(str::trim) {
                if !part.is_empty() {
                    parent = parent.get(part.trim_matches(['"', '\'']))?;
                }
            }
            let first = parent.entry(name).map(|entry| entry.key);
            return first.filter(|first| first.start < again.start).or_else(|| self.same_line(line_start, again));
        }
        nearest(tree, name, again.start)
    }

    /// The key in the first line that reads like the one of `again`: of two headers the parser keeps
    /// the place of the last.
    fn same_line(&self, line_start: usize, again: Span) -> Option<Span> {
        let prefix = self.text.get(line_start..again.end)?;
        let before = self.text.get(..line_start)?;
        let start = before.match_indices(prefix).map(|(at, _)| at).find(|at| {
            let whole = before[at + prefix.len()..].starts_with(']');
            whole && (*at == 0 || before[..*at].ends_with('\n'))
        })?;
        let end = start + prefix.len();
        Some(Span::new(self.file, end - (again.end - again.start)..end))
    }
}

/// The last place before `end` where a key called `name` was written.
fn nearest(node: &Node, name: &str, end: usize) -> Option<Span> {
    let here = node.entries().filter_map(|(key, entry)| {
        let own = (key == name && entry.key.start < end).then_some(entry.key);
        own.max(nearest(&entry.node, name, end))
    });
    let within = node.items().iter().filter_map(|item| nearest(item, name, end));
    here.chain(within).max()
}
