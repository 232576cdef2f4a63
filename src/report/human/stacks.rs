//! The table of `langop stacks`: one row a stack.

use unicode_width::UnicodeWidthStr;

use super::Style;
use super::page::{Ink, fit, pad, paint};
use crate::report::StackRow;
use crate::state::{Inventory, LockState};

const TITLES: [&str; 6] = ["STACK", "OBJECTS", "SERIAL", "WRITTEN", "LANGOP", "LOCKED BY"];

/// The stacks as a table, in the order given; below it what is wrong with a record. Lines are cut to the style's width.
#[must_use]
pub(crate) fn stacks(stacks: &[StackRow], style: &Style) -> String {
    if stacks.is_empty() {
        return "No stacks.\n".to_owned();
    }
    let rows: Vec<_> = stacks.iter().map(cells).collect();
    let widths: [usize; 6] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.chain([TITLES[column].len()]).max().unwrap_or(0)
    });
    let mut text = line(&TITLES.map(str::to_owned), widths, Ink::Faint, style);
    for row in &rows {
        text.push_str(&line(row, widths, Ink::Plain, style));
    }
    for (stack, problem) in stacks.iter().filter_map(|row| Some((&row.stack.stack, row.problem.as_ref()?))) {
        text.push_str(&paint(&[(Ink::Strong, stack), (Ink::Plain, ": "), (Ink::Error, problem)], style));
        text.push('\n');
    }
    text
}

fn cells(row: &StackRow) -> [String; 6] {
    let stack = &row.stack;
    let of_record = |value: fn(&Inventory) -> String| stack.record.as_ref().map_or("?".to_owned(), value);
    let lock = match &stack.lock {
        LockState::Free => "-".to_owned(),
        LockState::Held(held) => held.to_string(),
        LockState::Unknown => "not known".to_owned(),
    };
    [
        stack.stack.clone(),
        of_record(|record| record.entries.len().to_string()),
        of_record(|record| record.serial.to_string()),
        stack.written.map_or("-".to_owned(), |time| format!("{time:.0}")),
        of_record(|record| record.written_by.clone()),
        lock,
    ]
}

fn line(cells: &[String; 6], widths: [usize; 6], ink: Ink, style: &Style) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| pad(cell, width + 2)).collect::<String>();
    let text = paint(&[(ink, &fit(padded.trim_end(), style.width))], style);
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn stacks_stand_in_columns_and_a_broken_record_hides_no_other() {
        insta::assert_snapshot!(stacks(&samples::stacks(), &Style { width: 120, ..Style::default() }));
        assert_eq!(stacks(&[], &Style::default()), "No stacks.\n");
    }
}
