//! A diagnostic for people: the lines of the file it is about, in the style of rustc. Pure, and blind
//! to secrets: it sees the files only as [`Files::shown`] gives them.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Files, Label, Severity, Span};

/// Longest line that is shown; a generated one-line file must not fill the screen.
const WIDTH: usize = 120;

/// Most bytes of lines that are looked through whole for one excerpt.
const LONGEST: usize = 64 * 1024;

/// All diagnostics as text, an empty line after each. Colours are ANSI escapes, or absent.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &Files, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(WIDTH);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let mut columns = Vec::new();
        let mut one = renderer.render(&[group(diagnostic, files, &mut columns)]);
        for Column { before, shown, real } in columns {
            one = one.replacen(&format!("{before}{shown}"), &format!("{before}{real}"), 1);
        }
        text.push_str(&one);
        text.push_str("\n\n");
    }
    text
}

/// A column that the renderer counts in what is shown, and what it is in the file: a mask is no longer and no shorter
/// for what it masks.
struct Column {
    /// File and line.
    before: String,
    shown: usize,
    real: usize,
}

fn group<'a>(diagnostic: &'a Diagnostic, files: &'a Files, columns: &mut Vec<Column>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    for labels in snippets(diagnostic) {
        group = group.element(snippet(&labels, files, columns));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    group
}

/// One snippet when both places are in one file, else one for each.
fn snippets(diagnostic: &Diagnostic) -> Vec<Vec<(&Label, AnnotationKind)>> {
    let one = diagnostic.primary.as_ref().map(|label| (label, AnnotationKind::Primary));
    let two = diagnostic.secondary.as_ref().map(|label| (label, AnnotationKind::Context));
    match (one, two) {
        (Some(one), Some(two)) if one.0.span.file == two.0.span.file => vec![vec![one, two]],
        (one, two) => one.into_iter().chain(two).map(|label| vec![label]).collect(),
    }
}

/// Places in one file. Only the lines from the first to the last of them are handed on: a large file
/// is not looked through for each of its mistakes.
fn snippet<'a>(
    labels: &[(&'a Label, AnnotationKind)],
    files: &'a Files,
    columns: &mut Vec<Column>,
) -> Snippet<'a, Annotation<'a>> {
    let spans: Vec<Span> = labels.iter().map(|(label, _)| first_line(label.span, files)).collect();
    let (Some(first), Some(all)) = (spans.first(), spans.iter().copied().reduce(Span::around)) else {
        return Snippet::source("");
    };
    let lines = window(files.lines(all), all);
    let shown = files.shown(lines);
    let annotations: Vec<_> = labels
        .iter()
        .zip(&spans)
        .map(|((label, kind), span)| {
            let annotation = kind.span(shown.place(span.start..span.end));
            if label.text.is_empty() { annotation } else { annotation.label(&*label.text) }
        })
        .collect();
    let place = files.source(*first);
    let before = &shown.text[..shown.place(first.start..first.start).start];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    if column != place.column {
        let before = format!("{}:{}:", place.file, place.line);
        columns.push(Column { before, shown: column, real: place.column });
    }
    Snippet::source(shown.text)
        .path(files.name(lines.file))
        .line_start(files.source(lines).line)
        .annotations(annotations)
}

/// Of lines that fill many screens, what stands around the place.
fn window(lines: Span, place: Span) -> Span {
    if lines.end - lines.start < LONGEST {
        return lines;
    }
    let (start, end) = (place.start.saturating_sub(WIDTH).max(lines.start), (place.end + WIDTH).min(lines.end));
    Span { start, end, ..lines }
}

/// A span over many lines is shown by its first: the excerpt says where, not how much.
fn first_line(span: Span, files: &Files) -> Span {
    let span = files.clamp(span);
    let covered = &files.text(span.file)[span.start..span.end];
    let line = covered.split('\n').next().unwrap_or_default();
    let end = span.start + line.trim_end().len();
    Span { end, ..span }
}
