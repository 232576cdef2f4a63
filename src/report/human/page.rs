//! Lines of text with colour. Knows no plan; the only place that writes escape sequences, and the place
//! where those of others are taken out.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Style;
use crate::object::printable;

/// What a piece of text is; colour follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Added,
    Removed,
    Modified,
    Hunk,
    Error,
    Warning,
}

impl Ink {
    fn ansi(self) -> Ansi {
        let colour = |colour: AnsiColor| Ansi::new().fg_color(Some(colour.into()));
        match self {
            Self::Plain => Ansi::new(),
            Self::Strong => Ansi::new().bold(),
            Self::Faint => Ansi::new().dimmed(),
            Self::Added => colour(AnsiColor::Green),
            Self::Removed => colour(AnsiColor::Red),
            Self::Modified => colour(AnsiColor::Yellow),
            Self::Hunk => colour(AnsiColor::Cyan),
            Self::Error => colour(AnsiColor::Red).bold(),
            Self::Warning => colour(AnsiColor::Yellow).bold(),
        }
    }
}

/// Text under construction.
pub(super) struct Page {
    text: String,
    style: Style,
}

impl Page {
    pub(super) fn new(style: &Style) -> Self {
        Self { text: String::new(), style: *style }
    }

    /// One line: pieces one after the other, `indent` spaces before them.
    pub(super) fn line(&mut self, indent: usize, pieces: &[(Ink, &str)]) {
        let line = paint(pieces, &self.style);
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&line);
        self.text.push('\n');
    }

    /// A line of one piece.
    pub(super) fn say(&mut self, indent: usize, ink: Ink, text: &str) {
        self.line(indent, &[(ink, text)]);
    }

    /// The lines of one fact, each with where it is written; none when there is nothing to say.
    pub(super) fn section(&mut self, name: &str, lines: impl IntoIterator<Item = (String, String)>) {
        for (at, (text, place)) in lines.into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            self.line(2, &[(Ink::Faint, &format!("{name:<12}")), (Ink::Plain, &text), (Ink::Faint, &place)]);
        }
    }

    /// Text that may have several lines; the first begins with `label`, the others stand below its text.
    pub(super) fn paragraph(&mut self, indent: usize, label: (Ink, &str), text: &str) {
        let mut lines = text.trim_end().split('\n');
        self.line(indent, &[label, (Ink::Plain, lines.next().unwrap_or_default())]);
        for line in lines {
            self.say(indent + label.1.width(), Ink::Plain, line);
        }
    }

    /// An empty line, unless there is one or the page is empty.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Pieces as one string without a line break.
pub(super) fn paint(pieces: &[(Ink, &str)], style: &Style) -> String {
    let mut line = String::new();
    for (ink, text) in pieces {
        let text = printable(text);
        if !style.colour || *ink == Ink::Plain || text.is_empty() {
            line.push_str(&text);
        } else {
            let ansi = ink.ansi();
            let _ = write!(line, "{ansi}{text}{ansi:#}");
        }
    }
    line
}

/// The text in at most `width` columns, with `…` where it is cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        used += columns;
        cut.push(c);
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// The text with spaces behind it up to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colour_is_ours_alone() {
        let pieces = [(Ink::Added, "+ \u{1b}[31m"), (Ink::Plain, " x")];
        assert_eq!(paint(&pieces, &Style::default()), "+ \\u{1b}[31m x");
        assert_eq!(paint(&pieces, &Style { colour: true, ..Style::default() }), "\u{1b}[32m+ \\u{1b}[31m\u{1b}[0m x");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(fit("模型模型", 5), "模型…");
        assert_eq!(fit("short", 5), "short");
        assert_eq!(pad("模", 4), "模  ");
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text: String, width in 0_usize..20) {
            prop_assert!(fit(&text, width).width() <= width);
        }
    }
}
