//! Rules of a team: who is in it, and what it may call.

use super::auth::is_open;
use super::{Index, unknown};
use crate::api::may_match_within;
use crate::object::glob::matches;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::names::nearest;
use crate::stack::tree::Node;

pub(super) fn check<'a>(team: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    for cluster in &team.clusters {
        if is_open(cluster, index) {
            let message =
                format!("the gateway of cluster `{cluster}` asks nobody for a key, so that no caller has a team");
            let error = Diagnostic::error(Code::TeamWithoutKeys, message).at(team.named, "");
            found.push(error.hint("leave the team out, or let `gateway.auth.enabled` be true"));
        }
        agents(team, cluster, index, found);
        groups(team, cluster, index, found);
        for pattern in team.node.items_of("models") {
            served(pattern, cluster, index, found);
        }
    }
    let takes_tokens = |cluster: &&String| {
        index.cluster(cluster).is_none_or(|cluster| cluster.node.at(&["gateway", "auth", "jwt"]).is_some())
    };
    let has_tokens = team.clusters.iter().any(|cluster| takes_tokens(&cluster));
    if let Some(claims) = team.node.entry("claims").filter(|_| !has_tokens && !team.clusters.is_empty()) {
        let message = "`claims` are of tokens, and no gateway of this team takes any";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(claims.key, "");
        found.push(error.hint("describe them: `gateway.auth.jwt` of the cluster"));
    }
    let has_members = ["agents", "groups"].iter().any(|key| !team.node.items_of(key).is_empty());
    if !has_members && !has_tokens && !team.clusters.is_empty() {
        let warning = Diagnostic::warning(Code::EmptyTeam, format!("nobody is in {}", team.called()));
        let hint = "name its `agents` or `groups`, or let callers have tokens: `gateway.auth.jwt`";
        found.push(warning.at(team.named, "").hint(hint));
    }
}

fn agents<'a>(team: &'a Draft, cluster: &'a str, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    for node in team.node.items_of("agents") {
        let Some(name) = node.text() else { continue };
        if index.get(cluster, Kind::Agent, name).is_none() {
            let known = index.of(cluster, Kind::Agent).map(|agent| agent.name.as_str());
            found.push(unknown((Kind::Agent, Code::UnknownAgent), node, cluster, known));
        }
    }
    let members = index.of(cluster, Kind::Agent).filter(|agent| has(team, agent));
    for agent in members {
        let others = index.of(cluster, Kind::Team).filter(|other| other.name < team.name && has(other, agent));
        for other in others {
            let message = format!(
                "{} of cluster `{cluster}` is in two teams, `{}` and `{}`",
                agent.called(),
                other.name,
                team.name
            );
            let error = Diagnostic::error(Code::TwoTeams, message).at(team.named, "");
            found.push(
                error
                    .also(other.named, "the other team")
                    .hint("take it out of one: budgets and limits are of one team"),
            );
        }
        for entry in agent.node.items_of("models") {
            outside(team, agent, entry, (cluster, index), found);
        }
    }
}

/// A model that an agent lists and its team may not call: the gateway would refuse it.
fn outside<'a>(
    team: &Draft,
    agent: &Draft,
    entry: &Node,
    (cluster, index): (&'a str, &Index<'a>),
    found: &mut Vec<Diagnostic>,
) {
    let Some(node) = entry.get("name") else { return };
    let models = index.of(cluster, Kind::Model);
    let Some(model) = models.into_iter().find(|model| node.text() == Some(model.name.as_str())) else { return };
    let may = match entry.text_at(&["model"]).filter(|_| is_catalogue(model)) {
        Some(chosen) => may_call_name(team, &format!("{}/{chosen}", model.name)),
        None => may_call(team, model, (cluster, index)),
    };
    if may {
        return;
    }
    let message = format!("{} may not call {}: {} may not", agent.called(), model.called(), team.called());
    let error = Diagnostic::error(Code::ModelOutsideTeam, message).at(node.span, "");
    found.push(
        error.also(team.place("models"), "what the team may call").hint("add it there, or take it off the agent"),
    );
}

fn groups<'a>(team: &Draft, cluster: &'a str, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let known: Vec<&str> = index.of(cluster, Kind::Agent).filter_map(|agent| agent.node.text_at(&["group"])).collect();
    let unknown = |node: &&Node| node.text().is_some_and(|name| !known.contains(&name));
    for node in team.node.items_of("groups").iter().filter(unknown) {
        let message = format!("no agent of cluster `{cluster}` is in group `{}`", node.shown());
        let warning = Diagnostic::warning(Code::UnknownGroup, message).at(node.span, "selects nobody");
        let near = nearest(node.text().unwrap_or_default(), known.iter().copied());
        found.push(warning.maybe_hint(near.map(|near| format!("did you mean `{near}`?"))));
    }
}

/// Reports a pattern that stands for no name of a cluster's gateway.
fn served<'a>(pattern: &Node, cluster: &'a str, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(text) = pattern.text() else { return };
    let models = || index.of(cluster, Kind::Model);
    if models().any(|model| reaches(text, model)) {
        return;
    }
    let message = format!("no model of cluster `{cluster}` goes by `{}`", pattern.shown());
    let error = Diagnostic::error(Code::UnknownModel, message).at(pattern.span, "");
    let near = nearest(text, models().flat_map(names));
    let some: Vec<_> = models().map(|model| model.name.as_str()).collect();
    found.push(match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if some.is_empty() => error.hint("it has no model at all"),
        None => error.hint(format!("it has `{}`", some.join("`, `"))),
    });
}

/// The team of an agent in a cluster.
pub(super) fn of_agent<'a>(agent: &Draft, cluster: &'a str, index: &Index<'a>) -> Option<&'a Draft> {
    index.of(cluster, Kind::Team).find(|team| has(team, agent))
}

fn has(team: &Draft, agent: &Draft) -> bool {
    let is_among = |key: &str, name: &str| team.node.items_of(key).iter().any(|own| own.text() == Some(name));
    is_among("agents", &agent.name) || agent.node.text_at(&["group"]).is_some_and(|group| is_among("groups", group))
}

/// Whether a team may call a model: by any of its names, or by those of another one that answers under the same name.
pub(super) fn may_call<'a>(team: &Draft, model: &Draft, (cluster, index): (&'a str, &Index<'a>)) -> bool {
    let patterns = team.node.items_of("models");
    let served = |model: &Draft| model.node.text_at(&["modelName"]).filter(|name| *name != "*").map(str::to_owned);
    let name = served(model);
    let mut alike = index.of(cluster, Kind::Model).filter(|other| name.is_some() && served(other) == name);
    let is_meant = |model: &Draft| patterns.iter().filter_map(Node::text).any(|pattern| reaches(pattern, model));
    patterns.is_empty() || is_meant(model) || alike.any(is_meant)
}

fn may_call_name(team: &Draft, name: &str) -> bool {
    let patterns = team.node.items_of("models");
    patterns.is_empty() || patterns.iter().filter_map(Node::text).any(|pattern| matches(pattern, name))
}

fn reaches(pattern: &str, model: &Draft) -> bool {
    if is_catalogue(model) {
        return may_match_within(pattern, &model.name);
    }
    names(model).any(|name| matches(pattern, name))
}

fn names(model: &Draft) -> impl Iterator<Item = &str> {
    let aliases = model.node.items_of("aliases").iter().filter_map(Node::text);
    std::iter::once(model.name.as_str()).chain(model.node.text_at(&["modelName"])).chain(aliases)
}

fn is_catalogue(model: &Draft) -> bool {
    model.node.text_at(&["modelName"]) == Some("*")
}
