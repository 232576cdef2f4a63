//! Which agents there are and what each may do at the gateway, for the module that knows callers: limits of its
//! calls, the epoch of its key, whether it is blocked, its team, and its models where agents are restricted to them. An
//! agent that is not in the file is nobody.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::api::{AgentModel, LanguageAgentSpec};
use crate::object::{DeferredField, DeferredValue, names};
use crate::render::scope::Scope;

use super::{agent_calls, routing, teams};

/// The file's content: whether agents are restricted, which fields their calls may have beside those of their protocols,
/// by name what is said of each agent, and what is said of teams and tokens.
pub(in crate::render) fn file(scope: &Scope<'_>) -> String {
    let agents: BTreeMap<_, _> = scope.agents().map(|(name, agent)| (name, entry(scope, name, agent))).collect();
    let mut content = json!({ "restricted": scope.gateway.restricts_models(), "agents": agents });
    if let Some(content) = content.as_object_mut() {
        content.extend(teams::said(scope));
        // For plans: whether a pod asks for keys is in its environment.
        content.extend((!scope.gateway.auth_enabled()).then(|| ("open".to_owned(), json!(true))));
    }
    let fields: BTreeSet<_> = scope.gateway.allowed_fields().iter().collect();
    if !fields.is_empty() {
        content["fields"] = json!(fields);
    }
    format!("{content:#}\n")
}

/// Until when the last keys of agents are good: a file for each, since apply alone knows the time.
pub(super) fn previous_keys(scope: &Scope<'_>) -> impl Iterator<Item = DeferredField> {
    scope.agents().filter_map(|(name, agent)| {
        let pointer = format!("/data/{}", names::previous_key_file(name));
        Some(DeferredField { pointer, value: previous_key(agent)? })
    })
}

/// Until when the last key of an agent is good, if it goes on beside the present one. Whether there is such a key, and
/// of which epoch, the Secret that is there says.
pub(in crate::render) fn previous_key(agent: &LanguageAgentSpec) -> Option<DeferredValue> {
    let (overlap, before) = (agent.key_overlap()?, agent.key_epoch().checked_sub(1)?);
    (before > 0).then_some(DeferredValue::PreviousKey { epoch: before, overlap })
}

fn entry(scope: &Scope<'_>, name: &str, agent: &LanguageAgentSpec) -> Value {
    let mut entry = serde_json::Map::new();
    entry.extend((agent.key_epoch() > 1).then(|| ("epoch".to_owned(), json!(agent.key_epoch()))));
    let team = scope.stack.team_of(scope.cluster, name, agent);
    entry.extend(team.map(|(team, _)| ("team".to_owned(), json!(team.name))));
    entry.extend((agent.blocked == Some(true)).then(|| ("blocked".to_owned(), json!(true))));
    entry.extend(teams::limits(agent.rate_limits.as_ref()));
    if scope.gateway.restricts_models() {
        let (mut models, mut unlisted) = (BTreeSet::new(), BTreeSet::new());
        for model in &agent.models {
            models.extend(called(scope, model));
            unlisted.insert(agent_calls(scope, model));
        }
        let unlisted: Vec<_> = unlisted.difference(&models).collect();
        entry.extend((!unlisted.is_empty()).then(|| ("unlisted".to_owned(), json!(unlisted))));
        entry.insert("models".to_owned(), json!(models));
    }
    Value::Object(entry)
}

/// What an agent calls one of its models by.
pub(crate) struct AgentNames {
    /// The names that are listed; a fallback to one of them is tried for the agent.
    pub listed: Vec<String>,
    /// The name that stays.
    pub own: String,
}

/// The names of the models that an agent lists, in their order.
pub(in crate::render) fn names(scope: &Scope<'_>, agent: &LanguageAgentSpec) -> Vec<AgentNames> {
    let of = |model: &AgentModel| AgentNames { listed: called(scope, model), own: agent_calls(scope, model) };
    agent.models.iter().map(of).collect()
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
        let text = field(&manifests, "ConfigMap", "gateway-agents", "/data/agents.json");
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    #[test]
    fn an_agent_has_its_limits_and_where_restricted_its_models_by_every_name() {
        let limits = json!({ "restricted": false, "agents": { "quick": { "requestsPerMinute": 5 }, "free": {} } });
        assert_eq!(file(""), limits);
        let models = ["all/gpt-4o", "c-1", "smart"];
        let quick = json!({ "requestsPerMinute": 5, "models": models, "unlisted": ["claude"] });
        let restricted = json!({ "restricted": true, "agents": { "quick": quick, "free": { "models": [] } } });
        assert_eq!(file("gateway.auth.restrictModels = true"), restricted);
    }

    #[test]
    fn an_agent_has_the_epoch_of_its_key_and_whether_it_is_blocked() {
        let manifests = rendered("[clusters.c]\n[agents.a]\nimage = 'a'\nkey.epoch = 3\nblocked = true");
        let text = field(&manifests, "ConfigMap", "gateway-agents", "/data/agents.json");
        let read: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        assert_eq!(read["agents"], json!({ "a": { "epoch": 3, "blocked": true } }));
    }

    #[test]
    fn fields_that_are_allowed_are_said_once_in_order() {
        let read = file("gateway.auth.allowFields = ['vllm_xargs', 'cache_salt']");
        assert_eq!(read["fields"], json!(["cache_salt", "vllm_xargs"]));
        assert_eq!(file("").get("fields"), None);
    }

    #[test]
    fn a_gateway_without_agents_knows_that_it_has_none() {
        let manifests = rendered("clusters.c = {}");
        let text = field(&manifests, "ConfigMap", "gateway-agents", "/data/agents.json").as_str().unwrap();
        let read: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read, json!({ "restricted": false, "agents": {} }));
    }
}
