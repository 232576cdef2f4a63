//! Lines of a file with [`SENSITIVE`] in the place of everything that is not known to be harmless. What stays:
//! values that the schema knows, keys, and the marks between them. Knows no schema, only ranges.

use std::ops::Range;

use crate::object::SENSITIVE;
use crate::object::credential::looks_like_credential;

/// Lines as they may be shown, and where each part of the original went.
#[derive(Debug, Default)]
pub struct Shown {
    /// The lines.
    pub text: String,
    /// Parts of the file, in order and without gaps, and where they stand in the text.
    parts: Vec<(Range<usize>, Range<usize>)>,
}

impl Shown {
    /// Where a range of the file stands in the text.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at(range.start, false);
        start..self.at(range.end, true).max(start)
    }

    /// A place within a part that is masked is its first or its last.
    fn at(&self, offset: usize, end: bool) -> usize {
        let holds =
            |from: &Range<usize>| if end { from.start < offset && offset <= from.end } else { from.contains(&offset) };
        let behind = self.parts.partition_point(|(from, _)| if end { from.end < offset } else { from.end <= offset });
        match self.parts.get(behind).filter(|(from, _)| holds(from)) {
            Some((from, to)) if from.len() == to.len() => to.start + (offset - from.start),
            Some((_, to)) if end => to.end,
            Some((_, to)) => to.start,
            None if self.parts.first().is_none_or(|(from, _)| offset <= from.start) => 0,
            None => self.text.len(),
        }
    }

    fn keep(&mut self, text: &str, at: usize) {
        self.push(text, at..at + text.len());
    }

    fn mask(&mut self, from: Range<usize>) {
        match self.parts.last_mut() {
            // What goes on over a boundary of ranges is one value to a reader.
            Some((last, to)) if &self.text[to.clone()] == SENSITIVE && last.end == from.start => last.end = from.end,
            _ => self.push(SENSITIVE, from),
        }
    }

    fn push(&mut self, text: &str, from: Range<usize>) {
        if !from.is_empty() {
            let start = self.text.len();
            self.text.push_str(text);
            self.parts.push((from, start..self.text.len()));
        }
    }
}

/// The lines that begin at byte `start` of their file, which is the begin of a line if that is `whole`. Ranges are those of the file, sorted by their start.
pub(super) fn shown(
    lines: &str,
    (start, whole): (usize, bool),
    known: &[Range<usize>],
    hidden: &[Range<usize>],
) -> Shown {
    let mut shown = Shown::default();
    let mut at = start;
    for line in lines.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        let covers = |range: &&Range<usize>| range.start < at + text.len() && range.end > at;
        let cut = |range: &Range<usize>| {
            let (from, to) = (range.start.max(at) - at, range.end.min(at + text.len()) - at);
            text.floor_char_boundary(from)..text.ceil_char_boundary(to)
        };
        let known: Vec<_> = known.iter().filter(covers).map(cut).collect();
        let hidden: Vec<_> = hidden.iter().filter(covers).map(cut).collect();
        let key = if whole || at > start { key(text) } else { 0 };
        one(&mut shown, (text, at), key, &known, &hidden);
        shown.keep(&line[text.len()..], at + text.len());
        at += line.len();
    }
    shown
}

/// One line, whose first `key` bytes are one; ranges are those of the line. What is hidden wins over what is known.
fn one(shown: &mut Shown, (line, start): (&str, usize), key: usize, known: &[Range<usize>], hidden: &[Range<usize>]) {
    // A line of a value that is hidden is no key, though it may read like one.
    let key = if hidden.iter().any(|range| range.start < key) { 0 } else { key };
    shown.keep(&line[..key], start);
    let mut edges: Vec<usize> = known.iter().chain(hidden).flat_map(|range| [range.start, range.end]).collect();
    edges.extend([key, line.len()]);
    edges.sort_unstable();
    edges.dedup();
    let (mut known, mut hidden) = (Cover::new(known), Cover::new(hidden));
    for edge in edges.windows(2).filter(|edge| edge[0] >= key) {
        let (text, at) = (&line[edge[0]..edge[1]], start + edge[0]);
        match (hidden.at(edge[0]), known.at(edge[0])) {
            (true, _) => shown.mask(at..at + text.len()),
            (false, true) => shown.keep(text, at),
            (false, false) => between(shown, text, at),
        }
    }
}

