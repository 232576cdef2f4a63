//! The settings beside the models, as they lie over the gateway's configuration. What became a field of a model is not
//! among them; what the gateway of langop does itself, or cannot do, is named with the reason.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::collected::Collected;
use super::settings::{FALLBACKS, READ, Settings};
use super::value::At;
use crate::stack::{Entry, Node, NodeValue};

/// What is not carried, and why.
const NOT_CARRIED: [(&str, &str); 17] = [
    ("general_settings.custom_auth", "the gateway knows its callers by a module of its own"),
    ("general_settings.custom_key_generate", "the gateway knows its callers by keys of its own"),
    ("general_settings.custom_sso", "the gateway has no user interface"),
    ("general_settings.database_connection_pool_limit", "the gateway has no database"),
    ("general_settings.database_connection_timeout", "the gateway has no database"),
    ("general_settings.database_url", "the gateway has no database"),
    ("general_settings.default_team_disabled", "the gateway has no database"),
    ("general_settings.disable_spend_logs", "the gateway has no database"),
    ("general_settings.master_key", "the gateway knows its callers by keys of its own"),
    ("general_settings.proxy_batch_write_at", "the gateway has no database"),
    ("general_settings.store_model_in_db", "the gateway has no database"),
    ("general_settings.store_prompts_in_spend_logs", "the gateway has no database"),
    ("general_settings.ui_access_mode", "the gateway has no user interface"),
    ("include", "other files are not read: import them by themselves"),
    ("litellm_settings.default_team_settings", "the gateway has no database"),
    ("litellm_settings.default_internal_user_params", "the gateway has no database"),
    ("mcp_servers", "describe them as tools: `[tools.NAME]`"),
];

/// Lists of modules, of which those of the user's own are not beside the gateway's configuration.
const MODULES: [&str; 4] = ["callbacks", "failure_callback", "service_callback", "success_callback"];

/// What lies over the gateway's configuration.
pub(super) fn config(
    root: &Node,
    settings: &Settings<'_>,
    groups: &BTreeSet<String>,
    collected: &mut Collected<'_>,
) -> Value {
    let mut writing = Writing { settings, groups, collected };
    let mut config = Map::new();
    for (key, entry) in root.entries().filter(|(key, _)| !READ.contains(key)) {
        if writing.is_refused(key, entry) {
            continue;
        }
        let value = match entry.node.value {
            NodeValue::Map(_) => writing.section(key, &entry.node),
            _ => writing.collected.carried(&entry.node, &At::new(key.to_owned(), key, key)),
        };
        if let Some(value) = value {
            config.insert(key.to_owned(), value);
        }
    }
    writing.environment(root);
    Value::Object(config)
}

struct Writing<'w, 's, 'f> {
    settings: &'w Settings<'s>,
    groups: &'w BTreeSet<String>,
    collected: &'w mut Collected<'f>,
}

impl Writing<'_, '_, '_> {
    fn section(&mut self, name: &str, node: &Node) -> Option<Value> {
        let mut section = Map::new();
        for (key, entry) in node.entries() {
            let path = format!("{name}.{key}");
            let value = match (name, key) {
                _ if self.is_refused(&path, entry) => None,
                ("router_settings", "model_group_alias") => self.rest_of_aliases(&entry.node),
                (_, "fallbacks") if FALLBACKS.contains(&name) => self.rest_of_fallbacks(name, &entry.node),
                ("litellm_settings", key) if MODULES.contains(&key) => self.modules(&path, entry),
                _ => self.collected.carried(&entry.node, &At::new(path, key, &format!("{name}_{key}"))),
            };
            if let Some(value) = value {
                section.insert(key.to_owned(), value);
            }
        }
        (!section.is_empty()).then_some(Value::Object(section))
    }

    /// Aliases that no model has: those with settings of their own.
    fn rest_of_aliases(&mut self, node: &Node) -> Option<Value> {
        let rest =
            node.entries().filter(|(_, entry)| entry.node.text().is_none_or(|group| !self.groups.contains(group)));
        let at = At::new("router_settings.model_group_alias".to_owned(), "model_group_alias", "alias");
        let mut aliases = Map::new();
        for (alias, entry) in rest {
            if let Some(value) = self.collected.carried(&entry.node, &at.field(alias)) {
                aliases.insert(alias.to_owned(), value);
            }
        }
        (!aliases.is_empty()).then_some(Value::Object(aliases))
    }

    /// Fallbacks that no model has: those of unknown groups, with parameters of their own, or said twice otherwise.
    fn rest_of_fallbacks(&mut self, section: &str, node: &Node) -> Option<Value> {
        let at = At::new(format!("{section}.fallbacks"), "fallbacks", "fallback");
        let mut rest = Vec::new();
        for (group, others) in node.items().iter().flat_map(Node::entries) {
            let carried = self.groups.contains(group) && !self.settings.fallbacks(group, self.groups).is_empty();
            if carried && self.settings.are_fallbacks(group, &others.node) {
                continue;
            }
            if let Some(others) = self.collected.carried(&others.node, &at.field(group)) {
                rest.push(json!({ group: others }));
            }
        }
        (!rest.is_empty()).then_some(rest.into())
    }

    /// Variables that the configuration sets: plain ones stay, all others come from a Secret.
    fn environment(&mut self, root: &Node) {
        for (name, entry) in root.get("environment_variables").into_iter().flat_map(Node::entries) {
            let at = At::new(format!("environment_variables.{name}"), name, name);
            match self.collected.carried(&entry.node, &at) {
                // It is given as what it is.
                Some(Value::String(text)) if text == format!("os.environ/{name}") => {}
                Some(Value::String(text)) if text.starts_with("os.environ/") => {
                    self.collected.remark(entry.key, &at.path, "is not carried: it has the value of another variable");
                }
                Some(Value::String(text)) => self.collected.set_variable(name, text),
                Some(value) => self.collected.set_variable(name, value.to_string()),
                None => {}
            }
        }
    }

    /// Whether a part is not carried, which is said.
    fn is_refused(&mut self, path: &str, entry: &Entry) -> bool {
        let known = NOT_CARRIED.iter().find(|(refused, _)| *refused == path);
        if let Some((_, reason)) = known {
            self.collected.remark(entry.key, path, format!("is not carried: {reason}"));
        }
        known.is_some()
    }

    /// Names of what `LiteLLM` brings; a module of the user's own would keep the gateway from starting.
    fn modules(&mut self, path: &str, entry: &Entry) -> Option<Value> {
        let names = std::iter::once(&entry.node).chain(entry.node.items()).filter_map(Node::text);
        let (own, known): (Vec<_>, Vec<_>) = names.partition(|name| name.contains('.'));
        if !own.is_empty() {
            let message = format!("(`{}`) is not carried: the gateway has no such module", own.join("`, `"));
            self.collected.remark(entry.key, path, message);
        }
        (!known.is_empty()).then(|| json!(known))
    }
}
