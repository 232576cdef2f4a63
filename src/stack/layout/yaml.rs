//! The form of YAML, by `pretty_yaml`: lists stand below their key as `kubectl` writes them.

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, LineBreak};
use pretty_yaml::format_text;
use yaml_parser::SyntaxKind;

use super::{Fault, WIDTH};

/// A text in its form.
pub(super) fn form(text: &str) -> Result<String, Fault> {
    let line_break = if text.contains("\r\n") { LineBreak::Crlf } else { LineBreak::Lf };
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, line_break, ..LayoutOptions::default() },
        language: LanguageOptions {
            indent_block_sequence_in_map: false,
            trailing_comma: false,
            ..LanguageOptions::default()
        },
    };
    format_text(text, &options).map_err(|error| {
        let before = text.get(..error.offset()).unwrap_or(text);
        Fault::Unread(before.matches('\n').count() + 1)
    })
}

/// The comments of a text, in their order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let Ok(root) = yaml_parser::parse(text) else { return Vec::new() };
    let tokens = root.descendants_with_tokens().filter_map(|element| element.into_token());
    let comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    comments.map(|token| token.text().trim_end().to_owned()).collect()
}
