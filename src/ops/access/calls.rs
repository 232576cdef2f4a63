//! Which models the agents of a cluster may call, and which they list.

use super::{Ends, cut};
use crate::api::LanguageModelSpec;
use crate::object::{GatewayCaller, Grant};
use crate::render::{Target, gateway_grants};
use crate::stack::{MemberKey, Stack, members};

/// The models of a cluster, and what each agent may do with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    /// Names of models.
    pub models: Ends,
    /// By agent.
    pub agents: Vec<AgentCalls>,
    /// Agents that were left out.
    pub more_agents: usize,
}

impl Calls {
    /// Whether anybody may call anything or not.
    #[must_use]
    pub(crate) fn has_any(&self) -> bool {
        !self.agents.is_empty() && !self.models.shown.is_empty()
    }
}

/// What one agent may call.
#[derive(Clone, Debug)]
pub(crate) struct AgentCalls {
    /// The agent.
    pub agent: String,
    /// A call for each of the models.
    pub calls: Vec<Call>,
}

/// Whether an agent may call a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// It lists it, for this.
    Listed(&'static str),
    /// The gateway lets it, though it does not list it.
    Unlisted,
    /// The gateway refuses it.
    Refused,
}

/// The calls of a cluster.
pub(super) fn of_cluster(stack: &Stack, target: &Target, cluster: &str) -> Calls {
    let models = cut(members(&stack.models, cluster).map(|(key, _)| key.name.clone()).collect());
    let grants = gateway_grants(stack, target, cluster).unwrap_or_default().callers;
    let nothing = Grant::NOTHING;
    let agents = cut(members(&stack.agents, cluster).map(|(key, _)| key.name.clone()).collect());
    let shown = members(&stack.agents, cluster).take(agents.shown.len()).map(|(key, item)| {
        let grant = grants.get(&GatewayCaller::Agent(key.name.clone())).unwrap_or(&nothing);
        let may = |model: &String| {
            let key = MemberKey { cluster: cluster.to_owned(), name: model.clone() };
            stack.models.get(&key).is_some_and(|item| grant.reaches(&served(model, &item.spec)))
        };
        let listed = |model: &String| item.spec.models.iter().find(|one| one.name == *model);
        let call = |model: &String| match listed(model) {
            _ if !may(model) => Call::Refused,
            Some(one) => Call::Listed(one.role.unwrap_or_default().as_str()),
            None => Call::Unlisted,
        };
        AgentCalls { agent: key.name.clone(), calls: models.shown.iter().map(call).collect() }
    });
    let shown = shown.collect();
    Calls { models, agents: shown, more_agents: agents.more }
}

/// The name that the gateway serves a model by.
fn served(name: &str, model: &LanguageModelSpec) -> String {
    if model.is_catalogue() { format!("{name}/*") } else { model.model_name.clone() }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::ops::access;
    use crate::render::needs;
    use crate::stack::{LoadRequest, load};

    const TEXT: &str = "stack = 's'\n[clusters.c]\n[clusters.c.gateway.auth]\nrestrictModels = true\n\
        [models.big]\nprovider = 'openai-compatible'\nmodelName = 'big-1'\nendpoint = 'http://m.m.svc'\n\
        [models.small]\nprovider = 'anthropic'\nmodelName = 'small-1'\napiKeySecretRef = { name = 'k', key = 'k' }\n\
        [tools.search]\nimage = 'search:1'\n\
        [agents.a]\nimage = 'a:1'\nmodels = [{ name = 'big' }]\ntools = [{ name = 'search' }]\n\
        [agents.b]\nimage = 'b:1'\nblocked = true\nmodels = [{ name = 'big' }]\n";

    fn access_of(text: &str) -> crate::ops::Access {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        let stack = load(&request).unwrap().stack;
        access(&stack, &needs(&stack).assumed_target())
    }

    #[test]
    fn who_may_call_what_is_what_the_gateway_lets() {
        let calls = &access_of(TEXT).clusters[0].calls;
        let table: Vec<_> = calls.agents.iter().map(|agent| (agent.agent.as_str(), agent.calls.clone())).collect();
        assert_eq!(calls.models.shown, ["big", "small"]);
        let expected = [("a", vec![Call::Listed("primary"), Call::Refused]), ("b", vec![Call::Refused, Call::Refused])];
        assert_eq!(table, expected);
        let open = access_of(&TEXT.replace("restrictModels = true", "restrictModels = false"));
        assert_eq!(open.clusters[0].calls.agents[0].calls, [Call::Listed("primary"), Call::Unlisted]);
        let narrow = TEXT.replace("restrictModels = true", "restrictModels = false");
        let team = access_of(&format!("{narrow}[teams.t]\nagents = ['a']\nmodels = ['b*']\n"));
        assert_eq!(team.clusters[0].calls.agents[0].calls, [Call::Listed("primary"), Call::Refused]);
    }

    #[test]
    fn who_reaches_what_is_what_explain_reach_says() {
        let access = access_of(TEXT);
        let cluster = &access.clusters[0];
        assert_eq!(cluster.from.shown, ["agent.a", "agent.b", "gateway", "tool.search"]);
        let allowed = |from: &str, to: &str| {
            let at = |all: &[String], name: &str| all.iter().position(|one| one == name).unwrap();
            let answer = &cluster.answers[at(&cluster.from.shown, from)][at(&cluster.to.shown, to)];
            answer.as_ref().map(|answer| answer.allowed)
        };
        assert_eq!(allowed("agent.a", "gateway"), Some(true), "{:?}", cluster.to);
        assert_eq!(allowed("agent.a", "tool.search"), Some(true));
        assert_eq!(allowed("agent.a", "agent.b"), Some(true));
        assert_eq!(allowed("agent.a", "agent.a"), None);
        assert_eq!(allowed("agent.a", "host/api.anthropic.com:443"), Some(false));
        assert_eq!(allowed("gateway", "host/api.anthropic.com:443"), Some(true));
    }

    #[test]
    fn a_large_cluster_is_cut_and_counted() {
        let agent = |number| format!("[agents.n{number}]\nimage = 'a:1'\nmodels = [{{ name = 'big' }}]\n");
        let agents = (0..60).map(agent).collect::<Vec<_>>().concat();
        let access = access_of(&format!("{TEXT}{agents}"));
        let cluster = &access.clusters[0];
        assert_eq!((cluster.from.shown.len(), cluster.from.more), (40, 24));
        assert_eq!((cluster.calls.agents.len(), cluster.calls.more_agents), (40, 22));
    }
}
