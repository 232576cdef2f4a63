//! The models that an agent lists, in the order in which it tries them, and what is tried when one fails.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::api::{AgentModel, Budget, LanguageAgentSpec, LanguageModelSpec, RateLimits};
use crate::object::Source;
use crate::ops::fallbacks::{Fallbacks, Why};
use crate::render::{Target, gateway_config};
use crate::stack::{Item, MemberKey, Stack};

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
    /// Those that it tries when a prompt is too long for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context_window_fallbacks: Vec<String>,
    /// Those that it tries when the provider refuses the content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content_policy_fallbacks: Vec<String>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// The models that an agent lists.
pub(super) fn listed(stack: &Stack, target: &Target, agent: &MemberKey, spec: &LanguageAgentSpec) -> Vec<PageModel> {
    let mut all: Vec<_> = spec.models.iter().collect();
    all.sort_by_key(|model| (model.role.unwrap_or_default() as u8, model.priority.unwrap_or(i32::MAX)));
    let may: BTreeSet<_> = all.iter().flat_map(|one| callable(stack, agent, one)).collect();
    let gateway = stack.clusters.get(&agent.cluster).and_then(|cluster| cluster.spec.gateway.as_ref());
    let restricted = gateway.is_some_and(crate::api::Gateway::restricts_models);
    let fallbacks = Fallbacks(gateway_config(stack, target, &agent.cluster).unwrap_or_default());
    let page = |one: &AgentModel| {
        let item = model(stack, agent, &one.name);
        let listed = listed_as(stack, agent, one);
        let tried = |why| {
            let names = fallbacks.of(&listed, why).into_iter();
            // One that the agent may not call is not tried for it.
            names.filter(|name| !restricted || may.contains(name)).collect()
        };
        PageModel {
            name: one.name.clone(),
            called: one.model.as_ref().map_or_else(|| one.name.clone(), |chosen| format!("{}/{chosen}", one.name)),
            role: one.role.unwrap_or_default().as_str(),
            fallbacks: tried(Why::Failed),
            context_window_fallbacks: tried(Why::TooLong),
            content_policy_fallbacks: tried(Why::Refused),
            source: item.map(|item| item.source.clone()),
            model: listed,
        }
    };
    all.into_iter().map(page).collect()
}

fn model<'a>(stack: &'a Stack, agent: &MemberKey, name: &str) -> Option<&'a Item<LanguageModelSpec>> {
    stack.models.get(&MemberKey { cluster: agent.cluster.clone(), name: name.to_owned() })
}

/// All names of the gateway's list that an agent may call a model by.
fn callable(stack: &Stack, agent: &MemberKey, reference: &AgentModel) -> Vec<String> {
    let aliases = model(stack, agent, &reference.name).filter(|_| reference.model.is_none());
    let aliases = aliases.map(|item| item.spec.aliases.clone()).unwrap_or_default();
    std::iter::once(listed_as(stack, agent, reference)).chain(aliases).collect()
}

/// The name by which the gateway lists it.
fn listed_as(stack: &Stack, agent: &MemberKey, reference: &AgentModel) -> String {
    match &reference.model {
        Some(chosen) => format!("{}/{chosen}", reference.name),
        None => served(stack, agent, &reference.name),
    }
}

/// The name that the gateway serves a model by.
fn served(stack: &Stack, agent: &MemberKey, name: &str) -> String {
    model(stack, agent, name).map_or_else(|| name.to_owned(), |item| item.spec.model_name.clone())
}

/// Limits of the agent's calls and what they may cost, and the same of its team, which it shares.
pub(super) fn limits(stack: &Stack, agent: &MemberKey, spec: &LanguageAgentSpec) -> BTreeMap<String, String> {
    let mut limits = bounds("", spec.rate_limits.as_ref(), spec.budget.as_ref());
    if let Some((key, team)) = stack.team_of(&agent.cluster, &agent.name, spec) {
        let of_team = format!(" of team `{}`", key.name);
        limits.extend(bounds(&of_team, team.spec.rate_limits.as_ref(), team.spec.budget.as_ref()));
    }
    limits
}

fn bounds(whose: &str, limits: Option<&RateLimits>, budget: Option<&Budget>) -> BTreeMap<String, String> {
    let limits = limits.cloned().unwrap_or_default();
    let counts = [("requests per minute", limits.requests_per_minute), ("tokens per minute", limits.tokens_per_minute)];
    let counts = counts.into_iter().filter_map(|(name, count)| Some((name, count?.to_string())));
    let budget = budget.map(|budget| ("budget", format!("{} USD ({})", budget.usd, budget.window)));
    counts.chain(budget).map(|(name, text)| (format!("{name}{whose}"), text)).collect()
}
