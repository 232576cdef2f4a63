//! Sentences of langop, in which backticks stand around literals, taken apart. Who wrote the backticks does not matter: no
//! piece is more than text.

use std::borrow::Cow;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What stands between two backticks.
    Code(&'a str),
    /// All else.
    Plain(Cow<'a, str>),
}

/// The pieces of the first line of a text.
#[must_use]
pub(super) fn pieces<'a>(text: &'a str) -> Vec<Piece<'a>> {
    let parts: Vec<&str> = text.lines().next().unwrap_or_default().split('`').collect();
    let last = parts.len() - 1;
    let piece = |(position, part): (usize, &'a str)| {
        let is_code = position % 2 == 1;
        // The last of an odd number of backticks begins nothing.
        match (is_code, position == last) {
            (true, true) => Piece::Plain(format!("`{part}").into()),
            (true, false) if part.is_empty() => Piece::Plain("``".into()),
            (true, false) => Piece::Code(part),
            (false, _) => Piece::Plain(part.into()),
        }
    };
    parts.into_iter().enumerate().map(piece).collect()
}
