//! What agents must reach for the tools that langop does not run. Each is a rule of the agent, as if it were written:
//! an address, the pods behind a Service, or a host by name, which only Cilium keeps or the cluster's fallback resolves.

use crate::api::{
    DnsFallback, EgressRule, LanguageAgentSpec, LanguageClusterSpec, NetworkPeer, NetworkPort, ServicePeer,
};
use crate::object::{Address, Source};
use crate::render::endpoint::{Endpoint, Host};
use crate::render::target::Target;
use crate::stack::{Item, Stack};

use super::used::{Used, used};

/// A server that an agent uses as a tool, and the rule that opens it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolEgress {
    /// What the agent calls the tool.
    pub tool: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// What opens it; with a host by name it opens nothing where nobody keeps names.
    pub rule: EgressRule,
    /// Whose URL it is.
    pub address: Address,
    /// Where the URL is in that spec.
    pub path: String,
    /// Where that is written.
    pub source: Source,
}

/// The servers that an agent of a cluster uses as tools, outside of its own pod.
#[must_use]
pub fn tool_egress(stack: &Stack, cluster: &str, agent: &Item<LanguageAgentSpec>) -> Vec<ToolEgress> {
    used(stack, cluster, &agent.spec).iter().filter_map(|one| egress(cluster, agent, one)).collect()
}

fn egress(cluster: &str, agent: &Item<LanguageAgentSpec>, used: &Used<'_>) -> Option<ToolEgress> {
    let endpoint = Endpoint::parse(used.url?, cluster)?;
    let peer = peer(&endpoint.host)?;
    let rule = EgressRule { to: vec![peer], ports: vec![NetworkPort { port: endpoint.port, protocol: None }] };
    let (address, path, source) = match used.tool {
        Some(tool) => (&tool.address, "url".to_owned(), tool.places.get("url").unwrap_or(&tool.source)),
        None => {
            (&agent.address, format!("tools[{}].url", used.name), agent.places.get("tools").unwrap_or(&agent.source))
        }
    };
    let (address, source) = (address.clone(), source.clone());
    Some(ToolEgress { tool: used.name.to_owned(), endpoint, rule, address, path, source })
}

/// Nothing for what is in the agent's own pod.
fn peer(host: &Host) -> Option<NetworkPeer> {
    let peer = NetworkPeer::default();
    match host {
        Host::Address(ip) if ip.is_loopback() => None,
        Host::Address(ip) => Some(NetworkPeer { cidr: Some(ipnet::IpNet::from(*ip).to_string()), ..peer }),
        Host::Service { name, .. } if name == "localhost" => None,
        Host::Service { namespace, name } => {
            let service = ServicePeer { name: name.clone(), namespace: Some(namespace.clone()) };
            Some(NetworkPeer { service: Some(service), ..peer })
        }
        Host::Public(name) | Host::Named(name) => Some(NetworkPeer { dns: Some(vec![name.clone()]), ..peer }),
        Host::Internet | Host::Metadata => None,
    }
}

impl ToolEgress {
    /// Whether something on the target keeps the rule: hosts by name need Cilium, or a cluster that resolves them.
    #[must_use]
    pub fn is_kept(&self, target: &Target, cluster: &LanguageClusterSpec) -> bool {
        let by_name = self.rule.to.iter().any(|peer| peer.dns.is_some());
        let resolves =
            || cluster.network_policies.as_ref().and_then(|rules| rules.dns_fallback) == Some(DnsFallback::Resolve);
        !by_name || target.cilium || resolves()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::render::fixture::stack;

    fn rule(url: &str) -> Option<Value> {
        let stack = stack(&format!("[clusters.c]\n[agents.a]\nimage = 'a'\ntools = [{{ name = 't', url = '{url}' }}]"));
        let all = tool_egress(&stack, "c", stack.agents.values().next().unwrap());
        all.first().map(|one| serde_json::to_value(&one.rule).unwrap())
    }

    #[test]
    fn a_server_is_opened_by_what_its_url_says_of_it() {
        for (url, to, port) in [
            ("https://mcp.example.com/mcp", json!({ "dns": ["mcp.example.com"] }), 443),
            ("http://10.0.0.7:9000/mcp", json!({ "cidr": "10.0.0.7/32" }), 9000),
            ("http://[fd00::1]/mcp", json!({ "cidr": "fd00::1/128" }), 80),
            ("http://search.data.svc:81/mcp", json!({ "service": { "name": "search", "namespace": "data" } }), 81),
        ] {
            assert_eq!(rule(url), Some(json!({ "to": [to], "ports": [{ "port": port }] })), "{url}");
        }
        for url in ["http://localhost:8080/mcp", "http://127.0.0.1/mcp", "http://[::1]/mcp"] {
            assert_eq!(rule(url), None, "{url}");
        }
    }

    #[test]
    fn a_tool_of_the_cluster_that_langop_does_not_run_is_opened_for_the_agents_that_use_it() {
        let text = "[clusters.c]\n[tools.docs]\nurl = 'https://mcp.example.com'\n[tools.search]\nimage = 's'\n[agents.a]\nimage = 'a'\n\
                    tools = [{ name = 'docs' }, { name = 'search' }]\n[agents.b]\nimage = 'b'\ntools = [{ name = 'docs', enabled = false }]";
        let stack = stack(text);
        let found: Vec<_> = stack.agents.values().map(|agent| tool_egress(&stack, "c", agent)).collect();
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((found[0][0].address.to_string().as_str(), found[0][0].path.as_str()), ("tool.docs", "url"));
    }
}
