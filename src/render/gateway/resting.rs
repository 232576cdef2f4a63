//! When `LiteLLM` leaves a deployment alone for a while after errors. A rest helps where another can answer; where
//! none can, it turns answers into "no deployments available" for everyone. What a caller did wrong is no reason.

use serde_json::{Map, Value, json};

use crate::api::LanguageModelSpec;
use crate::object::field::items;
use crate::render::scope::Scope;

use super::routing::{called, fallbacks};

/// Errors within one rest, of any kind but those below, that bring the next one. By default `LiteLLM` goes by the
/// share of errors, and not at all when it is told how to take single kinds.
const ALLOWED_FAILS: u32 = 9;
/// As good as never.
const ANY_NUMBER: u32 = 1_000_000;
/// The sections of the user's configuration in which fallbacks may stand.
const SECTIONS: [&str; 2] = ["router_settings", "litellm_settings"];

/// What `model_info` says of the rests of a model's deployment. A model that says it itself is left as it is.
pub(super) fn rules(scope: &Scope<'_>, name: &str, model: &LanguageModelSpec) -> Map<String, Value> {
    let rules = if model.params.contains_key("cooldown_time") {
        json!({})
    } else if is_alone(scope, name, model) {
        json!({ "cooldown_time": 0 })
    } else {
        // Not found is a thing that the caller named: a conversation, a file. A wrong key and a limit that is reached
        // are the deployment's, and the next call would meet them again.
        let policy = json!({
            "AuthenticationErrorAllowedFails": 0,
            "NotFoundErrorAllowedFails": ANY_NUMBER,
            "RateLimitErrorAllowedFails": 0,
        });
        json!({ "allowed_fails": ALLOWED_FAILS, "allowed_fails_policy": policy })
    };
    rules.as_object().cloned().unwrap_or_default()
}

/// Whether nobody else answers a call of this model, by whatever name.
fn is_alone(scope: &Scope<'_>, name: &str, model: &LanguageModelSpec) -> bool {
    let own = called(name, model);
    let shared = scope.models().filter(|(name, other)| called(name, other) == own).count() > 1;
    let fallbacks = fallbacks(scope);
    let mut names = [own.as_str(), name].into_iter().chain(model.aliases.iter().map(String::as_str));
    !shared && !names.any(|name| fallbacks.contains_key(name) || has_users_fallback(scope, name))
}

/// Whether the user's configuration has a fallback for a name, or one for all.
fn has_users_fallback(scope: &Scope<'_>, name: &str) -> bool {
    let sections = SECTIONS.iter().filter_map(|section| scope.gateway.config.get(*section));
    sections.into_iter().any(|section| {
        let entries = items(section, "/fallbacks").iter().filter_map(Value::as_object);
        let is_for_all = !items(section, "/default_fallbacks").is_empty();
        is_for_all || entries.flat_map(Map::keys).any(|of| of == name || of == "*")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, rendered};

    /// What is said of the first model.
    fn said(models: &str) -> Value {
        let mut info = config(&rendered(&format!("[clusters.c]\n{models}")))["model_list"][0]["model_info"].take();
        info.as_object_mut().unwrap().remove("id");
        info
    }

    const ONE: &str = "[models.a]\nprovider = 'openai'\nmodelName = 'm'\naliases = ['fast']\n";

    #[test]
    fn a_model_that_nobody_can_replace_never_rests() {
        assert_eq!(said(ONE), json!({ "cooldown_time": 0 }));
        let catalogue = "[models.a]\nprovider = 'openai'\nmodelName = '*'";
        assert_eq!(said(catalogue), json!({ "cooldown_time": 0 }));
    }

    #[test]
    fn a_model_with_a_twin_or_a_fallback_rests_for_its_own_errors_alone() {
        let other = "[models.b]\nprovider = 'openai'\nmodelName = 'm'\n";
        let fallback = "[models.b]\nprovider = 'openai'\nmodelName = 'n'\n";
        let by_config = "gateway.config.router_settings.fallbacks = [{ m = ['n'] }]\n";
        let for_all = "gateway.config.litellm_settings.default_fallbacks = ['n']\n";
        for models in [
            format!("{ONE}{other}"),
            format!("{ONE}fallbacks = ['b']\n{fallback}"),
            format!("{by_config}{ONE}{fallback}"),
            format!("{for_all}{ONE}{fallback}"),
        ] {
            let said = said(&models);
            assert_eq!(said["allowed_fails"], 9, "{models}");
            assert_eq!(said["allowed_fails_policy"]["AuthenticationErrorAllowedFails"], 0);
        }
    }

    #[test]
    fn a_fallback_of_the_users_for_another_model_says_nothing() {
        let models = format!("gateway.config.router_settings.fallbacks = [{{ n = ['m'] }}]\n{ONE}");
        assert_eq!(said(&models), json!({ "cooldown_time": 0 }));
    }

    #[test]
    fn a_model_that_says_it_itself_is_left_alone() {
        assert_eq!(said(&format!("{ONE}params = {{ cooldown_time = 7 }}")), json!({}));
    }
}
