//! The aliases of a configuration of `LiteLLM`: a name, or a table that may also hide the alias.

use serde_json::Value;

use super::field::{at, text};

/// The alias and the name that it stands for, of each that is written.
pub(crate) fn model_aliases(config: &Value) -> impl Iterator<Item = (&str, &str)> {
    let aliases = at(config, "/router_settings/model_group_alias").and_then(Value::as_object);
    let named = |(alias, to)| Some((String::as_str(alias), Value::as_str(to).or_else(|| text(to, "/model"))?));
    aliases.into_iter().flatten().filter_map(named)
}
