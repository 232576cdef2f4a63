//! The form of TOML, by `taplo`: order of keys, blank lines and lists on several lines are the writer's.

use taplo::formatter::{Options, format_syntax};
use taplo::parser::parse;
use taplo::syntax::SyntaxKind;

use super::{Fault, WIDTH};

/// A text in its form.
pub(super) fn form(text: &str) -> Result<String, Fault> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.first() {
        let before = text.get(..usize::from(error.range.start())).unwrap_or(text);
        return Err(Fault::Unread(before.matches('\n').count() + 1));
    }
    let options = Options {
        column_width: WIDTH,
        allowed_blank_lines: 1,
        array_auto_collapse: false,
        inline_table_expand: false,
        crlf: text.contains("\r\n"),
        ..Options::default()
    };
    Ok(format_syntax(parsed.into_syntax(), options))
}

/// The comments of a text, in their order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let tokens = parse(text).into_syntax().descendants_with_tokens();
    let tokens = tokens.filter_map(|element| element.into_token());
    let comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    comments.map(|token| token.text().trim_end().to_owned()).collect()
}
