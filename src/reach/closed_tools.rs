//! Tools that an agent is told of and that some rule keeps from it: a server that nothing opens, or pods that do not
//! admit the agent.

use super::ask::Ask;
use super::combined::decide;
use super::end::{End, Pod};
use super::port::Port;
use super::unreached::may_reach;
use super::way::Way;
use super::world::World;
use crate::api::{LanguageAgentSpec, Protocol};
use crate::object::{Address, Source};
use crate::render::{Connection, Endpoint, connections, tool_egress};
use crate::stack::{Item, MemberKey};

/// A tool that its agent does not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedTool {
    /// The agent.
    pub agent: String,
    /// Its address.
    pub address: Address,
    /// Where the agent names its tools.
    pub source: Source,
    /// What the agent calls the tool.
    pub tool: String,
    /// Where a server is that langop does not run; none for pods of a tool.
    pub endpoint: Option<Endpoint>,
}

/// Every tool of the stack that an agent uses and does not reach. What nobody can tell is left out.
#[must_use]
pub fn closed_tools(world: &World<'_>) -> Vec<ClosedTool> {
    let of_agent = |(key, item): (&MemberKey, &Item<LanguageAgentSpec>)| {
        let Some(pod) = world.agent(&key.cluster, &key.name) else { return Vec::new() };
        let elsewhere = tool_egress(world.stack, &key.cluster, item).into_iter();
        let elsewhere = elsewhere.filter(|one| !may_reach(world, &pod, &one.endpoint));
        let elsewhere = elsewhere.map(|one| closed(key, item, &one.tool, Some(one.endpoint)));
        let used = connections(world.stack, &key.cluster, &item.spec).into_iter();
        let own = used.filter(|one| is_closed(world, &pod, one)).map(|one| closed(key, item, one.name, None));
        elsewhere.chain(own).collect()
    };
    world.stack.agents.iter().flat_map(of_agent).collect()
}

/// Whether the tool has pods that the agent does not reach.
fn is_closed(world: &World<'_>, agent: &Pod, tool: &Connection<'_>) -> bool {
    let Some(pod) = world.tool(&agent.namespace, tool.name).filter(|_| tool.is_own) else { return false };
    let Some(port) = pod.ports.first().map(|port| Port::new(port.number, Protocol::Tcp)) else { return false };
    let (from, to) = (End::Pod(agent.clone()), End::Pod(pod));
    [Way::Out, Way::In].into_iter().any(|way| {
        let side = decide(world, Ask { from: &from, to: &to, port: &port }, way);
        !side.allowed && side.undecided.is_empty()
    })
}

fn closed(key: &MemberKey, item: &Item<LanguageAgentSpec>, tool: &str, endpoint: Option<Endpoint>) -> ClosedTool {
    let source = item.places.get("tools").unwrap_or(&item.source).clone();
    ClosedTool { agent: key.name.clone(), address: item.address.clone(), source, tool: tool.to_owned(), endpoint }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Target;
    use crate::stack::{LoadRequest, load};

    fn closed(lines: &str, cilium: bool) -> Vec<(String, String)> {
        let text = format!(
            "stack = 's'\n[clusters.c]\n[models.m]\nprovider = 'openai-compatible'\nmodelName = 'm'\nendpoint = 'http://m.m.svc'\n{lines}"
        );
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        let stack = load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack;
        let target = Target { cilium, ..Target::default() };
        closed_tools(&World::new(&stack, &target)).into_iter().map(|one| (one.agent, one.tool)).collect()
    }

    const AGENTS: &str = "[agents.a]\nimage = 'a:1'\ngroup = 'ops'\ntools = [{ name = 't' }]\n[agents.b]\nimage = 'b:1'\ntools = [{ name = 't' }]\n";

    #[test]
    fn a_tool_that_admits_a_group_is_closed_to_the_agents_of_no_other() {
        let tool = "[tools.t]\nimage = 't:1'\n";
        assert_eq!(closed(&format!("{AGENTS}{tool}"), false), []);
        let narrowed = format!("{AGENTS}{tool}[[tools.t.networkPolicies.ingress]]\nfrom = [{{ group = 'ops' }}]\n");
        assert_eq!(closed(&narrowed, false), [("b".to_owned(), "t".to_owned())]);
        let other_port = format!("{narrowed}ports = [{{ port = 1 }}]\n");
        assert_eq!(closed(&other_port, false).len(), 2);
    }

    #[test]
    fn a_server_by_name_is_closed_where_nobody_keeps_names_and_no_rule_is_for_addresses() {
        let tool = "[tools.t]\nurl = 'https://mcp.example.com/mcp'\n";
        assert_eq!(closed(&format!("{AGENTS}{tool}"), false).len(), 2);
        assert_eq!(closed(&format!("{AGENTS}{tool}"), true), []);
        let written =
            "[[agents.b.networkPolicies.egress]]\nto = [{ cidr = '192.0.2.0/24' }]\nports = [{ port = 443 }]\n";
        assert_eq!(closed(&format!("{AGENTS}{tool}{written}"), false), [("a".to_owned(), "t".to_owned())]);
        let near = tool.replace("mcp.example.com", "10.0.0.7");
        assert_eq!(closed(&format!("{AGENTS}{near}"), false), []);
    }
}
