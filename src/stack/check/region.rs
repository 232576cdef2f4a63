//! Where models answer, and where they may: each model that a cluster or a team may call, by a name or as another one's
//! fallback, is in a region that its policy allows. A region that nobody knows is none.

use super::{Index, team};
use crate::object::glob::matches;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::{Entry, Node};

/// Where Bedrock and Vertex answer that choose a region for each call by themselves.
const GLOBAL: &str = "global";

/// The policy of a cluster.
pub(super) fn cluster(cluster: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(policy) = cluster.node.get("policy").and_then(|policy| policy.entry("regions")) else { return };
    hold(cluster, policy, &index.of(&cluster.name, Kind::Model).collect::<Vec<_>>(), found);
    let config = cluster.node.at(&["gateway", "config"]);
    if let Some(more) = config.and_then(|config| config.entry("model_list")) {
        let message = format!(
            "models in `gateway.config` are in regions that nobody knows, and {} has a policy",
            cluster.called()
        );
        let error = Diagnostic::error(Code::UnknownRegion, message).at(more.key, "").also(policy.key, "the policy");
        found.push(error.hint("describe them as `[models.NAME]` with `region`"));
    }
}

/// The policy of a team: what answers its members is what they may call, in the place of another one, too.
pub(super) fn team(team: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(policy) = team.node.entry("regions") else { return };
    for cluster in &team.clusters {
        let models: Vec<_> = index.of(cluster, Kind::Model).filter(|model| team::may_call(team, model)).collect();
        hold(team, policy, &models, found);
    }
}

fn hold(whose: &Draft, policy: &Entry, models: &[&Draft], found: &mut Vec<Diagnostic>) {
    let allowed: Vec<&str> = policy.node.items().iter().filter_map(Node::text).collect();
    for model in models {
        let (message, code, place) = match region(model) {
            Some((region, _)) if allowed.iter().any(|pattern| matches(pattern, region)) => continue,
            Some((region, place)) => {
                let message =
                    format!("{} answers in `{region}`, where {} has no calls answered", model.called(), whose.called());
                (message, Code::ForeignRegion, place)
            }
            None => {
                let message =
                    format!("nobody knows where {} answers, and {} has a policy", model.called(), whose.called());
                (message, Code::UnknownRegion, model.named)
            }
        };
        let error = Diagnostic::error(code, message).at(place, "").also(policy.key, "the policy");
        let path = models.iter().find_map(|from| falls_back(from, model));
        let error = match path {
            Some((from, span)) => error.also(span, format!("calls of {} come here, too", from.called())),
            None => error,
        };
        found.push(error.hint(match code {
            Code::UnknownRegion => "write its `region`: langop takes your word for it, where the provider has none",
            _ => "take it out of the models that may be called, or choose one in an allowed region",
        }));
    }
}

/// Where a model answers, and where that is written.
fn region(model: &Draft) -> Option<(&str, crate::stack::diagnostic::Span)> {
    let name = model.node.get("modelName");
    // Bedrock's profiles for inference across regions begin so.
    if let Some(node) = name.filter(|node| node.text().is_some_and(|name| name.starts_with("global."))) {
        return Some((GLOBAL, node.span));
    }
    let places: [&[&str]; 4] =
        [&["params", "aws_region_name"], &["params", "vertex_location"], &["region"], &["location"]];
    places.iter().find_map(|place| {
        let node = model.node.at(place)?;
        Some((node.text()?, node.span))
    })
}

/// A model whose calls another one answers when it fails, and where that is written.
fn falls_back<'a>(from: &'a Draft, to: &Draft) -> Option<(&'a Draft, crate::stack::diagnostic::Span)> {
    let names = [Some(to.name.as_str()), to.node.text_at(&["modelName"])];
    let aliases = to.node.items_of("aliases");
    let is_it = |node: &&Node| {
        let name = node.text();
        name.is_some() && (names.contains(&name) || aliases.iter().any(|alias| alias.text() == name))
    };
    let fallback = from.node.items_of("fallbacks").iter().find(is_it)?;
    (from.name != to.name).then_some((from, fallback.span))
}
