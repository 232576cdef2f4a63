//! The tables of `langop status`: one row a cluster, then one row an agent or tool.

use std::collections::BTreeMap;

use super::Style;
use super::page::{Ink, paint};
use super::spend::budgets as table_of_budgets;
use super::table::table;
use crate::object::printable;
use crate::ops::BudgetState;

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
    /// Its agents and tools.
    pub members: Vec<MemberRow>,
    /// What is left of its budgets.
    pub budgets: Vec<BudgetState>,
    /// Why that is not known.
    pub no_budgets: Option<String>,
}

/// One agent or tool, as it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemberRow {
    /// `agent` or `tool`.
    pub noun: String,
    /// Its name.
    pub name: String,
    /// How far it is.
    pub phase: String,
    /// Names of its models.
    pub models: Vec<String>,
    /// Its group, if it is in one.
    pub group: Option<String>,
    /// How often its containers were started again.
    pub restarts: i64,
    /// How its last run ended, and when.
    pub last_run: Option<String>,
    /// Why it does not run, printed below the table.
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

const MEMBER_TITLES: [&str; 8] = ["CLUSTER", "KIND", "NAME", "PHASE", "MODELS", "GROUP", "RESTARTS", "LAST RUN"];

/// The clusters as a table, in the order given, and their agents and tools as another. Lines are cut to the style's
/// width.
#[must_use]
pub(crate) fn status(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No language clusters.\n".to_owned();
    }
    let clusters: Vec<_> = rows.iter().map(cells).collect();
    let mut text = table(TITLES, 1, &clusters, phase_ink, style);
    for row in rows {
        text.extend(row.reason.as_ref().map(|reason| because(&row.cluster, reason, style)));
    }
    let members: Vec<_> = rows.iter().flat_map(|row| row.members.iter().map(move |member| (row, member))).collect();
    if !members.is_empty() {
        let cells: Vec<_> = members.iter().map(|(row, member)| member_cells(&row.cluster, member)).collect();
        text.push('\n');
        text.push_str(&table(MEMBER_TITLES, 3, &cells, phase_ink, style));
    }
    for (row, member) in members {
        let name = format!("{} {} of {}", member.noun, member.name, row.cluster);
        text.extend(member.reason.as_ref().map(|reason| because(&name, reason, style)));
    }
    for row in rows {
        if !row.budgets.is_empty() {
            text.push('\n');
            text.push_str(&table_of_budgets(&row.cluster, &row.budgets, style));
        }
        let unknown =
            row.no_budgets.as_ref().map(|reason| because(&format!("budgets of {}", row.cluster), reason, style));
        text.extend(unknown);
    }
    text
}

/// How each cluster, agent and tool is, by what it is called: what a line says that tells of a change.
#[must_use]
pub(crate) fn status_lines(rows: &[StatusRow]) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for row in rows {
        lines.insert(format!("cluster {}", row.cluster), words(&row.phase, row.reason.as_deref()));
        for member in &row.members {
            let restarts = if member.restarts > 0 { format!(", restarts {}", member.restarts) } else { String::new() };
            let run = member.last_run.as_ref().map(|run| format!(", last run {run}")).unwrap_or_default();
            let words = words(&format!("{}{restarts}{run}", member.phase), member.reason.as_deref());
            lines.insert(format!("{} {} of {}", member.noun, member.name, row.cluster), words);
        }
    }
    lines
}

fn words(phase: &str, reason: Option<&str>) -> String {
    let text = reason.map_or(phase.to_owned(), |reason| format!("{phase}: {reason}"));
    printable(&text).into_owned()
}

fn because(name: &str, reason: &str, style: &Style) -> String {
    paint(&[(Ink::Strong, name), (Ink::Plain, ": "), (Ink::Plain, reason)], style) + "\n"
}

fn cells(row: &StatusRow) -> [String; 5] {
    let capacity = row.capacity.iter().map(|limit| format!("{} {}/{}", limit.resource, limit.used, limit.hard));
    [
        row.cluster.clone(),
        row.phase.clone(),
        row.endpoint.clone().unwrap_or_default(),
        row.models.join(", "),
        capacity.collect::<Vec<_>>().join(", "),
    ]
}

fn member_cells(cluster: &str, member: &MemberRow) -> [String; 8] {
    [
        cluster.to_owned(),
        member.noun.clone(),
        member.name.clone(),
        member.phase.clone(),
        member.models.join(", "),
        member.group.clone().unwrap_or_default(),
        member.restarts.to_string(),
        member.last_run.clone().unwrap_or_default(),
    ]
}

fn phase_ink(phase: &str) -> Ink {
    match phase {
        "Ready" | "Running" | "Succeeded" => Ink::Added,
        "Pending" | "Degraded" | "Suspended" => Ink::Modified,
        _ => Ink::Removed,
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

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
                ..StatusRow::default()
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
    fn agents_and_tools_stand_below_their_clusters() {
        let member = |noun: &str, name: &str, phase: &str| MemberRow {
            noun: noun.into(),
            name: name.into(),
            phase: phase.into(),
            ..MemberRow::default()
        };
        let rows = [StatusRow {
            cluster: "prod".into(),
            phase: "Ready".into(),
            members: vec![
                MemberRow {
                    models: vec!["claude".into()],
                    group: Some("research".into()),
                    ..member("agent", "scout", "Running")
                },
                MemberRow {
                    restarts: 4,
                    last_run: Some("Failed 2026-01-01T00:00:00Z".into()),
                    reason: Some("BackoffLimitExceeded".into()),
                    ..member("agent", "report", "Failed")
                },
                member("tool", "search", "Running"),
            ],
            ..StatusRow::default()
        }];
        insta::assert_snapshot!(status(&rows, &Style { width: 120, ..Style::default() }));
    }

    #[test]
    fn a_line_says_of_each_what_may_change() {
        let member = MemberRow {
            noun: "agent".into(),
            name: "report".into(),
            phase: "Failed".into(),
            restarts: 4,
            last_run: Some("Failed 2026-01-01T00:00:00Z".into()),
            reason: Some("BackoffLimit\u{7}".into()),
            ..MemberRow::default()
        };
        let mut rows = rows();
        rows[1].members.push(member);
        let lines: Vec<_> = status_lines(&rows).into_iter().map(|(name, words)| format!("{name}: {words}")).collect();
        assert_eq!(
            lines,
            [
                "agent report of test: Failed, restarts 4, last run Failed 2026-01-01T00:00:00Z: BackoffLimit\\u{7}",
                "cluster production-agents: Ready",
                "cluster test: Pending: Deployment/gateway: 0 of 1 replicas available",
            ]
        );
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert_eq!(status(&[], &Style::default()), "No language clusters.\n");
    }
}