/// Asks of rising offsets whether a range covers them.
struct Cover<'a> {
    ranges: std::iter::Peekable<std::slice::Iter<'a, Range<usize>>>,
    end: usize,
}

impl<'a> Cover<'a> {
    fn new(ranges: &'a [Range<usize>]) -> Self {
        Self { ranges: ranges.iter().peekable(), end: 0 }
    }

    fn at(&mut self, offset: usize) -> bool {
        while let Some(range) = self.ranges.next_if(|range| range.start <= offset) {
            self.end = self.end.max(range.end);
        }
        offset < self.end
    }
}

/// Text that nothing is known of: the marks around it stay.
fn between(shown: &mut Shown, text: &str, at: usize) {
    let mark = |c: char| c.is_whitespace() || "=:,[]{}\"'-#.|>&*?".contains(c);
    let start = text.find(|c| !mark(c)).unwrap_or(text.len());
    let end = text.rfind(|c| !mark(c)).map_or(start, |last| text.ceil_char_boundary(last + 1));
    shown.keep(&text[..start], at);
    if start < end {
        shown.mask(at + start..at + end);
    }
    shown.keep(&text[end..], at + end);
}

/// How many bytes of a line that is no part of a tree are a key and its separator, or the header of a table.
fn key(line: &str) -> usize {
    let word = |text: &str| {
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !text.is_empty() && text.chars().all(legal) && !looks_like_credential(text)
    };
    if line.starts_with('[') {
        return header(line);
    }
    let Some(separator) = line.find(['=', ':']) else { return 0 };
    let name = line[..separator].trim();
    let behind = &line[separator + 1..];
    let separates = behind.trim().is_empty() && line[separator..].starts_with(':')
        || behind.starts_with([' ', '"', '\'', '[', '{']);
    if separates && word(name.trim_matches(['"', '\''])) { separator + 1 } else { 0 }
}

/// How many bytes of a header are its path, as far as that is plain. A line with one word in brackets may be a list.
fn header(line: &str) -> usize {
    let open = line.len() - line.trim_start_matches('[').len();
    let path = line[open..]
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
        .map_or(line.len(), |at| open + at);
    let closed = line[path..].starts_with(']');
    let end = if closed || path == line.len() { path } else { open };
    let end = line[open..path].rfind('.').map_or(if closed { end } else { open }, |dot| end.max(open + dot + 1));
    if looks_like_credential(&line[open..end]) { 0 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_masked_and_its_place_kept() {
        let text = "k = { a = \"sécret\", b = \"fine\" } # note\n";
        let (a, b) = (text.find("\"sé").unwrap(), text.find("\"fine").unwrap());
        let known = [0..1, 6..7, b - 4..b - 3, b..b + 6];
        let hidden = std::iter::once(a..a + 9).collect::<Vec<_>>();
        let shown = shown(text, (0, true), &known, &hidden);
        assert_eq!(shown.text, "k = { a = (sensitive), b = \"fine\" } # (sensitive)\n");
        assert_eq!(&shown.text[shown.place(b..b + 6)], "\"fine\"");
        assert_eq!(&shown.text[shown.place(a + 2..a + 4)], SENSITIVE);
        assert_eq!(shown.place(text.len()..text.len()), shown.text.len()..shown.text.len());
    }

    #[test]
    fn of_lines_outside_of_a_tree_the_key_stays() {
        let table = [
            ("password = hunter2", "password = (sensitive)"),
            ("  api-key: hunter2", "  api-key: (sensitive)"),
            ("  - hunter2: x", "  - (sensitive)"),
            ("[clusters.prod]", "[clusters.prod]"),
            ("[clusters.prod", "[clusters.prod"),
            ("[secrets.\"a b\"]", "[secrets.\"(sensitive)\"]"),
            ("[\"hunter2\", 'hunter2']", "[\"(sensitive)']"),
            ("[hunter2", "[(sensitive)"),
            ("hunter2", "(sensitive)"),
            ("aHVudGVyMg==", "(sensitive)=="),
            ("\"hunter2\": ", "\"hunter2\": "),
            ("sk-ant-api03-abcdefghij-klmnop: x", "(sensitive)"),
            ("é", "(sensitive)"),
        ];
        for (line, expected) in table {
            assert_eq!(shown(line, (7, true), &[], &[]).text, expected, "{line}");
        }
    }
}
