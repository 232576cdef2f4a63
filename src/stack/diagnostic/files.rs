//! The texts that were read, so that a place in them can be shown. Knows nothing of what they mean,
//! only which parts of them may be shown.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::shown::{Shown, shown};

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
    /// What paths in it are relative to.
    directory: PathBuf,
    /// Whether it came through a pipe.
    is_stream: bool,
    text: String,
    /// Where its lines begin, but for the first: a place in a file of millions of lines is found without reading it.
    lines: Vec<usize>,
    /// What may be shown: keys, and values that are known to be no secret.
    known: Vec<Range<usize>>,
    /// Values that must not be shown, whatever they look like.
    hidden: Vec<Range<usize>>,
}

/// Everything that was read, in the order of reading.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// Adds a text under the name that the user knows it by.
    pub fn add(&mut self, name: &str, text: String) -> FileId {
        let directory = Path::new(name).parent().unwrap_or(Path::new("")).to_owned();
        self.push(name, Some(directory), text)
    }

    /// Adds a text that came through a pipe: paths in it are relative to the working directory.
    pub fn add_stream(&mut self, name: &str, text: String) -> FileId {
        self.push(name, None, text)
    }

    fn push(&mut self, name: &str, directory: Option<PathBuf>, text: String) -> FileId {
        let lines = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let (is_stream, directory) = (directory.is_none(), directory.unwrap_or_default());
        let (name, known, hidden) = (name.to_owned(), Vec::new(), Vec::new());
        self.0.push(File { name, directory, is_stream, text, lines, known, hidden });
        FileId(self.0.len() - 1)
    }

    /// All files, in the order of reading.
    pub(in crate::stack) fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.0.len()).map(FileId)
    }

    /// Whether a text came through a pipe.
    pub(in crate::stack) fn is_stream(&self, id: FileId) -> bool {
        self.0.get(id.0).is_some_and(|file| file.is_stream)
    }

    /// The file as the user named it.
    #[must_use]
    pub fn name(&self, id: FileId) -> &str {
        self.0.get(id.0).map_or("", |file| &file.name)
    }

    /// The directory that paths in the file start from.
    #[must_use]
    pub fn directory(&self, id: FileId) -> &Path {
        self.0.get(id.0).map_or(Path::new(""), |file| &file.directory)
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

    /// Makes a part of a file showable: it is known to be no secret.
    pub fn show(&mut self, span: Span) {
        if let Some(file) = self.0.get_mut(span.file.0) {
            file.known.push(span.start..span.end);
        }
    }

    /// Makes a part of a file unshowable: it holds, or may hold, a secret.
    pub fn hide(&mut self, span: Span) {
        if let Some(file) = self.0.get_mut(span.file.0) {
            file.hidden.push(span.start..span.end);
        }
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

    /// Lines of a text as an excerpt may show them.
    #[must_use]
    pub fn shown(&self, lines: Span) -> Shown {
        let lines = self.clamp(lines);
        let within = |ranges: &[Range<usize>]| {
            let ranges = ranges.iter().filter(|range| range.start < lines.end && range.end > lines.start);
            let mut ranges: Vec<Range<usize>> = ranges.cloned().collect();
            ranges.sort_by_key(|range| (range.start, range.end));
            ranges
        };
        let (known, hidden) =
            self.0.get(lines.file.0).map(|file| (within(&file.known), within(&file.hidden))).unwrap_or_default();
        let text = self.text(lines.file);
        // Where a line is cut, no key begins.
        let whole = lines.start == 0 || text[..lines.start].ends_with('\n');
        shown(&text[lines.start..lines.end], (lines.start, whole), &known, &hidden)
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
        let end = text.floor_char_boundary(offset.min(text.len()));
        let lines = self.0.get(file.0).map_or(&[][..], |file| &file.lines);
        let before = lines.partition_point(|start| *start <= end);
        let line_start = before.checked_sub(1).map_or(0, |last| lines[last]);
        Source { file: self.name(file).into(), line: before + 1, column: text[line_start..end].chars().count() + 1 }
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
    fn columns_count_characters() {
        let mut files = Files::default();
        let id = files.add("a.toml", "ä = 1\nöö = 2\n".to_owned());
        let source = files.source(Span::new(id, 11..12));
        assert_eq!((source.line, source.column), (2, 3));
    }
}
