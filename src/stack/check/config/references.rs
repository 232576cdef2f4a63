//! Where the configuration of `LiteLLM` names models: what is called, and what is called instead. A name that the
//! gateway does not serve fails there at the call, or never counts.

use crate::stack::diagnostic::Span;
use crate::stack::schema::join;
use crate::stack::tree::Node;

/// Lists of `{ model = [others] }`, in either section.
const FALLBACKS: [&str; 3] = ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];
const SECTIONS: [&str; 2] = ["router_settings", "litellm_settings"];
/// Tables by model of `router_settings`.
const BY_MODEL: [&str; 2] = ["model_group_retry_policy", "model_group_affinity_config"];
/// Single names and lists of names (`LiteLLM`, *All settings*).
const NAMES: [&[&str]; 7] = [
    &["router_settings", "default_fallbacks"],
    &["litellm_settings", "default_fallbacks"],
    &["litellm_settings", "public_model_groups"],
    &["litellm_settings", "model_group_settings", "forward_client_headers_to_llm_api"],
    &["litellm_settings", "cache_params", "redis_semantic_cache_embedding_model"],
    &["litellm_settings", "cache_params", "qdrant_semantic_cache_embedding_model"],
    &["general_settings", "completion_model"],
];

/// A name of a model in the configuration.
#[derive(Clone, Debug)]
pub(in crate::stack::check) struct Reference<'a> {
    pub name: &'a str,
    /// As an excerpt may show it.
    pub shown: String,
    pub span: Span,
    /// Where in the configuration.
    pub path: String,
    /// The model in whose place it is called; of a default, none.
    pub instead_of: Option<&'a str>,
}

/// Every name of a model, in the order of writing within each place.
pub(in crate::stack::check) fn references(config: &Node) -> Vec<Reference<'_>> {
    let mut all = Vec::new();
    for section in SECTIONS {
        for key in FALLBACKS {
            let path = join(section, key);
            let entries = config.at(&[section, key]).map(Node::items).unwrap_or_default();
            for entry in entries {
                fallbacks(entry, &path, &mut all);
            }
        }
    }
    for path in NAMES {
        let Some(node) = config.at(path) else { continue };
        let single = std::iter::once(node).filter(|node| node.text().is_some());
        all.extend(single.chain(node.items()).filter_map(|node| named(node, &path.join("."), None)));
    }
    for key in BY_MODEL {
        let tables = config.at(&["router_settings", key]).into_iter();
        all.extend(tables.flat_map(|table| keys(table, &join("router_settings", key))));
    }
    for (alias, entry) in config.at(&["router_settings", "model_group_alias"]).into_iter().flat_map(Node::entries) {
        let target = entry.node.get("model").unwrap_or(&entry.node);
        all.extend(named(target, "router_settings.model_group_alias", Some(alias)));
    }
    for group in config.at(&["router_settings", "routing_groups"]).map(Node::items).unwrap_or_default() {
        let models = group.items_of("models").iter();
        all.extend(models.filter_map(|node| named(node, "router_settings.routing_groups", None)));
        let priorities = group.get("model_priorities").into_iter();
        all.extend(priorities.flat_map(|table| keys(table, "router_settings.routing_groups")));
    }
    all
}

/// `{ model = [others] }`; an entry of the others may be a table with a `model` of its own.
fn fallbacks<'a>(entry: &'a Node, path: &str, all: &mut Vec<Reference<'a>>) {
    all.extend(keys(entry, path));
    for (model, others) in entry.entries() {
        let others = others.node.items().iter().map(|other| other.get("model").unwrap_or(other));
        all.extend(others.filter_map(|other| named(other, path, Some(model))));
    }
}

fn named<'a>(node: &'a Node, path: &str, instead_of: Option<&'a str>) -> Option<Reference<'a>> {
    let name = node.text()?;
    Some(Reference { name, shown: node.shown(), span: node.span, path: path.to_owned(), instead_of })
}

fn keys<'a>(table: &'a Node, path: &str) -> Vec<Reference<'a>> {
    let key = |(name, span): (&'a str, Span)| Reference {
        name,
        shown: crate::object::credential::masked(name).into_owned(),
        span,
        path: path.to_owned(),
        instead_of: None,
    };
    table.entries().map(|(name, entry)| key((name, entry.key))).collect()
}
