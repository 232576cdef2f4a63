//! Rules of one agent or one tool.
//!
//! An agent's stand beside those of the cluster, and its ingress rules in the place of the default; what it needs for
//! tools that langop does not run is one of them. A tool's stand alone: what it has rules for is closed but for these rules, and name resolution when it may connect
//! at all.

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::json;

use crate::api::NetworkPolicies;
use crate::object::names::{AGENT_KIND, TOOL_KIND};
use crate::object::{Manifest, labels};
use crate::render::scope::Scope;
use crate::render::tool::tool_egress;

use super::name_server::{self, resolver};
use super::peer::pods;
use super::{dns, policy, rule};

pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let agents = scope.agent_items().map(|(name, agent)| {
        let mut rules = agent.spec.network_policies.clone().unwrap_or_default();
        rules.egress.extend(tool_egress(scope.stack, scope.cluster, agent).into_iter().map(|one| one.rule));
        let is_written = agent.spec.network_policies.as_ref().is_some_and(|written| !written.egress.is_empty());
        Member { kind: AGENT_KIND, prefix: "agent", name, rules, is_written }
    });
    let tools = scope.tools().filter(|(_, tool)| tool.has_pods()).filter_map(|(name, tool)| {
        Some(Member { kind: TOOL_KIND, prefix: "tool", name, rules: tool.network_policies.clone()?, is_written: true })
    });
    agents.chain(tools).flat_map(|member| member.manifests(scope)).collect()
}

struct Member<'a> {
    kind: &'static str,
    prefix: &'static str,
    name: &'a str,
    rules: NetworkPolicies,
    /// Whether the egress rules are the description's own.
    is_written: bool,
}

impl Member<'_> {
    fn manifests(&self, scope: &Scope<'_>) -> Vec<Manifest> {
        let NetworkPolicies { ingress, egress } = &self.rules;
        let name = |part: &str| format!("{}-{}-{part}", self.prefix, self.name);
        let selector = json!({ "matchLabels": {
            labels::KIND: self.kind,
            labels::NAME: self.name,
        } });
        let opened = self.egress(scope);
        // Of an agent that needs a host by name and nothing else, which nobody keeps, there is nothing to say.
        let says = !egress.is_empty() && (self.is_written || !opened.is_empty());
        let out = says.then(|| policy::egress(scope, &name("egress"), self.pods(), opened));
        let admitted = || ingress.iter().filter_map(|one| rule::ingress(scope, one)).collect();
        let inward = (!ingress.is_empty()).then(|| policy::ingress(scope, &name("ingress"), self.pods(), admitted()));
        let named = dns::policy(scope, &name("dns"), &selector, egress);
        [out, inward, named].into_iter().flatten().collect()
    }

    fn pods(&self) -> LabelSelector {
        pods([(labels::KIND, self.kind), (labels::NAME, self.name)])
    }

    fn egress(&self, scope: &Scope<'_>) -> Vec<NetworkPolicyEgressRule> {
        let mut all = Vec::new();
        // The agents' own are among the rules of all agents.
        if self.kind == TOOL_KIND {
            all.push(resolver());
            all.extend(name_server::of_cluster(scope));
        }
        all.extend(self.rules.egress.iter().flat_map(|one| rule::egress(scope, one)));
        all
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, find, rendered, rendered_with_cilium};

    #[test]
    fn an_agents_rules_stand_beside_those_of_all_agents() {
        let manifests = rendered(
            "[clusters.c]\n[agents.a]\nimage = 'a'\n[[agents.a.networkPolicies.egress]]\nto = [{ cidr = '10.0.0.0/8' }]",
        );
        let spec = field(&manifests, "NetworkPolicy", "agent-a-egress", "/spec");
        let labels = json!({ "langop.io/kind": "LanguageAgent", "app.kubernetes.io/name": "a" });
        assert_eq!(spec["podSelector"]["matchLabels"], labels);
        assert_eq!(spec["policyTypes"], json!(["Egress"]));
        assert_eq!(spec["egress"], json!([{ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }]));
    }

    #[test]
    fn without_rules_there_is_no_policy() {
        let manifests = rendered("[clusters.c]\n[agents.a]\nimage = 'a'\nnetworkPolicies = {}\n[tools.t]\nimage = 't'");
        let own = |name: &str| name.starts_with("agent-") || name.starts_with("tool-");
        assert!(!manifests.iter().any(|one| one.reference.kind == "NetworkPolicy" && own(&one.reference.name)));
    }

    #[test]
    fn a_server_that_an_agent_uses_as_a_tool_is_open_to_it() {
        let text = "[clusters.c]\n[tools.docs]\nurl = 'https://mcp.example.com/mcp'\n[tools.near]\nurl = 'http://10.0.0.7/mcp'\n\
                    [agents.a]\nimage = 'a'\ntools = [{ name = 'docs' }, { name = 'near' }]\n[agents.b]\nimage = 'b'";
        let all = rendered(text);
        let opened = field(&all, "NetworkPolicy", "agent-a-egress", "/spec/egress");
        let near =
            json!({ "to": [{ "ipBlock": { "cidr": "10.0.0.7/32" } }], "ports": [{ "port": 80, "protocol": "TCP" }] });
        assert_eq!(*opened, json!([near]));
        assert!(find(&all, "NetworkPolicy", "agent-b-egress").is_none());
        let named = rendered_with_cilium(text);
        let hosts = field(&named, "CiliumNetworkPolicy", "agent-a-dns", "/spec/egress/1");
        assert_eq!(hosts["toFQDNs"], json!([{ "matchName": "mcp.example.com" }]));
        assert_eq!(hosts["toPorts"], json!([{ "ports": [{ "port": "443", "protocol": "TCP" }] }]));
    }

    #[test]
    fn a_server_by_name_that_nobody_keeps_opens_nothing() {
        let text =
            "[clusters.c]\n[agents.a]\nimage = 'a'\ntools = [{ name = 'docs', url = 'https://mcp.example.com' }]";
        assert!(find(&rendered(text), "NetworkPolicy", "agent-a-egress").is_none());
    }

    #[test]
    fn a_tool_with_rules_is_closed_but_for_them_and_name_resolution() {
        let manifests = rendered(
            "[clusters.c]\n[tools.t]\nimage = 't'\n[[tools.t.networkPolicies.egress]]\nto = [{ dns = ['a.b'] }]",
        );
        let spec = field(&manifests, "NetworkPolicy", "tool-t-egress", "/spec");
        assert_eq!(spec["policyTypes"], json!(["Egress"]));
        assert_eq!(spec["egress"].as_array().unwrap().len(), 1, "name resolution");
    }

    #[test]
    fn a_tool_that_is_not_deployed_has_no_pods_to_close() {
        let manifests = rendered(
            "[clusters.c]\n[tools.t]\nurl = 'https://a'\n[[tools.t.networkPolicies.egress]]\nto = [{ group = 'g' }]",
        );
        assert!(find(&manifests, "NetworkPolicy", "tool-t-egress").is_none());
    }
}
