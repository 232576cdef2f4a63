//! Text of others in a page of Markdown: it is shown as it is, and ends no code, no fold and no line; it names no user and no
//! issue of the platform either.

use std::borrow::Cow;

use crate::object::printable;
use crate::report::literals::{Piece, pieces};

/// Longest row of backticks in a text.
fn longest_row(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// As code within a line (`CommonMark`, 6.1): the delimiters are longer than any row of backticks in it.
#[must_use]
pub(super) fn code(text: &str) -> String {
    let text = printable(text);
    let ticks = "`".repeat(longest_row(&text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Lines as a block of code (`CommonMark`, 4.5): its fence is longer than any row of backticks in it.
#[must_use]
pub(super) fn block(info: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| printable(line)).collect();
    let longest = lines.iter().map(|line| longest_row(line)).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let body: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    format!("{fence}{info}\n{body}{fence}\n")
}

/// A sentence of langop, where backticks stand around literals, within a line of Markdown. Only the first line of it.
#[must_use]
pub(super) fn prose(text: &str) -> String {
    written(text, code, markdown)
}

/// The same within a line of HTML, where Markdown means nothing.
#[must_use]
pub(super) fn html_prose(text: &str) -> String {
    written(text, html_code, html)
}

/// As code within a line of HTML.
#[must_use]
pub(super) fn html_code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

/// Each piece is made harmless by itself, so that it does not matter who wrote the backticks.
fn written(text: &str, code: impl Fn(&str) -> String, plain: impl Fn(&str) -> String) -> String {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Code(text) => code(text),
        Piece::Plain(text) => plain(text),
    };
    pieces(text).iter().map(piece).collect()
}

/// Text within a line of Markdown.
fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' | '!' => safe.extend(['\\', c]),
            c => safe.push_str(&harmless(c)),
        }
    }
    safe
}

/// Text within a line of HTML.
fn html(text: &str) -> String {
    printable(text).chars().map(harmless).collect()
}

/// What opens a tag or an entity is written as an entity; a comment keeps `@name` and `#1` from becoming links.
fn harmless(c: char) -> Cow<'static, str> {
    match c {
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '&' => "&amp;".into(),
        '"' => "&quot;".into(),
        '@' => "@<!-- -->".into(),
        '#' => "#<!-- -->".into(),
        c => c.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_value_ends_its_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("a\nb</details>"), "`a\\nb</details>`");
        assert_eq!(block("diff", &["+ ```".into(), "</details>".into()]), "````diff\n+ ```\n</details>\n````\n");
        assert_eq!(block("", &["a\n```".into()]), "````\na\\n```\n````\n");
    }

    #[test]
    fn a_sentence_keeps_its_literals_and_loses_its_markup() {
        assert_eq!(
            prose("`a` is *not* <b> by @you, see #1"),
            "`a` is \\*not\\* &lt;b&gt; by @<!-- -->you, see #<!-- -->1"
        );
        assert_eq!(prose("one ` alone"), "one \\` alone");
        assert_eq!(prose("`` twice"), "\\`\\` twice");
        assert_eq!(html_prose("`</code>` and </details>"), "<code>&lt;/code&gt;</code> and &lt;/details&gt;");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_block_stays_in_it(lines: Vec<String>) {
            let text = block("", &lines);
            let fence = text.lines().next().unwrap();
            let inner: Vec<_> = text.lines().skip(1).take_while(|line| !line.trim_start().starts_with(fence)).collect();
            prop_assert_eq!(inner.len(), lines.len());
        }
    }
}
