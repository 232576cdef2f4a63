//! A diff as lines that a viewer of diffs colours: each begins with its sign.

use serde_json::Value;

use crate::diff::{self, Delta, Diff};
use crate::object::printable;

/// Lines of one value before the rest is only counted.
const LONG: usize = 40;

/// The lines of a diff, without control characters.
#[must_use]
pub(super) fn lines(diff: &Diff) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in diff.entries() {
        let path = printable(&entry.path.to_string()).into_owned();
        match &entry.delta {
            Delta::Added { after } => side(&mut lines, '+', &path, after),
            Delta::Removed { before } => side(&mut lines, '-', &path, before),
            Delta::Modified { before, after } => {
                side(&mut lines, '-', &path, before);
                side(&mut lines, '+', &path, after);
            }
            Delta::Text { unified } => {
                lines.push(format!("! {path}:"));
                cut(&mut lines, "", unified.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect());
            }
            Delta::Reordered { before, after } => {
                lines.push(format!("! {path}: order {} → {}", before.join(", "), after.join(", ")));
            }
        }
    }
    lines
}

/// The paths of a diff alone.
#[must_use]
pub(super) fn paths(diff: &Diff) -> Vec<String> {
    diff.entries().iter().map(|entry| entry.path.to_string()).collect()
}

fn side(lines: &mut Vec<String>, sign: char, path: &str, value: &Value) {
    let path = if path.is_empty() { String::new() } else { format!(" {path}") };
    let body = match value {
        Value::Object(fields) if !fields.is_empty() => diff::block(value),
        Value::Array(items) if !items.is_empty() => diff::block(value),
        Value::String(text) if text.trim_end().contains('\n') => text.lines().map(str::to_owned).collect(),
        value => return lines.push(format!("{sign}{path}: {}", diff::inline(value))),
    };
    lines.push(format!("{sign}{path}:"));
    cut(lines, &format!("{sign}   "), body);
}

fn cut(lines: &mut Vec<String>, prefix: &str, body: Vec<String>) {
    let more = body.len().saturating_sub(LONG);
    lines.extend(body.into_iter().take(LONG).map(|line| format!("{prefix}{line}")));
    if more > 0 {
        lines.push(format!("… {more} more lines"));
    }
}
