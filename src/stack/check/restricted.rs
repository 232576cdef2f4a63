//! Fallbacks of models that an agent may call to models that it may not: where agents are restricted to their models,
//! `LiteLLM` does not try these.

use std::collections::BTreeSet;

use super::Index;
use super::config::references::references;
use super::served::{Served, target};
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let restricts = cluster.node.at(&["gateway", "auth", "restrictModels"]).and_then(Node::boolean);
    if restricts != Some(true) {
        return;
    }
    let fallbacks = fallbacks(cluster, index);
    for agent in index.of(&cluster.name, Kind::Agent) {
        let listed: Vec<_> =
            agent.node.items_of("models").iter().filter_map(|one| listed(one, cluster, index)).collect();
        let may: BTreeSet<&str> = listed.iter().map(|(model, _)| model.as_str()).collect();
        for (model, span) in &listed {
            let of_it = fallbacks.iter().filter(|fallback| fallback.of == model && !may.contains(fallback.to));
            found.extend(of_it.map(|fallback| untried(agent, *span, fallback)));
        }
    }
}

/// A model that is tried in another's place, both by their model names, and where that is written.
struct Fallback<'a> {
    of: &'a str,
    to: &'a str,
    span: Span,
}

/// The fallbacks of the models, and those of the configuration.
fn fallbacks<'a>(cluster: &'a Draft, index: &Index<'a>) -> Vec<Fallback<'a>> {
    let served = Served::of(&cluster.name, index);
    let mut all = Vec::new();
    for model in index.of(&cluster.name, Kind::Model) {
        let Some(of) = model.node.text_at(&["modelName"]) else { continue };
        for node in model.node.items_of("fallbacks") {
            let named = node.text().and_then(|name| target(name, index.get(&cluster.name, Kind::Model, name), &served));
            all.extend(named.map(|to| Fallback { of, to, span: node.span }));
        }
    }
    let config = cluster.node.at(&["gateway", "config"]).map(references).unwrap_or_default();
    let config = config.into_iter().filter(|one| one.path.ends_with("fallbacks"));
    all.extend(config.filter_map(|one| {
        let (of, to) = (served.model(one.instead_of?)?, served.model(one.name)?);
        Some(Fallback { of, to, span: one.span })
    }));
    all
}

/// The model name that an entry of an agent's list stands for, and where it is written.
fn listed(entry: &Node, cluster: &Draft, index: &Index<'_>) -> Option<(String, Span)> {
    let node = entry.get("name")?;
    let model = index.get(&cluster.name, Kind::Model, node.text()?)?;
    let name = match (model.node.text_at(&["modelName"])?, entry.text_at(&["model"])) {
        ("*", Some(chosen)) => format!("{}/{chosen}", model.name),
        (name, _) => name.to_owned(),
    };
    Some((name, node.span))
}

fn untried(agent: &Draft, span: Span, fallback: &Fallback<'_>) -> Diagnostic {
    let Fallback { of, to, span: written } = fallback;
    let message = format!("{} may not call `{to}`, so that it is not tried when `{of}` fails", agent.called());
    let warning =
        Diagnostic::warning(Code::UntriedFallback, message).at(span, "may be called").also(*written, "its fallback");
    warning.hint("list it among the models of the agent, if the fallback is to hold for this agent")
}
