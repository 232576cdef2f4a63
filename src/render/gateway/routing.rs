//! The names under which models are called, and what happens when a call fails.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::LanguageModelSpec;
use crate::render::scope::Scope;

/// The name that callers use for a model: its model name, or `<name>/*` for a whole catalogue.
pub(in crate::render) fn called(name: &str, model: &LanguageModelSpec) -> String {
    if model.is_catalogue() { format!("{name}/*") } else { model.model_name.clone() }
}

/// `router_settings`; nothing when there is nothing to say.
pub(super) fn settings(scope: &Scope<'_>) -> Option<Value> {
    let mut settings = Map::new();
    let aliases = aliases(scope);
    if !aliases.is_empty() {
        settings.insert("model_group_alias".to_owned(), json!(aliases));
    }
    let fallbacks = fallbacks(scope);
    if !fallbacks.is_empty() {
        let entries: Vec<_> = fallbacks.iter().map(|(name, to)| json!({ name: to })).collect();
        settings.insert("fallbacks".to_owned(), json!(entries));
    }
    // In a store the module of limits counts, for all of them.
    if is_any_limited(scope) && scope.gateway.store.is_none() {
        // Without it `rpm` and `tpm` only weigh deployments and limit nothing.
        settings.insert("optional_pre_call_checks".to_owned(), json!(["enforce_model_rate_limits"]));
    }
    (!settings.is_empty()).then_some(Value::Object(settings))
}

/// Whether any model has a limit.
pub(super) fn is_any_limited(scope: &Scope<'_>) -> bool {
    scope.models().any(|(_, model)| is_limited(model))
}

fn is_limited(model: &LanguageModelSpec) -> bool {
    let limited = |key: &str| model.params.contains_key(key);
    let limits = model.rate_limits.clone().unwrap_or_default();
    limits.requests_per_minute.is_some() || limits.tokens_per_minute.is_some() || limited("rpm") || limited("tpm")
}

fn aliases(scope: &Scope<'_>) -> BTreeMap<String, String> {
    let models = scope.models();
    let pairs =
        models.flat_map(|(name, model)| model.aliases.iter().map(move |alias| (alias.clone(), called(name, model))));
    pairs.collect()
}

/// Fallbacks by called name. They are looked up by the name that was called, so every alias has an
/// entry of its own; models of one name share theirs.
pub(in crate::render) fn fallbacks(scope: &Scope<'_>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, model) in scope.models() {
        for called in std::iter::once(called(name, model)).chain(model.aliases.iter().cloned()) {
            for fallback in &model.fallbacks {
                let fallback = resolved(scope, fallback);
                let list = all.entry(called.clone()).or_default();
                if !list.contains(&fallback) && fallback != called {
                    list.push(fallback);
                }
            }
        }
    }
    all.retain(|_, list| !list.is_empty());
    all
}

/// A fallback as the proxy knows it: the name of a model of the cluster stands for its model name.
fn resolved(scope: &Scope<'_>, fallback: &str) -> String {
    let named = scope.models().find(|(name, model)| *name == fallback && !model.is_catalogue());
    named.map_or_else(|| fallback.to_owned(), |(name, model)| called(name, model))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{config, rendered};

    const MODELS: &str = "
        [clusters.c]
        [models.one]
        provider = 'openai'
        modelName = 'gpt'
        aliases = ['fast']
        fallbacks = ['two', 'old']
        [models.two]
        provider = 'anthropic'
        modelName = 'claude'
        aliases = ['old']
        [models.all]
        litellmProvider = 'openrouter'
        modelName = '*'
    ";

    #[test]
    fn aliases_lead_to_model_names() {
        let settings = &config(&rendered(MODELS))["router_settings"];
        let own = |model: &str| json!({ "model": model, "hidden": true });
        let aliases = json!({ "fast": "gpt", "old": "claude", "one": own("gpt"), "two": own("claude") });
        assert_eq!(settings["model_group_alias"], aliases);
    }

    #[test]
    fn every_name_of_a_model_has_its_fallbacks_by_called_name() {
        let settings = &config(&rendered(MODELS))["router_settings"];
        let fallbacks = ["fast", "gpt", "one"].map(|name| json!({ name: ["claude", "old"] }));
        assert_eq!(settings["fallbacks"], json!(fallbacks));
    }

    #[test]
    fn a_catalogue_is_called_by_the_name_of_its_model() {
        let list = config(&rendered(MODELS))["model_list"].clone();
        assert_eq!(list[0]["model_name"], "all/*");
        assert_eq!(list[0]["litellm_params"]["model"], "openrouter/*");
    }

    #[test]
    fn limits_are_enforced_when_there_are_any() {
        let limited = format!("{MODELS}\nrateLimits = {{ requestsPerMinute = 1 }}");
        let checks = |text: &str| config(&rendered(text))["router_settings"]["optional_pre_call_checks"].clone();
        assert_eq!(checks(MODELS), json!(null));
        assert_eq!(checks(&limited), json!(["enforce_model_rate_limits"]));
    }
}
