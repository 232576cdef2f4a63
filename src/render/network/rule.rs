//! One rule of a description as rules of a `NetworkPolicy`.
//!
//! Peers that share the rule's ports stay together; each Service has ports of its own. A peer that
//! resolves to nothing adds nothing, and a rule without peers is left out: Kubernetes would read its
//! missing `to` as "everywhere".

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{EgressRule, IngressRule, NetworkPeer, NetworkPort, NetworkRule, PeerForm};
use crate::render::scope::{Scope, listed};
use crate::render::target::{Backend, BackendPort, ServiceName};

use super::dns;
use super::peer::{block, elsewhere, group, labelled, local, named_port, namespace, port};
use super::service::{named, resolve};

/// What an egress rule opens.
pub(super) fn egress(scope: &Scope<'_>, rule: &EgressRule) -> Vec<NetworkPolicyEgressRule> {
    let plain = plain_peers(scope, rule);
    let mut rules = Vec::new();
    if !plain.is_empty() {
        rules.push(NetworkPolicyEgressRule { to: Some(plain), ports: listed(written(&rule.ports)) });
    }
    let services = rule.to.iter().filter_map(|peer| named(peer, scope.cluster));
    rules.extend(services.filter_map(|service| to_service(scope, &service, &rule.ports)));
    rules
}

/// What an ingress rule admits. Ports are the receiver's, so Services only say who connects.
pub(super) fn ingress(scope: &Scope<'_>, rule: &IngressRule) -> Option<NetworkPolicyIngressRule> {
    let mut from = plain_peers(scope, rule);
    let services = rule.from.iter().filter_map(|peer| named(peer, scope.cluster));
    from.extend(services.filter_map(|service| pods_behind(scope, &service)));
    (!from.is_empty()).then(|| NetworkPolicyIngressRule { from: Some(from), ports: listed(written(&rule.ports)) })
}

fn plain_peers(scope: &Scope<'_>, rule: &impl NetworkRule) -> Vec<NetworkPolicyPeer> {
    rule.peers().iter().flat_map(|peer| plain_peer(scope, peer)).collect()
}

fn plain_peer(scope: &Scope<'_>, peer: &NetworkPeer) -> Vec<NetworkPolicyPeer> {
    match peer.form() {
        Some(PeerForm::Group(name)) => vec![local(group(name))],
        Some(PeerForm::Cidr(cidr)) => vec![block(cidr, &[])],
        Some(PeerForm::Selectors { namespaces, pods }) => vec![NetworkPolicyPeer {
            namespace_selector: namespaces.cloned(),
            pod_selector: pods.cloned(),
            ip_block: None,
        }],
        Some(PeerForm::Dns(names)) => dns::blocks(scope, names),
        // Services have ports of their own.
        Some(PeerForm::Service(_)) | None => Vec::new(),
    }
}

fn written(ports: &[NetworkPort]) -> Vec<NetworkPolicyPort> {
    ports.iter().map(|written| port(written.port, written.protocol().as_str())).collect()
}

fn pods_behind(scope: &Scope<'_>, service: &ServiceName) -> Option<NetworkPolicyPeer> {
    let backend = resolve(scope, service)?;
    selected(&backend, service)
}

/// The pods that a Service selects; one that selects none has backends that are not pods.
fn selected(backend: &Backend, service: &ServiceName) -> Option<NetworkPolicyPeer> {
    let pods = (!backend.selector.is_empty()).then(|| labelled(backend.selector.clone()))?;
    Some(elsewhere(namespace(&service.namespace), Some(pods)))
}

fn to_service(scope: &Scope<'_>, service: &ServiceName, wanted: &[NetworkPort]) -> Option<NetworkPolicyEgressRule> {
    let Some(backend) = resolve(scope, service) else {
        return to_unknown(service, wanted);
    };
    let open = backend.ports.iter().filter(|port| is_wanted(port, wanted));
    let ports: Vec<_> = open.map(|port| named_port(port.target.clone(), &port.protocol)).collect();
    // No ports would mean all ports.
    let ports = listed(ports)?;
    Some(NetworkPolicyEgressRule { to: Some(vec![selected(&backend, service)?]), ports: Some(ports) })
}

/// A Service that nobody knows: its namespace, on the written ports only. Without ports nothing, for
/// that would be the whole namespace.
fn to_unknown(service: &ServiceName, wanted: &[NetworkPort]) -> Option<NetworkPolicyEgressRule> {
    let ports = listed(written(wanted))?;
    let to = elsewhere(namespace(&service.namespace), None);
    Some(NetworkPolicyEgressRule { to: Some(vec![to]), ports: Some(ports) })
}

