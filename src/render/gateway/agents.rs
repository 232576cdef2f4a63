//! What each agent may do at the gateway, for the module that knows callers: limits of its calls, and its
//! models where agents are restricted to them. No file when there is nothing to say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::api::{AgentModel, LanguageAgentSpec};
use crate::render::scope::Scope;

use super::routing;

/// The file's content: whether agents are restricted, and by name what is said of each agent.
pub(super) fn file(scope: &Scope<'_>) -> Option<String> {
    let restricted = scope.gateway.restricts_models();
    let agents: BTreeMap<_, _> =
        scope.agents().filter_map(|(name, agent)| Some((name, entry(scope, agent)?))).collect();
    if agents.is_empty() && !restricted {
        return None;
    }
    let content = json!({ "restricted": restricted, "agents": agents });
    Some(format!("{content:#}\n"))
}

fn entry(scope: &Scope<'_>, agent: &LanguageAgentSpec) -> Option<Value> {
    let limits = agent.rate_limits.clone().unwrap_or_default();
    let mut entry = serde_json::Map::new();
    let counts = [("requestsPerMinute", limits.requests_per_minute), ("tokensPerMinute", limits.tokens_per_minute)];
    entry.extend(counts.into_iter().filter_map(|(key, count)| Some((key.to_owned(), json!(count?)))));
    if scope.gateway.restricts_models() {
        let models: BTreeSet<_> = agent.models.iter().flat_map(|model| called(scope, model)).collect();
        entry.insert("models".to_owned(), json!(models));
    }
    (!entry.is_empty()).then_some(Value::Object(entry))
}

/// The names by which an agent calls one of its models: the model's name and its aliases, or the one it
/// chose of a whole catalogue.
fn called(scope: &Scope<'_>, reference: &AgentModel) -> Vec<String> {
    let Some((name, model)) = scope.models().find(|(name, _)| *name == reference.name) else { return Vec::new() };
    match (&reference.model, model.is_catalogue()) {
        (Some(chosen), true) => vec![format!("{name}/{chosen}")],
        _ => std::iter::once(routing::called(name, model)).chain(model.aliases.iter().cloned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, rendered};

    const STACK: &str = "[models.claude]\nprovider = 'anthropic'\nmodelName = 'c-1'\naliases = ['smart']\n\
                         [models.all]\nprovider = 'openai'\nmodelName = '*'\n\
                         [agents.quick]\nimage = 'a'\nrateLimits = { requestsPerMinute = 5 }\n\
                         models = [{ name = 'claude' }, { name = 'all', model = 'gpt-4o' }]\n\
                         [agents.free]\nimage = 'a'\n";

    fn file(cluster: &str) -> Value {
        let manifests = rendered(&format!("[clusters.c]\n{cluster}\n{STACK}"));
        let text = field(&manifests, "ConfigMap", "gateway-config", "/data/agents.json");
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    #[test]
    fn an_agent_has_its_limits_and_where_restricted_its_models_by_every_name() {
        let limits = json!({ "restricted": false, "agents": { "quick": { "requestsPerMinute": 5 } } });
        assert_eq!(file(""), limits);
        let quick = json!({ "requestsPerMinute": 5, "models": ["all/gpt-4o", "c-1", "smart"] });
        let restricted = json!({ "restricted": true, "agents": { "quick": quick, "free": { "models": [] } } });
        assert_eq!(file("gateway.auth.restrictModels = true"), restricted);
    }

    #[test]
    fn there_is_no_file_with_nothing_in_it() {
        let manifests = rendered("[clusters.c]\n[agents.a]\nimage = 'a'");
        assert_eq!(field(&manifests, "ConfigMap", "gateway-config", "/data/agents.json"), &Value::Null);
    }
}
