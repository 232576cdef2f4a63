//! The table after plans of several environments: one row each.

use unicode_width::UnicodeWidthStr as _;

use super::page::pad;
use crate::object::printable;
use crate::report::Counts;

/// One environment, planned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnvironmentRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// Exit code that a plan of it alone has.
    pub exit: u8,
    /// What that code means.
    pub ended: &'a str,
    /// What the plan would do; none when there is no plan.
    pub counts: Option<Counts>,
}

const TITLES: [&str; 3] = ["ENVIRONMENT", "EXIT", "RESULT"];

/// The environments as a table, in the order given.
#[must_use]
pub(crate) fn environments(rows: &[EnvironmentRow<'_>]) -> String {
    let names = rows.iter().map(|row| row.name.width());
    let width = names.chain([TITLES[0].len()]).max().unwrap_or(0);
    let line = |name: &str, exit: &str, result: &str| format!("{}  {}  {result}\n", pad(name, width), pad(exit, 4));
    let rows = rows.iter().map(|row| line(&printable(row.name), &row.exit.to_string(), &result(row)));
    [line(TITLES[0], TITLES[1], TITLES[2])].into_iter().chain(rows).collect()
}

fn result(row: &EnvironmentRow<'_>) -> String {
    match row.counts {
        // What a plan is refused for says more than what it would have done.
        Some(Counts { add: 0, change: 0, destroy: 0, forget: 0, .. }) if row.exit == 0 => "nothing to do".to_owned(),
        Some(counts) if matches!(row.exit, 0 | 2) => {
            format!("{} to add, {} to change, {} to destroy", counts.add, counts.change, counts.destroy)
        }
        _ => row.ended.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_would_be_done_or_why_it_is_not_known() {
        let row = |name, exit, counts| EnvironmentRow { name, exit, ended: "the server cannot be reached", counts };
        let counts = Counts { add: 3, change: 1, ..Counts::default() };
        let rows = [row("dev", 0, Some(Counts::default())), row("production-eu", 2, Some(counts)), row("qa", 69, None)];
        insta::assert_snapshot!(environments(&rows), @r"
        ENVIRONMENT    EXIT  RESULT
        dev            0     nothing to do
        production-eu  2     3 to add, 1 to change, 0 to destroy
        qa             69    the server cannot be reached
        ");
    }
}
