//! A diff as lines of text with signs, without colour: the report paints them, an error shows them plain.

use std::fmt;

use super::difference::Diff;
use super::entry::{Delta, Entry};
use super::yaml::{block, inline};
use crate::object::{Segment, printable};
use serde_json::Value;

/// What a line says about its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It is new.
    Added,
    /// It goes away.
    Removed,
    /// It changes.
    Modified,
    /// The place of a hunk in a text.
    Hunk,
    /// It stays as it is.
    Context,
}

/// One line of a diff, without a line break and without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it says.
    pub sign: Sign,
    /// Whether it stands below the line of its path.
    pub nested: bool,
    /// Sign and text.
    pub text: String,
}

/// The lines of a diff. Values that do not fit `width` columns get lines of their own; nothing is cut.
#[must_use]
pub(crate) fn lines(diff: &Diff, width: usize) -> Vec<Line> {
    diff.entries().iter().flat_map(|entry| of_entry(entry, width)).collect()
}

fn of_entry(entry: &Entry, width: usize) -> Vec<Line> {
    let path = printable(&entry.path.to_string()).into_owned();
    match &entry.delta {
        Delta::Added { after } => one_side(Sign::Added, entry, &path, after),
        Delta::Removed { before } => one_side(Sign::Removed, entry, &path, before),
        Delta::Modified { before, after } => modified(&path, (before, after), width),
        Delta::Text { unified } => text(&path, unified),
        Delta::Reordered { before, after } => {
            let order = |keys: &[String]| printable(&keys.join(", ")).into_owned();
            let text = format!("~ {path}: order {} → {}", order(before), order(after));
            vec![head(Sign::Modified, text)]
        }
    }
}

fn head(sign: Sign, text: String) -> Line {
    Line { sign, nested: false, text }
}

fn nested(sign: Sign, text: String) -> Line {
    Line { sign, nested: true, text }
}

fn one_side(sign: Sign, entry: &Entry, path: &str, value: &Value) -> Vec<Line> {
    let mark = if sign == Sign::Added { '+' } else { '-' };
    if entry.path.segments().is_empty() {
        let lines = block(value).into_iter();
        return lines.map(|line| head(sign, format!("{mark} {line}"))).collect();
    }
    if is_named_by(entry, value) {
        return vec![head(sign, format!("{mark} {path}"))];
    }
    if is_one_line(value) {
        return vec![head(sign, format!("{mark} {path}: {}", inline(value)))];
    }
    let mut lines = vec![head(sign, format!("{mark} {path}:"))];
    let body = block_of(value).into_iter();
    lines.extend(body.map(|line| nested(sign, line)));
    lines
}

/// Whether the path says it all: the member of a set.
fn is_named_by(entry: &Entry, value: &Value) -> bool {
    match (entry.path.segments().last(), value) {
        (Some(Segment::Item(_)), value) => !value.is_object() && !value.is_array(),
        _ => false,
    }
}

fn is_one_line(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => !text.trim_end().contains('\n'),
        _ => true,
    }
}

fn block_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.lines().map(|line| printable(line).into_owned()).collect(),
        value => block(value),
    }
}

fn modified(path: &str, (before, after): (&Value, &Value), width: usize) -> Vec<Line> {
    let one_line = format!("~ {path}: {} → {}", inline(before), inline(after));
    let simple = is_one_line(before) && is_one_line(after);
    if simple && one_line.chars().count() <= width {
        return vec![head(Sign::Modified, one_line)];
    }
    let mut lines = vec![head(Sign::Modified, format!("~ {path}:"))];
    let side = |sign, mark: char, value: &Value| {
        let body = if is_one_line(value) { vec![inline(value)] } else { block_of(value) };
        body.into_iter().map(move |line| nested(sign, format!("{mark} {line}")))
    };
    lines.extend(side(Sign::Removed, '-', before));
    lines.extend(side(Sign::Added, '+', after));
    lines
}

fn text(path: &str, unified: &str) -> Vec<Line> {
    let mut lines = vec![head(Sign::Modified, format!("~ {path}:"))];
    lines.extend(unified.split('\n').filter(|line| !line.is_empty()).map(|line| {
        let sign = match line.as_bytes().first() {
            Some(b'+') => Sign::Added,
            Some(b'-') => Sign::Removed,
            Some(b'@') => Sign::Hunk,
            _ => Sign::Context,
        };
        nested(sign, printable(line).into_owned())
    }));
    lines
}

/// Plain text, four spaces before nested lines, a line break after each.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in lines(self, usize::MAX) {
            let indent = if line.nested { "    " } else { "" };
            writeln!(f, "{indent}{}", line.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_value_gets_lines_of_its_own() {
        let object = |text: &str| json!({"a": text});
        let diff = Diff::between(&object(&"x".repeat(20)), &object(&"y".repeat(20)));
        let texts: Vec<String> = lines(&diff, 30).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["~ a:", "- \"xxxxxxxxxxxxxxxxxxxx\"", "+ \"yyyyyyyyyyyyyyyyyyyy\""]);
    }

    #[test]
    fn a_text_line_cannot_pretend_to_be_another() {
        let object = |text: &str| json!({"a": format!("one\ntwo\n{text}")});
        let diff = Diff::between(&object(""), &object("\r+ fake\u{1b}[0m\n"));
        assert!(diff.to_string().contains("+\\r"), "{diff}");
        assert!(!diff.to_string().contains('\u{1b}'));
    }
}
