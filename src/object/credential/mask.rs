//! Text for people with everything that looks like a credential taken out: the last wall before an error is
//! shown, for words that came from elsewhere.

use std::borrow::Cow;

use super::look::looks_like_credential;
use crate::object::SENSITIVE;

/// The text with [`SENSITIVE`] in the place of each word that looks like a credential. Space, quotes and
/// brackets around it stay.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !looks_like_credential(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|c| !is_end(c)).unwrap_or(rest.len());
        shown.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        shown.push_str(if looks_like_credential(word) { SENSITIVE } else { word });
        rest = behind;
    }
    // What no single word betrays: a key in PEM, a header, a file.
    if looks_like_credential(&shown) { Cow::Owned(SENSITIVE.to_owned()) } else { Cow::Owned(shown) }
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '│' | '|')
}
