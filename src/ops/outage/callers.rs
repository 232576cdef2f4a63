//! Who calls a gateway, by which names, and what each may call: agents as the module that knows callers has them, and once
//! all who may call anything.

use std::collections::BTreeSet;

use super::router::Router;
use crate::api::Gateway;
use crate::render::{Target, agent_names};
use crate::stack::{Stack, members};

/// One who calls.
pub(super) struct Caller {
    /// The agent; nothing for whoever may call anything.
    pub agent: Option<String>,
    /// The names that it calls each of its models by.
    pub models: Vec<Vec<String>>,
    /// The names whose answers it may have when others fail; nothing when it may have all.
    pub may: Option<BTreeSet<String>>,
}

/// All of a cluster: its agents, but for those that are blocked, with the models that they list, and who may call any.
pub(super) fn callers(stack: &Stack, target: &Target, cluster: &str, router: &Router<'_>) -> Vec<Caller> {
    let gateway = stack.clusters.get(cluster).and_then(|cluster| cluster.spec.gateway.as_ref());
    let restricted = gateway.is_some_and(Gateway::restricts_models);
    let agents = members(&stack.agents, cluster).filter(|(_, agent)| agent.spec.blocked != Some(true));
    let agents = agents.map(|(key, agent)| {
        let names = agent_names(stack, target, cluster, &agent.spec);
        // The name that stays is no listed one: as a fallback it counts as the one that it leads to.
        let may = restricted.then(|| names.iter().flat_map(|model| model.listed.iter().cloned()).collect());
        let models = names.into_iter().map(|model| {
            let own = std::iter::once(model.own.clone());
            own.chain(model.listed.into_iter().filter(|name| *name != model.own)).collect()
        });
        Caller { agent: Some(key.name.clone()), models: models.collect(), may }
    });
    let agents = agents.filter(|caller: &Caller| !caller.models.is_empty());
    agents.chain([Caller { agent: None, models: router.names(), may: None }]).collect()
}