/// A written port is a port of the Service, or one behind it.
fn is_wanted(port: &BackendPort, wanted: &[NetworkPort]) -> bool {
    let is = |wanted: &NetworkPort| {
        let number = port.port == wanted.port || port.target == IntOrString::Int(wanted.port);
        number && port.protocol == wanted.protocol().as_str()
    };
    wanted.is_empty() || wanted.iter().any(is)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::render::fixture::{field, rendered, stack};
    use crate::render::{ServiceName as Name, Target, render};

    /// What a cluster's egress rule adds to the three that are always there.
    fn opened(rule: &str, target: &Target) -> Value {
        let stack = stack(&format!("[[clusters.c.networkPolicies.egress]]\n{rule}"));
        let manifests = render(&stack, target);
        let all = field(&manifests, "NetworkPolicy", "agents-egress", "/spec/egress").as_array().unwrap();
        Value::Array(all[3..].to_vec())
    }

    fn knowing(selector: &[(&str, &str)], ports: Vec<BackendPort>) -> Target {
        let selector = selector.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        let name = Name { namespace: "data".into(), name: "db".into() };
        Target { services: BTreeMap::from([(name, Backend { selector, ports })]), ..Target::default() }
    }

    fn behind(port: i32, target: IntOrString) -> BackendPort {
        BackendPort { port, target, protocol: "TCP".into() }
    }

    const DB: &str = "to = [{ service = { name = 'db', namespace = 'data' } }]";

    #[test]
    fn everywhere_is_said_in_both_families() {
        let rule = "to = [{ cidr = '0.0.0.0/0' }, { cidr = '::/0' }]\nports = [{ port = 53, protocol = 'UDP' }]";
        let expected = json!([{
            "to": [{ "ipBlock": { "cidr": "0.0.0.0/0" } }, { "ipBlock": { "cidr": "::/0" } }],
            "ports": [{ "port": 53, "protocol": "UDP" }],
        }]);
        assert_eq!(opened(rule, &Target::default()), expected);
    }

    #[test]
    fn a_service_opens_the_ports_behind_it_on_its_pods() {
        let ports = vec![behind(5432, IntOrString::String("pg".into())), behind(9187, IntOrString::Int(9187))];
        let target = knowing(&[("app", "db")], ports);
        let to = json!([{
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "data" } },
            "podSelector": { "matchLabels": { "app": "db" } },
        }]);
        let pg = json!({ "port": "pg", "protocol": "TCP" });
        let narrowed = format!("{DB}\nports = [{{ port = 5432 }}]");
        assert_eq!(opened(&narrowed, &target), json!([{ "to": to, "ports": [pg] }]));
        let metrics = json!({ "port": 9187, "protocol": "TCP" });
        assert_eq!(opened(DB, &target), json!([{ "to": to, "ports": [pg, metrics] }]));
    }

    #[test]
    fn a_service_that_nobody_knows_opens_its_namespace_on_written_ports_only() {
        assert_eq!(opened(DB, &Target::default()), json!([]));
        let written = opened(&format!("{DB}\nports = [{{ port = 5432 }}]"), &Target::default());
        let namespace = json!({ "matchLabels": { "kubernetes.io/metadata.name": "data" } });
        let expected = json!([{
            "to": [{ "namespaceSelector": namespace }],
            "ports": [{ "port": 5432, "protocol": "TCP" }],
        }]);
        assert_eq!(written, expected);
    }

    #[test]
    fn a_service_without_pods_or_without_that_port_opens_nothing() {
        assert_eq!(opened(DB, &knowing(&[], vec![behind(5432, IntOrString::Int(5432))])), json!([]));
        let other = knowing(&[("app", "db")], vec![behind(5432, IntOrString::Int(5432))]);
        assert_eq!(opened(&format!("{DB}\nports = [{{ port = 1 }}]"), &other), json!([]));
        assert_eq!(opened(&format!("{DB}\nports = [{{ port = 5432, protocol = 'UDP' }}]"), &other), json!([]));
    }

    const FALLBACK: &str = "[clusters.c.networkPolicies]\ndnsFallback = 'resolve'\n[[clusters.c.networkPolicies.egress]]\n\
                            to = [{ dns = ['api.example.com', 'gone.example.com'] }]\nports = [{ port = 443 }]";

    fn resolving(text: &str, addresses: &[&str]) -> Value {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let addresses = BTreeMap::from([("api.example.com".to_owned(), addresses)]);
        let manifests = render(&stack(text), &Target { addresses, ..Target::default() });
        assert!(crate::render::fixture::find(&manifests, "CiliumNetworkPolicy", "agents-dns").is_none());
        let all = field(&manifests, "NetworkPolicy", "agents-egress", "/spec/egress").as_array().unwrap();
        Value::Array(all[3..].to_vec())
    }

    #[test]
    fn with_the_fallback_a_name_is_its_addresses_of_the_moment_in_their_order() {
        let block = |cidr: &str| json!({ "ipBlock": { "cidr": cidr } });
        let to = [block("192.0.2.7/32"), block("192.0.2.9/32"), block("2001:db8::1/128")];
        let ports = json!([{ "port": 443, "protocol": "TCP" }]);
        let found = resolving(FALLBACK, &["2001:db8::1", "192.0.2.9", "192.0.2.7"]);
        assert_eq!(found, json!([{ "to": to, "ports": ports }]));
    }

    #[test]
    fn a_name_without_an_address_drops_the_rule_and_never_its_peers() {
        assert_eq!(resolving(FALLBACK, &[]), json!([]));
        let beside = FALLBACK.replace("to = [", "to = [{ cidr = '10.0.0.0/8' }, ");
        let ports = json!([{ "port": 443, "protocol": "TCP" }]);
        let expected = json!([{ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }], "ports": ports }]);
        assert_eq!(resolving(&beside, &[]), expected);
    }

    #[test]
    fn without_the_fallback_addresses_open_nothing() {
        assert_eq!(resolving(&FALLBACK.replace("'resolve'", "'none'"), &["192.0.2.7"]), json!([]));
    }

    #[test]
    fn with_cilium_the_fallback_is_not_taken() {
        let addresses = BTreeMap::from([("api.example.com".to_owned(), ["192.0.2.7".parse().unwrap()].into())]);
        let manifests = render(&stack(FALLBACK), &Target { addresses, cilium: true, ..Target::default() });
        let all = field(&manifests, "NetworkPolicy", "agents-egress", "/spec/egress").as_array().unwrap();
        assert_eq!(all.len(), 3);
        assert!(crate::render::fixture::find(&manifests, "CiliumNetworkPolicy", "agents-dns").is_some());
    }

    #[test]
    fn the_gateway_of_another_cluster_is_known_from_the_stack() {
        let text = "[clusters.other]\n[[clusters.c.networkPolicies.egress]]\nto = [{ service = { name = 'gateway', namespace = 'other' } }]";
        let manifests = rendered(text);
        let mine = manifests
            .iter()
            .find(|one| one.reference.name == "agents-egress" && one.reference.namespace.as_deref() == Some("c"));
        let rule = &mine.unwrap().object["spec"]["egress"][3];
        assert_eq!(rule["ports"], json!([{ "port": 4000, "protocol": "TCP" }]));
        assert_eq!(rule["to"][0]["podSelector"]["matchLabels"]["langop.io/kind"], "gateway");
    }

    fn peers() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!({ "group": "g" })),
            Just(json!({ "cidr": "10.0.0.0/8" })),
            Just(json!({ "dns": ["a.example.com"] })),
            Just(json!({ "service": { "name": "unknown" } })),
            Just(json!({ "service": { "name": "gateway" } })),
            Just(json!({ "podSelector": {} })),
            Just(json!({ "group": "two", "cidr": "10.0.0.0/8" })),
        ]
    }

    proptest! {
        /// Kubernetes reads a missing or empty `to` or `from` as "everyone".
        #[test]
        fn no_rule_loses_its_peers(
            peers in prop::collection::vec(peers(), 1..4),
            ports in prop::collection::vec(1..9_i32, 0..3),
        ) {
            let ports: Vec<_> = ports.into_iter().map(|port| json!({ "port": port })).collect();
            let mut stack = stack("[clusters.c]");
            let rules = json!({
                "egress": [{ "to": peers, "ports": ports }],
                "ingress": [{ "from": peers, "ports": ports }],
            });
            stack.clusters.get_mut("c").unwrap().spec.network_policies = serde_json::from_value(rules).unwrap();
            let manifests = render(&stack, &Target::default());
            for (direction, side) in [("egress", "to"), ("ingress", "from")] {
                let spec = field(&manifests, "NetworkPolicy", &format!("agents-{direction}"), "/spec");
                for rule in spec[direction].as_array().into_iter().flatten() {
                    prop_assert!(rule[side].as_array().is_some_and(|peers| !peers.is_empty()), "{}", rule);
                }
            }
        }
    }
}
