//! The name that agents call a model by: its own, as its `LanguageModel` has it. The provider's name for the model may
//! change, and no agent has to be told. No list of models has it, for it is a second name of what is listed. Where the
//! gateway knows the name for something else, that comes first, and the description of an agent that would call it is
//! refused before.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::{AgentModel, LanguageModelSpec};
use crate::object::field::{items, text};
use crate::render::scope::Scope;

/// The sections in which fallbacks may stand, and how they are called there (`LiteLLM`, *Fallbacks*).
const SECTIONS: [&str; 2] = ["router_settings", "litellm_settings"];
const FALLBACKS: [&str; 3] = ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];
/// Tables by the name that was called.
const BY_NAME: [&str; 2] = ["model_group_retry_policy", "model_group_affinity_config"];
/// A list of names that are called.
const HEADERS: &str = "/litellm_settings/model_group_settings/forward_client_headers_to_llm_api";

/// What the gateway makes of the own name of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnName {
    /// It is one that is listed, and leads to the model.
    Listed,
    /// It leads to the model and is in no list.
    Unlisted,
    /// It leads elsewhere.
    Taken,
}

impl OwnName {
    /// That of a model, which is no catalogue.
    pub(super) fn of(scope: &Scope<'_>, name: &str, model: &LanguageModelSpec) -> Self {
        let mut meanings = described(scope, name).chain(configured(&scope.gateway.config, name)).peekable();
        if meanings.peek().is_none() {
            Self::Unlisted
        } else if meanings.all(|meaning| meaning == Some(&model.model_name)) {
            Self::Listed
        } else {
            Self::Taken
        }
    }
}

/// What the described models make of a name.
fn described<'a>(scope: &Scope<'a>, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    let models = scope.models().map(|(_, model)| model).filter(|model| !model.is_catalogue());
    let named = models.filter(move |model| model.model_name == name || model.aliases.iter().any(|alias| alias == name));
    named.map(|model| Some(model.model_name.as_str()))
}

/// What the user's configuration makes of a name; none where that is no model.
fn configured<'a>(config: &'a BTreeMap<String, Value>, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    let router = config.get("router_settings").unwrap_or(&Value::Null);
    let alias = router.get("model_group_alias").and_then(|aliases| aliases.get(name));
    let target = |alias: &'a Value| alias.get("model").unwrap_or(alias).as_str();
    let models = config.get("model_list").and_then(Value::as_array).into_iter().flatten();
    let is_named =
        move |model: &&Value| ["/model_name", "/model_info/id"].iter().any(|at| text(model, at) == Some(name));
    let groups = items(router, "/routing_groups").iter().filter(move |group| text(group, "/group_name") == Some(name));
    let others = models.filter(is_named).map(|model| text(model, "/model_name"));
    alias.map(target).into_iter().chain(others).chain(groups.map(|_| None))
}

/// The name that an agent calls one of its models by.
pub(in crate::render) fn agent_calls(scope: &Scope<'_>, reference: &AgentModel) -> String {
    let model = scope.models().find(|(name, _)| *name == reference.name);
    match (model, &reference.model) {
        (_, Some(chosen)) => format!("{}/{chosen}", reference.name),
        (Some((name, model)), None) if OwnName::of(scope, name, model) == OwnName::Taken => model.model_name.clone(),
        _ => reference.name.clone(),
    }
}

/// Lets a configuration know the models by their own names, with all that it says of the names that are listed.
pub(super) fn add(scope: &Scope<'_>, config: &mut Value) {
    let models = scope.models().filter(|(_, model)| !model.is_catalogue());
    for (own, model) in models.filter(|(name, model)| OwnName::of(scope, name, model) == OwnName::Unlisted) {
        if let Some(aliases) = object(config, &["router_settings", "model_group_alias"]) {
            aliases.insert(own.to_owned(), json!({ "model": model.model_name, "hidden": true }));
        }
        say_alike(config, own, &model.model_name);
    }
}

/// The object at a path, made where there is none.
fn object<'a>(value: &'a mut Value, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    let mut object = value.as_object_mut()?;
    for key in path {
        let next = object.entry(*key).or_insert(Value::Null);
        if next.is_null() {
            *next = json!({});
        }
        object = next.as_object_mut()?;
    }
    Some(object)
}

