//! The texts that were read, so that a place in them can be shown. Knows nothing of what they mean,
//! only which parts of them must never be shown.

use std::borrow::Cow;
use std::ops::Range;

use crate::object::Source;

/// One of the [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    text: String,
    hidden: Vec<Range<usize>>,
}

/// Everything that was read, in the order of reading.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// Adds a text under the name that the user knows it by.
    pub fn add(&mut self, name: &str, text: String) -> FileId {
        self.0.push(File { name: name.to_owned(), text, hidden: Vec::new() });
        FileId(self.0.len() - 1)
    }

    /// The file as the user named it.
    #[must_use]
    pub fn name(&self, id: FileId) -> &str {
        self.0.get(id.0).map_or("", |file| &file.name)
    }

    /// The text as it was read.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        self.0.get(id.0).map_or("", |file| &file.text)
    }

    /// Where a span begins.
    #[must_use]
    pub fn source(&self, span: Span) -> Source {
        self.place(span.file, span.start)
    }

    /// Where a span ends: the place after its last character.
    #[must_use]
    pub fn source_end(&self, span: Span) -> Source {
        self.place(span.file, span.end)
    }

    /// Makes a part of a file unshowable: it holds, or may hold, a secret.
    pub fn hide(&mut self, span: Span) {
        if let Some(file) = self.0.get_mut(span.file.0) {
            file.hidden.push(span.start..span.end);
        }
    }

    /// Makes what follows a key unshowable, to the end of the line that `span` ends on.
    pub fn hide_lines(&mut self, mut span: Span) {
        let colon = self.text(span.file).get(span.start..);
        span.start += usize::from(colon.is_some_and(|text| text.starts_with(':')));
        span.end = span.end.max(span.start);
        let rest = self.text(span.file).get(span.end..).unwrap_or_default();
        let end = span.end + rest.find('\n').unwrap_or(rest.len());
        self.hide(Span { end, ..span });
    }

    /// The whole lines that a span lies on, without the last line break.
    #[must_use]
    pub fn lines(&self, span: Span) -> Span {
        let span = self.clamp(span);
        let text = self.text(span.file);
        let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
        let end = start + text[start..end].trim_end_matches('\r').len();
        Span { start, end, ..span }
    }

    /// A part of a text with what is hidden starred out. Byte for byte as long as the original, so that
    /// spans hold.
    #[must_use]
    pub fn shown(&self, part: Span) -> Cow<'_, str> {
        let part = self.clamp(part);
        let text = &self.text(part.file)[part.start..part.end];
        let hidden = self.0.get(part.file.0).map_or(&[][..], |file| &file.hidden);
        let mut hidden: Vec<&Range<usize>> =
            hidden.iter().filter(|range| range.start < part.end && range.end > part.start).collect();
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        hidden.sort_by_key(|range| range.start);
        let mut ranges = hidden.into_iter().peekable();
        let mut covered = 0;
        let mut shown = String::with_capacity(text.len());
        for (at, character) in text.char_indices() {
            let at = part.start + at;
            while let Some(range) = ranges.next_if(|range| range.start <= at) {
                covered = covered.max(range.end);
            }
            if at < covered && !matches!(character, '\n' | '\r') {
                shown.extend(std::iter::repeat_n('*', character.len_utf8()));
            } else {
                shown.push(character);
            }
        }
        Cow::Owned(shown)
    }

    /// The span, moved to lie inside its file and on whole characters.
    #[must_use]
    pub fn clamp(&self, span: Span) -> Span {
        let text = self.text(span.file);
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        Span { file: span.file, start, end }
    }

    fn place(&self, file: FileId, offset: usize) -> Source {
        let text = self.text(file);
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Source {
            file: self.name(file).to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl Span {
    /// A range of bytes in `file`.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: range.start, end: range.end }
    }

    /// From the first byte of both to the last, in one file.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_text_keeps_its_length_and_its_lines() {
        let mut files = Files::default();
        let id = files.add("a.yaml", "k: sécret\nl: |\n  two\n  lines\n".to_owned());
        files.hide(Span::new(id, 3..10));
        files.hide(Span::new(id, 16..30));
        let shown = files.shown(Span::new(id, 0..usize::MAX));
        assert_eq!(shown.len(), files.text(id).len());
        assert_eq!(shown, "k: *******\nl: |\n*****\n*******\n");
    }

    #[test]
    fn columns_count_characters() {
        let mut files = Files::default();
        let id = files.add("a.toml", "ä = 1\nöö = 2\n".to_owned());
        let source = files.source(Span::new(id, 11..12));
        assert_eq!((source.line, source.column), (2, 3));
    }
}
