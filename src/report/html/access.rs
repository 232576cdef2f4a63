//! Who may reach what, and who may call which model, as tables.

use maud::{Markup, html};

use super::Part;
use super::prose::code;
use crate::object::printable;
use crate::ops::{Access, Calls, ClusterAccess, Ends, ModelCall};
use crate::reach::{Answer, Side};

/// Ports of one answer before the rest is only counted.
const PORTS: usize = 3;

/// Both tables of each cluster; none of a description without clusters.
#[must_use]
pub(super) fn parts(access: &Access) -> Vec<Part> {
    let reach = html! {
        p { "By the description alone: what other policies of the target say, "
            code { "langop explain reach --live" } " tells. "
            b { "✓" } " allowed, " b { "–" } " refused, " b { "?" } " not decided. A row connects to a column; "
            code { "203.0.113.1" } " stands for the internet." }
        @for cluster in &access.clusters { (reach_table(cluster)) }
        @if access.left_out > 0 { p { (access.left_out) " more clusters are not shown." } }
    };
    let calls = html! {
        p { b { "✓" } " listed by the agent, for this; " b { "(✓)" } " not listed, and the gateway lets it; "
            b { "–" } " refused by the gateway." }
        @for cluster in access.clusters.iter().filter(|cluster| cluster.calls.has_any()) { (calls_table(cluster)) }
    };
    let has_calls = access.clusters.iter().any(|cluster| cluster.calls.has_any());
    let reach = (!access.clusters.is_empty()).then_some(Part { id: "reach", title: "Who may reach what", body: reach });
    let calls = has_calls.then_some(Part { id: "models", title: "Who may call which model", body: calls });
    reach.into_iter().chain(calls).collect()
}

fn reach_table(access: &ClusterAccess) -> Markup {
    let rows = access.from.shown.iter().zip(&access.answers);
    let cells = |from: &String, answers: &[Option<Answer>]| {
        let pairs = access.to.shown.iter().zip(answers);
        pairs.map(|(to, one)| answer(one.as_ref(), from == to)).collect()
    };
    let rows = rows.map(|(from, answers)| (from.as_str(), cells(from, answers)));
    table("reach", &access.cluster, &access.to, &rows.collect::<Vec<_>>(), access.from.more)
}

fn calls_table(access: &ClusterAccess) -> Markup {
    let Calls { models, agents, more_agents } = &access.calls;
    let rows = agents.iter().map(|agent| (agent.agent.as_str(), agent.calls.iter().map(|one| call(*one)).collect()));
    table("models", &access.cluster, models, &rows.collect::<Vec<_>>(), *more_agents)
}

/// It scrolls within its own box, and can be scrolled by keys.
fn table(part: &str, cluster: &str, columns: &Ends, rows: &[(&str, Vec<Markup>)], more_rows: usize) -> Markup {
    let label = format!("cluster {}", printable(cluster));
    html! {
        h3 { "Cluster " (code(cluster)) }
        div.scroll tabindex="0" role="region" aria-label={ (part) " of " (label) } {
            table.matrix {
                caption.unseen { (part) " of " (label) }
                thead { tr {
                    td {}
                    @for column in &columns.shown { th scope="col" { span { (printable(column)) } } }
                } }
                tbody { @for (name, cells) in rows { tr { th scope="row" { (printable(name)) } @for cell in cells { (cell) } } } }
            }
        }
        @if columns.more + more_rows > 0 { p { "Not shown: " (more_rows) " more rows, " (columns.more) " more columns." } }
    }
}

fn answer(answer: Option<&Answer>, is_itself: bool) -> Markup {
    let Some(answer) = answer else {
        return html! {
            @if is_itself { td { span.unseen { "itself" } } }
            @else { td.maybe title="nobody knows what is behind it" { span aria-hidden="true" { "?" } span.unseen { "not known" } } }
        };
    };
    let (class, mark, word) = match (answer.allowed, answer.undecided) {
        (true, _) => ("yes", "✓", "allowed"),
        (false, true) => ("maybe", "?", "not decided"),
        (false, false) => ("no", "–", "refused"),
    };
    let open: Vec<&str> = answer.open.iter().flatten().chain(&answer.port).map(String::as_str).collect();
    html! {
        td class=(class) title=(printable(&why(answer))) {
            span aria-hidden="true" { (mark) } span.unseen { (word) }
            @if answer.allowed {
                small { @for port in open.iter().take(PORTS) { " " (printable(port)) } @if open.len() > PORTS { " …" } }
            }
        }
    }
}

/// What each end says, and by which rule of which line.
fn why(answer: &Answer) -> String {
    let side = |side: &Side| {
        let rule = side.rules.first();
        let line = rule.and_then(|rule| rule.source.as_ref()).map(|source| format!(" at {source}")).unwrap_or_default();
        let rule = rule.map(|rule| format!(" ({} {}{line})", rule.owner, rule.path)).unwrap_or_default();
        format!("{}{rule}", side.because)
    };
    format!("{} to {}. Out: {}. In: {}.", answer.from, answer.to, side(&answer.egress), side(&answer.ingress))
}

fn call(call: ModelCall) -> Markup {
    match call {
        ModelCall::Listed(role) => {
            html! { td.yes { span aria-hidden="true" { "✓" } span.unseen { "listed as" } small { " " (role) } } }
        }
        ModelCall::Unlisted => {
            html! { td.maybe { span aria-hidden="true" { "(✓)" } span.unseen { "allowed, not listed" } } }
        }
        ModelCall::Refused => html! { td.no { span aria-hidden="true" { "–" } span.unseen { "refused" } } },
    }
}
