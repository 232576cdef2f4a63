//! Where pods resolve names: in `kube-system`, at the cache of their node, and at the addresses that rules of the
//! cluster open on port 53. What resolves names for the agents of a cluster does so for its gateway and tools.

use ipnet::IpNet;
use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPort};

use crate::api::{EgressRule, NetworkPeer, PeerForm};
use crate::object::names::{DNS_NAMESPACE, NODE_DNS};
use crate::render::scope::{Scope, listed};

use super::peer::{block, elsewhere, namespace, port};

/// The port on which names are resolved.
pub const DNS_PORT: i32 = 53;

/// Name resolution of every pod that is closed. By namespace, not by pod: not every target labels its resolver
/// `kube-dns`. The cache of a node is no pod of a policy's: it listens on an address of the node (Kubernetes, *Using
/// `NodeLocal DNSCache`*).
pub(super) fn resolver() -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        to: Some(vec![elsewhere(namespace(DNS_NAMESPACE), None), block(NODE_DNS, &[])]),
        ports: Some(vec![port(DNS_PORT, "UDP"), port(DNS_PORT, "TCP")]),
    }
}

/// What rules of the cluster open for the resolution of names.
pub(super) fn of_cluster(scope: &Scope<'_>) -> Vec<NetworkPolicyEgressRule> {
    let rules = scope.spec().network_policies.iter().flat_map(|rules| &rules.egress);
    let opened = rules.filter_map(|rule| {
        let to = rule.to.iter().filter_map(name_server).map(|cidr| block(cidr, &[])).collect();
        Some(NetworkPolicyEgressRule { to: Some(listed(to)?), ports: Some(listed(ports(rule))?) })
    });
    opened.collect()
}

/// No name is resolved over SCTP.
fn ports(rule: &EgressRule) -> Vec<NetworkPolicyPort> {
    let dns = rule.ports.iter().filter(|port| port.port == DNS_PORT).map(|port| port.protocol().as_str());
    dns.filter(|protocol| *protocol != "SCTP").map(|protocol| port(DNS_PORT, protocol)).collect()
}

/// The address of a name server, where a rule for the port of name resolution has this peer: one address. A network
/// is more than a name server.
#[must_use]
pub fn name_server(peer: &NetworkPeer) -> Option<&str> {
    let Some(PeerForm::Cidr(cidr)) = peer.form() else { return None };
    let network: IpNet = cidr.parse().ok()?;
    (network.prefix_len() == network.max_prefix_len()).then_some(cidr)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, rendered};

    const RULES: &str = "[clusters.c]\n[[clusters.c.networkPolicies.egress]]\n\
                         to = [{ cidr = '10.96.0.10/32' }, { cidr = '10.0.0.0/8' }]\n\
                         ports = [{ port = 53, protocol = 'UDP' }, { port = 443 }]\n\
                         [tools.t]\nimage = 't'\n[[tools.t.networkPolicies.egress]]\nto = [{ cidr = '192.0.2.0/24' }]";

    fn opened(text: &str, policy: &str) -> Vec<Value> {
        field(&rendered(text), "NetworkPolicy", policy, "/spec/egress").as_array().unwrap().clone()
    }

    #[test]
    fn every_closed_pod_reaches_the_cache_of_its_node() {
        for policy in ["agents-egress", "gateway-egress", "tool-t-egress"] {
            let resolver = json!({ "ipBlock": { "cidr": "169.254.20.10/32" } });
            let rules = opened(RULES, policy);
            let rule = rules.iter().find(|rule| rule["to"].as_array().unwrap().contains(&resolver)).unwrap();
            assert_eq!(rule["ports"], json!([{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }]));
        }
    }

    #[test]
    fn a_name_server_that_a_cluster_opens_is_its_gateways_and_its_tools_too() {
        let rule = json!({
            "to": [{ "ipBlock": { "cidr": "10.96.0.10/32" } }],
            "ports": [{ "port": 53, "protocol": "UDP" }],
        });
        assert!(opened(RULES, "gateway-egress").contains(&rule));
        assert!(opened(RULES, "tool-t-egress").contains(&rule));
        let without = RULES.replace("port = 53", "port = 54");
        assert_eq!(opened(&without, "gateway-egress").len(), 1);
        let no_names = RULES.replace("'UDP'", "'SCTP'");
        assert_eq!(opened(&no_names, "gateway-egress").len(), 1);
        let any_port = RULES.replace("ports = [{ port = 53, protocol = 'UDP' }, { port = 443 }]\n", "");
        assert_eq!(opened(&any_port, "gateway-egress").len(), 1, "a rule for every port is not one for names");
    }
}
