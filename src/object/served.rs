//! What a configuration of `LiteLLM` serves: its names, and its aliases, which are a name or a table that may also hide the
//! alias.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field::{at, items, text};

/// The alias and the name that it stands for, of each that is written.
pub(crate) fn model_aliases(config: &Value) -> impl Iterator<Item = (&str, &str)> {
    let aliases = at(config, "/router_settings/model_group_alias").and_then(Value::as_object);
    let named = |(alias, to)| Some((String::as_str(alias), Value::as_str(to).or_else(|| text(to, "/model"))?));
    aliases.into_iter().flatten().filter_map(named)
}

/// The names of a configuration of `LiteLLM`, aliases among them, with the models that answer.
#[must_use]
pub(crate) fn served_names(config: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for model in items(config, "/model_list") {
        if let (Some(name), Some(upstream)) = (text(model, "/model_name"), text(model, "/litellm_params/model")) {
            names.entry(name.to_owned()).or_default().insert(upstream.to_owned());
        }
    }
    for (alias, of) in model_aliases(config) {
        if let Some(upstreams) = names.get(of).cloned() {
            names.insert(alias.to_owned(), upstreams);
        }
    }
    names
}
