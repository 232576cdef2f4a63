//! A diagnostic for people: the lines of the file it is about, in the style of rustc. Pure, and blind
//! to secrets: it sees the files only as [`Files::shown`] gives them.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Files, Label, Severity, Span};

/// Longest line that is shown; a generated one-line file must not fill the screen.
const WIDTH: usize = 120;

/// All diagnostics as text, an empty line after each. Colours are ANSI escapes, or absent.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &Files, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(WIDTH);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&[group(diagnostic, files)]));
        text.push_str("\n\n");
    }
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code.name());
    let mut group = Group::with_title(title).elements(snippets(diagnostic, files));
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    group
}

/// One snippet when both places are in one file, else one for each.
fn snippets<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Vec<Snippet<'a, Annotation<'a>>> {
    let Some(primary) = &diagnostic.primary else {
        return Vec::new();
    };
    let one = (primary, AnnotationKind::Primary);
    let Some(secondary) = &diagnostic.secondary else {
        return vec![snippet(&[one], files)];
    };
    let two = (secondary, AnnotationKind::Context);
    if secondary.span.file == primary.span.file {
        vec![snippet(&[one, two], files)]
    } else {
        vec![snippet(&[one], files), snippet(&[two], files)]
    }
}

/// Places in one file. Only the lines from the first to the last of them are handed on: a large file
/// is not looked through for each of its mistakes.
fn snippet<'a>(labels: &[(&'a Label, AnnotationKind)], files: &'a Files) -> Snippet<'a, Annotation<'a>> {
    let spans: Vec<Span> = labels.iter().map(|(label, _)| first_line(label.span, files)).collect();
    let Some(all) = spans.iter().copied().reduce(Span::around) else {
        return Snippet::source("");
    };
    let lines = files.lines(all);
    let annotations = labels.iter().zip(&spans).map(|((label, kind), span)| {
        let annotation = kind.span(span.start - lines.start..span.end - lines.start);
        if label.text.is_empty() { annotation } else { annotation.label(&*label.text) }
    });
    Snippet::source(files.shown(lines))
        .path(files.name(lines.file))
        .line_start(files.source(lines).line)
        .annotations(annotations)
}

/// A span over many lines is shown by its first: the excerpt says where, not how much.
fn first_line(span: Span, files: &Files) -> Span {
    let span = files.clamp(span);
    let covered = &files.text(span.file)[span.start..span.end];
    let line = covered.split('\n').next().unwrap_or_default();
    let end = span.start + line.trim_end().len();
    Span { end, ..span }
}
