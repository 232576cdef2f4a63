//! The user's configuration of `LiteLLM`, which lies over what is rendered: what it undoes.

pub(super) mod references;

use super::form;
use super::value::model_name_fault;
use crate::object::credential::masked;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::Node;

pub(super) fn check(config: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(models) = config.entry("model_list") {
        let message = "`model_list` replaces the models of the description";
        let warning = Diagnostic::warning(Code::ConfigOverride, message).at(models.key, "");
        found.push(warning.hint("describe them as models, so that they are checked and reachable"));
        models.node.items().iter().for_each(|model| bare_wildcard(model, found));
        for name in models.node.items().iter().filter_map(|model| model.get("model_name")) {
            form(name, "a name for a model", Code::UnservableName, name.text().and_then(model_name_fault), found);
        }
    }
    for (alias, entry) in config.at(&["router_settings", "model_group_alias"]).into_iter().flat_map(Node::entries) {
        if let Some(fault) = model_name_fault(alias) {
            let message = format!("`{}` is not a name for a model: {fault}", masked(alias));
            found.push(Diagnostic::error(Code::UnservableName, message).at(entry.key, ""));
        }
    }
    if let Some(auth) = config.get("general_settings").and_then(|general| general.entry("custom_auth")) {
        let message = "`custom_auth` replaces the module that knows the agents' keys";
        found.push(Diagnostic::warning(Code::ConfigOverride, message).at(auth.key, ""));
    }
}

fn bare_wildcard(model: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(name) = model.get("model_name").filter(|name| name.text() == Some("*")) {
        let message = "a model named `*` takes every call to a name that is not served, misspelt ones included";
        let warning = Diagnostic::warning(Code::ConfigOverride, message).at(name.span, "");
        found.push(warning.hint("name a catalogue: `NAME/*`"));
    }
}