/// Says of one name what is said of another: `LiteLLM` looks these things up by the name that was called.
fn say_alike(config: &mut Value, own: &str, called: &str) {
    for (section, key) in SECTIONS.iter().flat_map(|section| FALLBACKS.iter().map(move |key| (section, key))) {
        let list = config.pointer_mut(&format!("/{section}/{key}")).and_then(Value::as_array_mut);
        if let Some(list) = list.filter(|list| list.iter().all(|entry| entry.get(own).is_none())) {
            let others = list.iter().find_map(|entry| entry.get(called)).cloned();
            list.extend(others.map(|others| json!({ own: others })));
        }
    }
    for key in BY_NAME {
        let table = config.pointer_mut(&format!("/router_settings/{key}")).and_then(Value::as_object_mut);
        if let Some(table) = table.filter(|table| !table.contains_key(own)) {
            table.extend(table.get(called).cloned().map(|said| (own.to_owned(), said)));
        }
    }
    let headers = config.pointer_mut(HEADERS).and_then(Value::as_array_mut);
    if let Some(headers) = headers.filter(|list| list.contains(&json!(called)) && !list.contains(&json!(own))) {
        headers.push(json!(own));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, field, rendered};

    /// The names that the agent `a` calls, and the aliases of the gateway.
    fn called(cluster: &str, models: &str) -> (String, Value) {
        let manifests =
            rendered(&format!("[clusters.c]\n{cluster}\n{models}[agents.a]\nimage = 'a'\nmodels = [{{ name = 'm' }}]"));
        let env = field(&manifests, "Deployment", "a", "/spec/template/spec/containers/0/env").as_array().unwrap();
        let model = env.iter().find(|one| one["name"] == "LLM_MODEL").unwrap()["value"].as_str().unwrap().to_owned();
        (model, config(&manifests)["router_settings"]["model_group_alias"].clone())
    }

    const M: &str = "[models.m]\nprovider = 'openai'\nmodelName = 'gpt'\n";

    #[test]
    fn a_model_answers_to_its_own_name_in_no_list() {
        let own = json!({ "m": { "model": "gpt", "hidden": true } });
        assert_eq!(called("", M), ("m".to_owned(), own.clone()));
        let without = "gateway.config = { router_settings = 1 }";
        assert_eq!(called(without, M), ("m".to_owned(), Value::Null), "what is no table stays as it is written");
        assert_eq!(called("gateway.config.router_settings = { num_retries = 1 }", M).1, own);
    }

    #[test]
    fn a_name_that_leads_to_the_model_already_stays_as_it_is() {
        assert_eq!(called("", &M.replace("gpt", "m")), ("m".to_owned(), Value::Null));
        assert_eq!(called("", &format!("{M}aliases = ['m']\n")), ("m".to_owned(), json!({ "m": "gpt" })));
        let twin = "[models.twin]\nprovider = 'azure'\nmodelName = 'gpt'\naliases = ['m']\n";
        let twins = json!({ "m": "gpt", "twin": { "model": "gpt", "hidden": true } });
        assert_eq!(called("", &format!("{M}{twin}")), ("m".to_owned(), twins));
        let configured = "gateway.config.router_settings.model_group_alias = { m = 'gpt' }";
        assert_eq!(called(configured, M), ("m".to_owned(), json!({ "m": "gpt" })));
    }

    #[test]
    fn a_name_that_means_something_else_is_not_taken_from_it() {
        let other = "[models.other]\nprovider = 'openai'\n";
        let hidden = |model: &str| json!({ "model": model, "hidden": true });
        let (model, aliases) = called("", &format!("{M}{other}modelName = 'm'\n"));
        assert_eq!((model.as_str(), aliases), ("gpt", json!({ "other": hidden("m") })));
        let (model, aliases) = called("", &format!("{M}{other}modelName = 'n'\naliases = ['m']\n"));
        assert_eq!((model.as_str(), aliases), ("gpt", json!({ "m": "n", "other": hidden("n") })));
        for configured in [
            "gateway.config.model_list = [{ model_name = 'm' }]",
            "gateway.config.model_list = [{ model_name = 'x', model_info = { id = 'm' } }]",
            "gateway.config.router_settings.routing_groups = [{ group_name = 'm', models = ['gpt'] }]",
        ] {
            assert_eq!(called(configured, M), ("gpt".to_owned(), Value::Null), "{configured}");
        }
    }

    #[test]
    fn what_is_said_of_a_name_that_is_listed_holds_for_the_own_one() {
        let said = "gateway.config.router_settings = { fallbacks = [{ gpt = ['x'] }], context_window_fallbacks = [{ m = ['y'] }, { gpt = ['x'] }], \
                    model_group_retry_policy = { gpt = { TimeoutErrorRetries = 3 } } }\n\
                    gateway.config.litellm_settings = { content_policy_fallbacks = [{ gpt = ['x'] }], \
                    model_group_settings = { forward_client_headers_to_llm_api = ['gpt'] } }";
        let read = config(&rendered(&format!("[clusters.c]\n{said}\n{M}")));
        let router = &read["router_settings"];
        assert_eq!(router["fallbacks"], json!([{ "gpt": ["x"] }, { "m": ["x"] }]));
        assert_eq!(router["context_window_fallbacks"], json!([{ "m": ["y"] }, { "gpt": ["x"] }]), "it is said already");
        assert_eq!(router["model_group_retry_policy"]["m"], json!({ "TimeoutErrorRetries": 3 }));
        let settings = &read["litellm_settings"];
        assert_eq!(settings["content_policy_fallbacks"], json!([{ "gpt": ["x"] }, { "m": ["x"] }]));
        assert_eq!(settings["model_group_settings"]["forward_client_headers_to_llm_api"], json!(["gpt", "m"]));
    }

    #[test]
    fn a_catalogue_has_no_name_of_its_own_but_those_below_it() {
        let models = "[models.all]\nprovider = 'openai'\nmodelName = '*'\n";
        let (_, aliases) = called("", &format!("{M}{models}"));
        assert_eq!(aliases, json!({ "m": { "model": "gpt", "hidden": true } }));
    }
}
