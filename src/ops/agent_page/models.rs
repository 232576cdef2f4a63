//! The models that an agent lists, in the order in which it tries them, and what is tried when one fails.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::api::{AgentModel, LanguageAgentSpec};
use crate::object::Source;
use crate::stack::{MemberKey, Stack};

/// A model of an agent.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct PageModel {
    /// The name of the `LanguageModel`.
    pub name: String,
    /// The name that the agent calls it by, which stays.
    pub called: String,
    /// The name that the gateway lists it by.
    pub model: String,
    /// What the agent uses it for.
    pub role: &'static str,
    /// The models that the gateway tries when it fails, by the names that they are called by.
    pub fallbacks: Vec<String>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// The models that an agent lists.
pub(super) fn listed(stack: &Stack, agent: &MemberKey, spec: &LanguageAgentSpec) -> Vec<PageModel> {
    let mut all: Vec<_> = spec.models.iter().collect();
    all.sort_by_key(|model| (model.role.unwrap_or_default() as u8, model.priority.unwrap_or(i32::MAX)));
    let may: BTreeSet<_> = all.iter().map(|one| model(stack, agent, one)).collect();
    let gateway = stack.clusters.get(&agent.cluster).and_then(|cluster| cluster.spec.gateway.as_ref());
    let restricted = gateway.is_some_and(crate::api::Gateway::restricts_models);
    let page = |one: &AgentModel| {
        let key = MemberKey { cluster: agent.cluster.clone(), name: one.name.clone() };
        let item = stack.models.get(&key);
        let tried = item.map(|item| item.spec.fallbacks.as_slice()).unwrap_or_default();
        let tried = tried.iter().map(|name| served(stack, agent, name));
        PageModel {
            name: one.name.clone(),
            called: one.model.as_ref().map_or_else(|| one.name.clone(), |chosen| format!("{}/{chosen}", one.name)),
            model: model(stack, agent, one),
            role: one.role.unwrap_or_default().as_str(),
            // One that the agent may not call is not tried for it.
            fallbacks: tried.filter(|name| !restricted || may.contains(name)).collect(),
            source: item.map(|item| item.source.clone()),
        }
    };
    all.into_iter().map(page).collect()
}

fn model(stack: &Stack, agent: &MemberKey, reference: &AgentModel) -> String {
    match &reference.model {
        Some(chosen) => format!("{}/{chosen}", reference.name),
        None => served(stack, agent, &reference.name),
    }
}

/// The name that the gateway serves a model by.
fn served(stack: &Stack, agent: &MemberKey, name: &str) -> String {
    let key = MemberKey { cluster: agent.cluster.clone(), name: name.to_owned() };
    stack.models.get(&key).map_or_else(|| name.to_owned(), |item| item.spec.model_name.clone())
}

/// Limits of the agent's calls.
pub(super) fn limits(spec: &LanguageAgentSpec) -> BTreeMap<String, String> {
    let limits = spec.rate_limits.clone().unwrap_or_default();
    let counts = [("requests per minute", limits.requests_per_minute), ("tokens per minute", limits.tokens_per_minute)];
    counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?.to_string()))).collect()
}
