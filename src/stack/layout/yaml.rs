//! The form of YAML, by `pretty_yaml`: lists stand below their key as `kubectl` writes them.

use std::panic;

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, LineBreak};
use pretty_yaml::format_text;
use yaml_parser::SyntaxKind;

use super::{Comment, Fault, WIDTH};

/// A text in its form. The parser is known to panic on texts that end a document in the midst of a list.
pub(super) fn form(text: &str) -> Result<String, Fault> {
    panic::catch_unwind(|| formatted(text)).unwrap_or(Err(Fault::Unread(0)))
}

fn formatted(text: &str) -> Result<String, Fault> {
    let line_break = if text.contains("\r\n") { LineBreak::Crlf } else { LineBreak::Lf };
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, line_break, ..LayoutOptions::default() },
        language: LanguageOptions {
            indent_block_sequence_in_map: false,
            trailing_comma: false,
            // They are part of what a block of text says.
            trim_trailing_whitespaces: false,
            ..LanguageOptions::default()
        },
    };
    format_text(text, &options).map_err(|error| Fault::Unread(error.offset()))
}

/// The comments of a text, in their order.
pub(super) fn comments(text: &str) -> Vec<Comment> {
    let (mut behind, mut comments) = (0, Vec::new());
    let Ok(root) = yaml_parser::parse(text) else { return comments };
    for element in root.descendants_with_tokens() {
        let Some(token) = element.as_token() else { continue };
        if token.kind() == SyntaxKind::COMMENT {
            let text = token.text().trim_end().to_owned();
            comments.push(Comment { at: token.text_range().start().into(), behind, text });
        } else if is_scalar(token.kind()) {
            behind += 1;
        }
    }
    comments
}

/// Keys and values; of the signs between them a form may have others.
fn is_scalar(kind: SyntaxKind) -> bool {
    use SyntaxKind::{BLOCK_SCALAR_TEXT, DOUBLE_QUOTED_SCALAR, PLAIN_SCALAR, SINGLE_QUOTED_SCALAR};
    matches!(kind, PLAIN_SCALAR | DOUBLE_QUOTED_SCALAR | SINGLE_QUOTED_SCALAR | BLOCK_SCALAR_TEXT)
}
