//! Names of models in the user's configuration of `LiteLLM` that the gateway of the cluster does not serve. A warning:
//! what else a `LiteLLM` serves, its own configuration may know.

use std::collections::BTreeSet;

use super::Index;
use super::config::references::{Reference, references};
use super::served::Served;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::names::nearest;
use crate::stack::tree::Node;

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(config) = cluster.node.at(&["gateway", "config"]) else { return };
    let (served, own) = (Served::of(&cluster.name, index), own_names(config));
    let is_served =
        |name: &'a str| served.model(name).is_some() || own.contains(name) || own.iter().any(|own| fits(own, name));
    let mut said = BTreeSet::new();
    for reference in references(config).into_iter().filter(|one| one.name != "*" && !is_served(one.name)) {
        // One name in two lists of one place is one mistake.
        if said.insert((reference.path.clone(), reference.name)) {
            found.push(unserved(cluster, &reference, index, &served));
        }
    }
}

/// Models and aliases that the configuration itself describes.
fn own_names(config: &Node) -> BTreeSet<&str> {
    let models = config.items_of("model_list").iter().filter_map(|model| model.text_at(&["model_name"]));
    let aliases = config.at(&["router_settings", "model_group_alias"]).into_iter().flat_map(Node::entries);
    models.chain(aliases.map(|(alias, _)| alias)).collect()
}

/// Whether a name is one of a model of the configuration whose name ends in a star.
fn fits(own: &str, name: &str) -> bool {
    own.strip_suffix('*').is_some_and(|start| name.starts_with(start))
}

fn unserved<'a>(cluster: &'a Draft, reference: &Reference<'a>, index: &Index<'a>, served: &Served<'a>) -> Diagnostic {
    let Reference { name, shown, span, path, .. } = reference;
    let message = format!("the gateway of {} serves no `{shown}`, which `{path}` names", cluster.called());
    let warning = Diagnostic::warning(Code::UnknownFallback, message).at(*span, "");
    let thing = index.get(&cluster.name, Kind::Model, name);
    let model_name = thing.and_then(|thing| thing.node.text_at(&["modelName"]));
    match model_name {
        Some("*") => warning.hint(format!("`{name}` is a catalogue: write `{name}/` and the model")),
        _ => warning.maybe_hint(nearest(name, served.names()).map(|near| format!("did you mean `{near}`?"))),
    }
}
