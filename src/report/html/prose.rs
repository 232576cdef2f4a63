//! Sentences and names of others as HTML.

use maud::{Markup, html};

use crate::object::printable;
use crate::report::literals::{Piece, pieces};

/// Bytes of one message; a server may answer with a page.
const LONGEST: usize = 20_000;

/// A sentence of langop, where backticks stand around literals; its first line.
#[must_use]
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Code(text) => (code(text)),
                Piece::Plain(text) => (printable(&text)),
            }
        }
    }
}

/// A name or a value.
#[must_use]
pub(super) fn code(text: &str) -> Markup {
    html! { code { (printable(text)) } }
}

/// A message of somebody: its first line as a sentence, further lines as they are.
#[must_use]
pub(super) fn message(text: &str) -> Markup {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let rest: Vec<&str> = text.lines().skip(1).collect();
    html! {
        (prose(text))
        @if !rest.is_empty() {
            pre { @for line in rest { (printable(line)) "\n" } }
        }
    }
}

/// What follows a message.
#[must_use]
pub(super) fn hint(hint: Option<&str>) -> Markup {
    html! { @if let Some(hint) = hint { div.hint { "hint: " (message(hint)) } } }
}
