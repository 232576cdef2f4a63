//! Rules of budgets: there is a store to count in, the days are days, and what calls cost is known.

use super::auth::is_open;
use super::timezone::timezone;
use super::{Index, price, team};
use crate::api::Budget;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::{Entry, Node};

/// The budget of a cluster, a model, an agent or a team.
pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(budget) = draft.node.entry("budget") else { return };
    if let Some(window) = budget.node.get("window").filter(|window| days(window.text()) > Budget::MOST_DAYS) {
        let message = format!("`{}` is more than the {} days that are kept", window.shown(), Budget::MOST_DAYS);
        found.push(Diagnostic::error(Code::BadWindow, message).at(window.span, ""));
    }
    if let Some(zone) = budget.node.get("timezone") {
        timezone(zone, found);
    }
    let clusters = if draft.kind == Kind::Cluster { std::slice::from_ref(&draft.name) } else { &draft.clusters };
    for cluster in clusters.iter().filter(|cluster| draft.kind == Kind::Agent && is_open(cluster, index)) {
        let message =
            format!("the gateway of cluster `{cluster}` asks nobody for a key, so that no agent needs its own budget");
        let error = Diagnostic::error(Code::BudgetWithoutKeys, message).at(budget.key, "");
        found.push(error.hint("give the cluster or a model a budget, or let `gateway.auth.enabled` be true"));
    }
    for cluster in clusters.iter().filter(|cluster| !has_store(cluster, index)) {
        let message = format!("a budget is counted in a store, and the gateway of cluster `{cluster}` has none");
        let hint = format!(
            "`store = {{ }}` in `clusters.{cluster}.gateway` lets langop run a small one; with `host` it is one that is there"
        );
        found.push(Diagnostic::error(Code::BudgetWithoutStore, message).at(budget.key, "").hint(hint));
    }
}

fn has_store(cluster: &str, index: &Index<'_>) -> bool {
    index.cluster(cluster).is_none_or(|cluster| cluster.node.at(&["gateway", "store"]).is_some())
}

/// The days of a window that is written in days.
fn days(window: Option<&str>) -> u16 {
    window.and_then(|text| text.strip_suffix('d')?.parse().ok()).unwrap_or(0)
}

/// Models of a cluster that calls under a budget may reach, and whose price nobody knows: their calls would count
/// nothing.
pub(super) fn prices<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let is_restricted = cluster.node.at(&["gateway", "auth", "restrictModels"]).and_then(Node::boolean) == Some(true);
    let agents = index.of(&cluster.name, Kind::Agent);
    let agents: Vec<_> = agents.map(|agent| (agent, team::of_agent(agent, &cluster.name, index))).collect();
    let teams: Vec<_> = index.of(&cluster.name, Kind::Team).collect();
    for model in index.of(&cluster.name, Kind::Model).filter(|model| !price::is_known(&model.node)) {
        let may_call = |team: &Draft| team::may_call(team, model, (&cluster.name, index));
        let agents = agents
            .iter()
            .filter(|(agent, team)| team.is_none_or(may_call) && (!is_restricted || lists(agent, &model.name)));
        let teams = teams.iter().copied().filter(|team| may_call(team));
        let mut own = [cluster, model].into_iter().chain(teams).chain(agents.map(|(agent, _)| *agent));
        let Some((draft, budget)) = own.find_map(|draft| Some((draft, draft.node.entry("budget")?))) else {
            continue;
        };
        found.push(unpriced(model, draft, budget));
    }
}

fn lists(agent: &Draft, model: &str) -> bool {
    agent.node.items_of("models").iter().any(|own| own.text_at(&["name"]) == Some(model))
}

fn unpriced(model: &Draft, whose: &Draft, budget: &Entry) -> Diagnostic {
    let whose = if whose.name == model.name && whose.kind == Kind::Model {
        "its budget".to_owned()
    } else {
        format!("the budget of {}", whose.called())
    };
    let message = format!("no price of {} is known, so that {whose} would not count its calls", model.called());
    let error = Diagnostic::error(Code::UnknownPrice, message).at(model.named, "").also(budget.key, "the budget");
    error.hint("write `cost = { inputPerMillion = …, outputPerMillion = … }`; what costs nothing has noughts there")
}
