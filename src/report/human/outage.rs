//! The answer of `explain outage`.

use super::Style;
use super::page::{Ink, Page};
use super::table::table;
use crate::ops::{CallOutage, ClusterOutage, Fate, Outage};

/// Who may call any model, in the place of an agent's name.
const ANYONE: &str = "any other";

/// A table a cluster: one line for each caller and model, with who answers.
#[must_use]
pub(crate) fn outage(outage: &Outage, style: &Style) -> String {
    let mut page = Page::new(style);
    page.say(0, Ink::Strong, &format!("Without {}:", listed(&outage.out)));
    let mut text = page.finish();
    for cluster in &outage.clusters {
        text.push('\n');
        text.push_str(&of_cluster(cluster, style));
    }
    text
}

fn of_cluster(cluster: &ClusterOutage, style: &Style) -> String {
    let mut page = Page::new(style);
    let name = format!("cluster `{}`", cluster.cluster);
    if cluster.out.is_empty() {
        page.say(0, Ink::Plain, &format!("{name}: nothing of it is out"));
    } else {
        page.line(0, &[(Ink::Plain, &format!("{name}, out: ")), (Ink::Strong, &listed(&cluster.out))]);
    }
    if !cluster.unknown.is_empty() {
        page.say(0, Ink::Warning, &format!("{name}, not known, for the hosts are not: {}", listed(&cluster.unknown)));
    }
    let rows: Vec<_> = cluster
        .callers
        .iter()
        .flat_map(|caller| {
            let team = caller.team.as_ref().map(|team| format!("team {team}"));
            let who = caller.agent.clone().or(team).unwrap_or_else(|| ANYONE.to_owned());
            caller
                .calls
                .iter()
                .map(move |call| [who.clone(), call.names.join(", "), word(call.fate).to_owned(), who_answers(call)])
        })
        .collect();
    page.finish() + &table(["CALLER", "CALLS", "IS", "ANSWERED BY"], 2, &rows, ink, style)
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Unaffected => "unaffected",
        Fate::Served => "served",
        Fate::Degraded => "degraded",
        Fate::Dead => "dead",
    }
}

fn ink(word: &str) -> Ink {
    match word {
        "dead" => Ink::Error,
        "degraded" => Ink::Warning,
        "served" => Ink::Added,
        _ => Ink::Plain,
    }
}

fn who_answers(call: &CallOutage) -> String {
    let mut parts = Vec::new();
    match (&call.fallback, call.fate) {
        (Some(fallback), _) if call.by == [fallback.clone()] => parts.push(format!("fallback {fallback}")),
        (Some(fallback), _) => parts.push(format!("fallback {fallback} ({})", call.by.join(", "))),
        (None, Fate::Dead) if call.failed.is_empty() && call.refused.is_empty() => {
            parts.push("nobody: it has no fallback".to_owned());
        }
        (None, Fate::Dead) => parts.push("nobody".to_owned()),
        (None, _) => parts.push(call.by.join(", ")),
    }
    if call.partly {
        parts.push("calls that meet what is out are lost until it rests (`retries` is 0)".to_owned());
    }
    if !call.failed.is_empty() {
        parts.push(format!("{} fail{} too", call.failed.join(", "), if call.failed.len() == 1 { "s" } else { "" }));
    }
    if !call.refused.is_empty() {
        parts.push(format!("it may not call {}", call.refused.join(", ")));
    }
    parts.join("; ")
}

fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample_outage::sample;

    #[test]
    fn each_caller_has_a_line_for_each_model() {
        insta::assert_snapshot!(outage(&sample(), &Style::default()));
    }
}
