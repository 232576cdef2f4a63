//! A table: a title for each column, one line a row, cut to the width of the terminal.

use unicode_width::UnicodeWidthStr;

use super::Style;
use super::page::{Ink, fit, pad, paint};
use crate::object::printable;

/// The lines of a table with the phase of its rows in one column, which shows how they are.
pub(super) fn table<const N: usize>(
    titles: [&str; N],
    phase: usize,
    rows: &[[String; N]],
    ink: impl Fn(&str) -> Ink,
    style: &Style,
) -> String {
    let cells: Vec<[String; N]> = rows.iter().map(|row| std::array::from_fn(|column| cell(&row[column]))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = cells.iter().map(|row| row[column].width());
        cells.chain([titles[column].len()]).max().unwrap_or(0)
    });
    let mut text = String::new();
    let mut line = |pieces: [&str; N], ink: &dyn Fn(usize) -> Ink| {
        text.push_str(&table_line(pieces, widths, ink, style));
        text.push('\n');
    };
    line(titles, &|_| Ink::Faint);
    for (row, cells) in rows.iter().zip(&cells) {
        let phase_ink = ink(&row[phase]);
        line(cells.each_ref().map(String::as_str), &|column| if column == phase { phase_ink } else { Ink::Plain });
    }
    text
}

fn cell(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { printable(text).into_owned() }
}

fn table_line<const N: usize>(
    cells: [&str; N],
    widths: [usize; N],
    ink: &dyn Fn(usize) -> Ink,
    style: &Style,
) -> String {
    let mut room = style.width;
    let mut line = String::new();
    for (column, cell) in cells.iter().enumerate() {
        let cell = fit(cell, room);
        let padded = if column + 1 == N { cell } else { fit(&pad(&cell, widths[column] + 2), room) };
        room -= padded.width().min(room);
        line.push_str(&paint(&[(ink(column), &padded)], style));
    }
    line.trim_end().to_owned()
}
