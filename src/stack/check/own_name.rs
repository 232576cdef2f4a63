//! Agents call their models by the models' own names, which stay when the provider's names for them change. A name that
//! the gateway knows for something else would lead an agent elsewhere, without a word.

use std::collections::BTreeSet;

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let mut said = BTreeSet::new();
    for agent in index.of(&cluster.name, Kind::Agent) {
        for entry in agent.node.items_of("models") {
            let Some((called, node, model)) = listed(entry, cluster, index) else { continue };
            let other = described(cluster, index, &called, model).or_else(|| configured(cluster, &called, model));
            // One mistake, however many agents have the model.
            if let Some(other) = other.filter(|_| said.insert(called)) {
                found.push(taken(cluster, model, node, other));
            }
        }
    }
}

/// The name that an agent calls an entry of its list by, where it is written, and the model.
fn listed<'a>(entry: &'a Node, cluster: &'a Draft, index: &Index<'a>) -> Option<(String, &'a Node, &'a Draft)> {
    let node = entry.get("name")?;
    let model = index.get(&cluster.name, Kind::Model, node.text()?)?;
    match (model.node.text_at(&["modelName"])?, entry.get("model")) {
        ("*", chosen) => Some((format!("{}/{}", model.name, chosen?.text()?), chosen?, model)),
        _ => Some((model.name.clone(), node, model)),
    }
}

/// The first model of another name that is called so, or has it for an alias.
fn described<'a>(cluster: &'a Draft, index: &Index<'a>, called: &str, model: &Draft) -> Option<(Span, String)> {
    let own = model.node.text_at(&["modelName"]);
    let mut others = index.of(&cluster.name, Kind::Model).filter(|other| other.node.text_at(&["modelName"]) != own);
    others.find_map(|other| {
        let name = other.node.get("modelName").into_iter();
        let node = name.chain(other.node.items_of("aliases")).find(|node| node.text() == Some(called))?;
        Some((node.span, format!("{} is called so", other.called())))
    })
}

/// What the user's configuration makes of it, unless that is the model.
fn configured(cluster: &Draft, called: &str, model: &Draft) -> Option<(Span, String)> {
    let config = cluster.node.at(&["gateway", "config"])?;
    let own = model.node.text_at(&["modelName"]);
    let alias = config.at(&["router_settings", "model_group_alias"]).and_then(|aliases| aliases.entry(called));
    let alias = alias.filter(|alias| alias.node.get("model").unwrap_or(&alias.node).text() != own);
    let models = config.items_of("model_list").iter().filter(|model| model.text_at(&["model_name"]) != own);
    let names = models.flat_map(|model| [model.get("model_name"), model.at(&["model_info", "id"])]);
    let groups = config.at(&["router_settings", "routing_groups"]).map(Node::items).unwrap_or_default().iter();
    let mut nodes = names.chain(groups.map(|group| group.get("group_name"))).flatten();
    let span = alias.map(|alias| alias.key).or_else(|| Some(nodes.find(|node| node.text() == Some(called))?.span))?;
    Some((span, "the configuration of the gateway has this name for another".to_owned()))
}

fn taken(cluster: &Draft, model: &Draft, node: &Node, (span, what): (Span, String)) -> Diagnostic {
    let shown = match model.node.text_at(&["modelName"]) {
        Some("*") => format!("{}/{}", model.name, node.shown()),
        _ => node.shown(),
    };
    let called = model.called();
    let message = format!(
        "agents call {called} by the name `{shown}`, which the gateway of {} knows for another",
        cluster.called()
    );
    let error = Diagnostic::error(Code::NameLeadsElsewhere, message).at(node.span, "called by its own name");
    error.also(span, what).hint("give one of the two another name")
}
