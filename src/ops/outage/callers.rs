//! Who calls a gateway, by which names, and what each may call: agents and teams as the module that knows callers has them,
//! and once all who may call anything.

use super::router::Router;
use crate::object::{GatewayCaller, Grant};
use crate::render::{Target, agent_names, gateway_grants};
use crate::stack::{MemberKey, Stack};

/// One who calls.
pub(super) struct Caller {
    /// The agent, or the team of whoever has a token; nothing for whoever may call anything.
    pub who: Option<GatewayCaller>,
    /// The names that it calls each of its models by.
    pub models: Vec<Vec<String>>,
    /// What it may call.
    pub may: Grant,
}

/// All of a cluster: its agents with the models that they list, its teams where they have tokens with those that they may
/// call, and who may call any. Not those that are blocked.
pub(super) fn callers(stack: &Stack, target: &Target, cluster: &str, router: &Router<'_>) -> Vec<Caller> {
    let grants = gateway_grants(stack, target, cluster).unwrap_or_default().callers;
    let named = grants.into_iter().filter(|(_, may)| *may != Grant::NOTHING).map(|(who, may)| {
        let models = match &who {
            GatewayCaller::Agent(name) => of_agent(stack, target, cluster, name),
            GatewayCaller::Team(_) => of_team(router, &may),
        };
        Caller { who: Some(who), models, may }
    });
    let named = named.filter(|caller| !caller.models.is_empty());
    named.chain([Caller { who: None, models: router.names(), may: Grant::All }]).collect()
}

/// The names of the models that an agent lists.
fn of_agent(stack: &Stack, target: &Target, cluster: &str, name: &str) -> Vec<Vec<String>> {
    let key = MemberKey { cluster: cluster.to_owned(), name: name.to_owned() };
    let Some(agent) = stack.agents.get(&key) else { return Vec::new() };
    let names = agent_names(stack, target, cluster, &agent.spec).into_iter();
    let models = names.map(|model| {
        let own = std::iter::once(model.own.clone());
        own.chain(model.listed.into_iter().filter(|name| *name != model.own)).collect()
    });
    models.collect()
}

/// The names that a team may call, of each model.
fn of_team(router: &Router<'_>, may: &Grant) -> Vec<Vec<String>> {
    let own = |names: Vec<String>| names.into_iter().filter(|name| may.reaches(name)).collect::<Vec<_>>();
    router.names().into_iter().map(own).filter(|names| !names.is_empty()).collect()
}
