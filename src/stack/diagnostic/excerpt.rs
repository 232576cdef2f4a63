//! A diagnostic for people: the lines of the file it is about, in the style of rustc. Pure, and blind
//! to secrets: it sees the files only as [`Files::shown`] gives them.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Files, Label, Severity, Span};

/// Longest line that is shown; a generated one-line file must not fill the screen.
const WIDTH: usize = 120;

/// All diagnostics as text, an empty line after each. Colours are ANSI escapes, or absent.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &Files, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
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
    let title = level
        .primary_title(&*diagnostic.message)
        .id(diagnostic.code.name());
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
    let mut first = snippet(primary, AnnotationKind::Primary, files);
    let mut rest = None;
    if let Some(secondary) = &diagnostic.secondary {
        if secondary.span.file == primary.span.file {
            first = first.annotation(annotation(secondary, AnnotationKind::Context, files));
        } else {
            rest = Some(snippet(secondary, AnnotationKind::Context, files));
        }
    }
    std::iter::once(first).chain(rest).collect()
}

fn snippet<'a>(
    label: &'a Label,
    kind: AnnotationKind,
    files: &'a Files,
) -> Snippet<'a, Annotation<'a>> {
    Snippet::source(files.shown(label.span.file))
        .path(files.name(label.span.file))
        .annotation(annotation(label, kind, files))
}

fn annotation<'a>(label: &'a Label, kind: AnnotationKind, files: &'a Files) -> Annotation<'a> {
    let span = first_line(label.span, files);
    let annotation = kind.span(span.start..span.end);
    if label.text.is_empty() {
        annotation
    } else {
        annotation.label(&*label.text)
    }
}

/// A span over many lines is shown by its first: the excerpt says where, not how much.
fn first_line(span: Span, files: &Files) -> Span {
    let span = files.clamp(span);
    let covered = &files.text(span.file)[span.start..span.end];
    let line = covered.split('\n').next().unwrap_or_default();
    let end = span.start + line.trim_end().len();
    Span { end, ..span }
}
