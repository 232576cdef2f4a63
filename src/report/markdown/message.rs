//! A message of somebody within an item of a list: its first line as a sentence, further lines as code.

use super::escape::{block, prose};

/// Bytes of one message; a server may answer with a page.
const LONGEST: usize = 2_000;

/// The message behind what is Markdown already, with a line break at its end.
#[must_use]
pub(super) fn message(before: &str, text: &str) -> String {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let first = format!("{before}{}\n", prose(text));
    let rest: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    if rest.is_empty() {
        return first;
    }
    let block: Vec<_> = block("", &rest).lines().map(|line| format!("  {line}\n")).collect();
    format!("{first}\n{}", block.concat())
}

/// The next step, as a paragraph of its own in the item.
#[must_use]
pub(super) fn hint(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\n  {}", message("hint: ", hint))).unwrap_or_default()
}
