//! The table of `langop rollback --list`: one row an entry of the history, the newest first.

use super::Style;
use super::page::{Ink, paint};
use super::table::table;
use crate::report::HistoryRow;
use crate::state::{Did, Ended, HistoryEntry, Inventory};

const TITLES: [&str; 6] = ["SERIAL", "APPLIED", "LANGOP", "ENDED", "GATEWAY", "WHAT"];

/// The column of how it ended.
const ENDED: usize = 3;

/// The entries as a table; below it what is wrong with one. Lines are cut to the style's width.
#[must_use]
pub(crate) fn history(inventory: &Inventory, rows: &[HistoryRow], style: &Style) -> String {
    if rows.is_empty() {
        return format!("No apply of the stack `{}` is kept.\n", inventory.stack);
    }
    let cells: Vec<_> = rows.iter().map(|row| cells(row, inventory.runs)).collect();
    let mut text = table(TITLES, ENDED, &cells, ink, style);
    if rows.first().is_none_or(|row| row.found.run < inventory.runs) {
        let line = "the present one is none of these: what was applied last, or was cut off, has no entry";
        text.push_str(&paint(&[(Ink::Plain, line)], style));
        text.push('\n');
    }
    for problem in rows.iter().filter_map(|row| row.problem.as_ref()) {
        text.push_str(&paint(&[(Ink::Error, problem)], style));
        text.push('\n');
    }
    let withheld = rows.iter().filter_map(|row| row.found.entry.as_ref().ok());
    for (entry, because) in withheld.filter_map(|entry| Some((entry, entry.obstacle()?))) {
        let line = format!("serial {} cannot be gone back to: {because}", entry.serial);
        text.push_str(&paint(&[(Ink::Plain, &line)], style));
        text.push('\n');
    }
    text
}

fn cells(row: &HistoryRow, present: u64) -> [String; 6] {
    let Ok(entry) = &row.found.entry else {
        return ["?", "?", "?", "damaged", "?", "?"].map(str::to_owned);
    };
    let images = entry.images.iter().map(|(cluster, image)| format!("{cluster}: {image}")).collect::<Vec<_>>();
    [
        entry.serial.to_string(),
        format!("{:.0}", entry.at),
        entry.langop.clone(),
        ended(entry).to_owned(),
        images.join(", "),
        what(entry, entry.run == present),
    ]
}

fn ended(entry: &HistoryEntry) -> &'static str {
    match entry.ended {
        Ended::Healthy => "healthy",
        Ended::Unseen => "not waited for",
        Ended::Failed => "failed",
        Ended::Interrupted => "interrupted",
    }
}

fn what(entry: &HistoryEntry, is_present: bool) -> String {
    let mut did = match entry.did {
        Did::Apply => "apply".to_owned(),
        Did::Rollback { from, to } => format!("rollback from {from} to {to}"),
    };
    for (cluster, serial) in &entry.rolled_back {
        did = format!("{did}, gateway of `{cluster}` back to {serial}");
    }
    if is_present { format!("{did} (the present one)") } else { did }
}

fn ink(ended: &str) -> Ink {
    match ended {
        "healthy" => Ink::Plain,
        _ => Ink::Error,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::report::human::Detail;
    use crate::state::{Found, StateError};

    #[test]
    fn a_history_is_a_table_with_the_newest_first_and_what_is_wrong_below() {
        let entry = |run: u64, did: Did, ended: Ended| {
            let new = HistoryEntry::new("prod", Uuid::nil(), "2026-11-27T10:00:00Z".parse().unwrap());
            let images = BTreeMap::from([("prod".to_owned(), format!("litellm:{run}"))]);
            HistoryEntry { run, serial: run * 3, langop: "0.1.0".to_owned(), did, ended, images, ..new }
        };
        let row = |entry: HistoryEntry| HistoryRow { found: Found { run: entry.run, entry: Ok(entry) }, problem: None };
        let (place, cause) = ("ConfigMap/stack-prod.history-2".to_owned(), "unexpected end of file".to_owned());
        let damaged = StateError::HistoryCorrupt { place, cause };
        let problem = Some(damaged.to_string());
        let withheld = Some("only a part of the stack was applied".to_owned());
        let rows = [
            row(entry(4, Did::Rollback { from: 9, to: 3 }, Ended::Healthy)),
            row(HistoryEntry { withheld, ..entry(3, Did::Apply, Ended::Failed) }),
            HistoryRow { found: Found { run: 2, entry: Err(damaged) }, problem },
            row(entry(1, Did::Apply, Ended::Unseen)),
        ];
        let inventory = Inventory { runs: 4, ..Inventory::new("prod") };
        let style = Style { colour: false, width: 200, detail: Detail::Brief };
        insta::assert_snapshot!(history(&inventory, &rows, &style), @r"
        SERIAL  APPLIED               LANGOP  ENDED           GATEWAY          WHAT
        12      2026-11-27T10:00:00Z  0.1.0   healthy         prod: litellm:4  rollback from 9 to 3 (the present one)
        9       2026-11-27T10:00:00Z  0.1.0   failed          prod: litellm:3  apply
        ?       ?                     ?       damaged         ?                ?
        3       2026-11-27T10:00:00Z  0.1.0   not waited for  prod: litellm:1  apply
        ConfigMap/stack-prod.history-2 is no entry of the history of this stack: unexpected end of file
        serial 9 cannot be gone back to: only a part of the stack was applied
        ");
    }
}
