//! YAML as trees, one a document. After a mistake it reads on with the next document. Aliases are
//! unfolded within bounds, merge keys (`<<`) followed, tags refused: the API server knows none.

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError};

use super::{MAX_DEPTH, Node, Value, scalar};
use crate::stack::diagnostic::{Code, Diagnostic, FileId, Span};

mod build;

use build::Builder;

/// Reads all documents. Empty ones are left out; a broken one is missing, its mistake among `found`.
pub(crate) fn read(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> Vec<Node> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut documents = Vec::new();
    let mut builder = Builder::new(file);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((Event::DocumentStart(..), _)) => builder = Builder::new(file),
            Ok((Event::DocumentEnd, _)) => {
                let (document, mistakes) = std::mem::replace(&mut builder, Builder::new(file)).finish();
                found.extend(mistakes);
                documents.extend(document.filter(|node| !node.is_null()));
            }
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => builder.event(event, range(text, span, file)),
            Err(error) => {
                found.push(syntax(&error, text, file));
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    documents
}

fn range(text: &str, span: granit_parser::Span, file: FileId) -> Span {
    let range = span.byte_range().unwrap_or(0..0);
    let covered = text.get(range.clone()).unwrap_or_default();
    // Block scalars and block collections end after their last line break.
    Span::new(file, range.start..range.start + covered.trim_end().len())
}

/// The scanner's message names what it met by one character at most, so it cannot tell a secret.
fn syntax(error: &ScanError, text: &str, file: FileId) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let end = text.ceil_char_boundary((at + 1).min(text.len()));
    let (code, message) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("values nested deeper than {MAX_DEPTH}");
            (Code::TooDeep, message)
        }
        kind => (Code::Syntax, format!("not YAML: {kind}")),
    };
    Diagnostic::error(code, message).at(Span::new(file, at..end), "")
}

/// What a scalar is: text when quoted or a block, else by its form.
fn value(text: &str, style: ScalarStyle) -> Result<Value, scalar::NotJson> {
    match style {
        ScalarStyle::Plain => scalar::plain(text),
        _ => Ok(Value::String(text.to_owned())),
    }
}
