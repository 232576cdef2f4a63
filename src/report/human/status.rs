//! The table of `langop status`: one row a cluster.

use unicode_width::UnicodeWidthStr;

use super::Style;
use super::page::{Ink, fit, pad, paint};
use crate::object::printable;

/// One language cluster, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatusRow {
    /// Name of the cluster.
    pub cluster: String,
    /// `Pending`, `Ready` or `Failed`; `Absent` when it is described and not there.
    pub phase: String,
    /// Where its gateway answers.
    pub endpoint: Option<String>,
    /// Names of its models.
    pub models: Vec<String>,
    /// What its quota limits; empty without one.
    pub capacity: Vec<Capacity>,
    /// Why it is not ready, printed below the row.
    pub reason: Option<String>,
}

/// One limit of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// What is limited, in the user's word: `agents`, `models`, `cpu`, `memory`.
    pub resource: String,
    /// How much of it is in use, as the quota counts.
    pub used: String,
    /// How much there may be.
    pub hard: String,
}

const TITLES: [&str; 5] = ["CLUSTER", "PHASE", "ENDPOINT", "MODELS", "CAPACITY"];

/// The clusters as a table, in the order given. Lines are cut to the style's width.
#[must_use]
pub(crate) fn status(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No language clusters.\n".to_owned();
    }
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let cells = cells.iter().map(|row| row[column].width());
        cells.chain([TITLES[column].len()]).max().unwrap_or(0)
    });
    let mut text = String::new();
    let mut line = |pieces: [&str; 5], phase: Ink, rest: Ink| {
        text.push_str(&table_line(pieces, widths, (phase, rest), style));
        text.push('\n');
    };
    line(TITLES, Ink::Faint, Ink::Faint);
    let mut reasons = Vec::new();
    for (row, cells) in rows.iter().zip(&cells) {
        line(cells.each_ref().map(String::as_str), phase_ink(&row.phase), Ink::Plain);
        reasons.extend(row.reason.as_ref().map(|reason| (&row.cluster, reason)));
    }
    for (cluster, reason) in reasons {
        text.push_str(&paint(&[(Ink::Strong, cluster), (Ink::Plain, ": "), (Ink::Plain, reason)], style));
        text.push('\n');
    }
    text
}

fn cells(row: &StatusRow) -> [String; 5] {
    let dash = |text: String| if text.is_empty() { "-".to_owned() } else { printable(&text).into_owned() };
    let capacity = row.capacity.iter().map(|limit| format!("{} {}/{}", limit.resource, limit.used, limit.hard));
    [
        dash(row.cluster.clone()),
        dash(row.phase.clone()),
        dash(row.endpoint.clone().unwrap_or_default()),
        dash(row.models.join(", ")),
        dash(capacity.collect::<Vec<_>>().join(", ")),
    ]
}

fn phase_ink(phase: &str) -> Ink {
    match phase {
        "Ready" => Ink::Added,
        "Pending" => Ink::Modified,
        _ => Ink::Removed,
    }
}

fn table_line(cells: [&str; 5], widths: [usize; 5], (phase, rest): (Ink, Ink), style: &Style) -> String {
    let mut room = style.width;
    let mut line = String::new();
    for (column, cell) in cells.iter().enumerate() {
        let cell = fit(cell, room);
        let padded = if column == 4 { cell } else { fit(&pad(&cell, widths[column] + 2), room) };
        room -= padded.width().min(room);
        let ink = if column == 1 { phase } else { rest };
        line.push_str(&paint(&[(ink, &padded)], style));
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::Detail;

    fn rows() -> Vec<StatusRow> {
        let limit = |resource: &str, used: &str, hard: &str| Capacity {
            resource: resource.into(),
            used: used.into(),
            hard: hard.into(),
        };
        vec![
            StatusRow {
                cluster: "production-agents".into(),
                phase: "Ready".into(),
                endpoint: Some("https://gateway.agents.example.com".into()),
                models: vec!["claude".into(), "gpt".into()],
                capacity: vec![limit("agents", "2", "20"), limit("cpu", "4500m", "16")],
                reason: None,
            },
            StatusRow {
                cluster: "test".into(),
                phase: "Pending".into(),
                reason: Some("Deployment/gateway: 0 of 1 replicas available".into()),
                ..StatusRow::default()
            },
        ]
    }

    #[test]
    fn clusters_stand_in_columns() {
        insta::assert_snapshot!(status(&rows(), &Style { width: 120, ..Style::default() }));
        insta::assert_snapshot!(
            "coloured",
            status(&rows(), &Style { width: 120, colour: true, detail: Detail::Brief })
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_lines() {
        let text = status(&rows()[..1], &Style { width: 40, ..Style::default() });
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert_eq!(status(&[], &Style::default()), "No language clusters.\n");
    }
}
