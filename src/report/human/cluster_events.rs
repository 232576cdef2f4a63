//! The table of `langop events`: one row an event, the newest last. It is not cut: what an event says stands at the end.

use super::Style;
use super::page::Ink;
use super::table::table;
use crate::ops::ClusterEvent;

const TITLES: [&str; 6] = ["LAST SEEN", "TYPE", "COUNT", "OBJECT", "REASON", "MESSAGE"];

/// The events in the order given.
#[must_use]
pub(crate) fn cluster_events(events: &[ClusterEvent], style: &Style) -> String {
    if events.is_empty() {
        return "No events.\n".to_owned();
    }
    let rows: Vec<_> = events.iter().map(row).collect();
    let ink = |kind: &str| if kind == "Warning" { Ink::Modified } else { Ink::Plain };
    table(TITLES, 1, &rows, ink, &Style { width: usize::MAX, ..*style })
}

fn row(event: &ClusterEvent) -> [String; 6] {
    [
        event.last.map(|time| format!("{time:.0}")).unwrap_or_default(),
        if event.warning { "Warning" } else { "Normal" }.to_owned(),
        event.count.to_string(),
        format!("{}/{}", event.object.kind, event.object.name),
        event.reason.clone(),
        event.message.split_whitespace().collect::<Vec<_>>().join(" "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn events_stand_in_columns_and_the_words_of_others_move_no_terminal() {
        insta::assert_snapshot!(cluster_events(&samples::cluster_events(), &Style { width: 20, ..Style::default() }));
        assert_eq!(cluster_events(&[], &Style::default()), "No events.\n");
    }
}
