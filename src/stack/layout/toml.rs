//! The form of TOML, by `taplo`: order of keys, blank lines and lists on several lines are the writer's.

use taplo::formatter::{Options, format_syntax};
use taplo::parser::parse;
use taplo::rowan::NodeOrToken;
use taplo::syntax::SyntaxKind;

use super::{Comment, Fault, WIDTH};

/// A text in its form.
pub(super) fn form(text: &str) -> Result<String, Fault> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.first() {
        return Err(Fault::Unread(error.range.start().into()));
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
pub(super) fn comments(text: &str) -> Vec<Comment> {
    let tokens = parse(text).into_syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let (mut behind, mut comments) = (0, Vec::new());
    for token in tokens {
        match token.kind() {
            SyntaxKind::WHITESPACE | SyntaxKind::NEWLINE | SyntaxKind::COMMA => {}
            SyntaxKind::COMMENT => {
                let text = token.text().trim_end().to_owned();
                comments.push(Comment { at: token.text_range().start().into(), behind, text });
            }
            // A comma more is the only other sign that a form has.
            _ => behind += 1,
        }
    }
    comments
}
