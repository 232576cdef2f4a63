//! Random policies that stand beside a description, in the forms that their kinds have.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::random::{NAMES, NAMESPACES, PODS, PORTS, Understood, selected, selector};

/// Blocks of addresses that are no pods'.
const OUTSIDE: [&str; 4] = ["203.0.113.0/24", "203.0.113.9/32", "2001:db8::/32", "10.0.0.0/10"];
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// `NetworkPolicy` objects in these namespaces.
pub fn kubernetes(namespaces: Vec<String>, by: Understood, everywhere: bool) -> impl Strategy<Value = Vec<Value>> {
    let spec = (
        selector(PODS, by),
        prop::option::of(subsequence(vec!["Ingress", "Egress"], 1..=2)),
        prop::option::of(prop::collection::vec(kubernetes_rule("from", by, everywhere), 0..3)),
        prop::option::of(prop::collection::vec(kubernetes_rule("to", by, everywhere), 0..3)),
    );
    let one = (select(namespaces), spec).prop_map(|(namespace, (pods, types, ingress, egress))| {
        let mut spec = json!({ "podSelector": selected(&pods) });
        put(&mut spec, "policyTypes", types.map(|types| json!(types)));
        put(&mut spec, "ingress", ingress.map(Value::from));
        put(&mut spec, "egress", egress.map(Value::from));
        object("networking.k8s.io/v1", "NetworkPolicy", Some(&namespace), &spec)
    });
    prop::collection::vec(one, 0..4).prop_map(named)
}

fn kubernetes_rule(side: &'static str, by: Understood, everywhere: bool) -> impl Strategy<Value = Value> {
    let blocks: Vec<_> = OUTSIDE.into_iter().chain(EVERYWHERE.into_iter().filter(|_| everywhere)).collect();
    let block = (select(blocks), any::<bool>()).prop_map(|(cidr, but)| {
        let except = if cidr.contains(':') { "2001:db8::8/125" } else { "203.0.113.8/29" };
        let within = ["0.0.0.0/0", "::/0", "203.0.113.0/24", "2001:db8::/32"].contains(&cidr);
        if but && within {
            json!({ "ipBlock": { "cidr": cidr, "except": [except] } })
        } else {
            json!({ "ipBlock": { "cidr": cidr } })
        }
    });
    let labels = (prop::option::of(selector(NAMESPACES, by)), prop::option::of(selector(PODS, by)));
    let pods = labels.prop_map(|(namespaces, pods)| {
        let mut peer = json!({});
        let pods = if namespaces.is_none() && pods.is_none() { Some(Vec::new()) } else { pods };
        put(&mut peer, "namespaceSelector", namespaces.as_ref().map(selected));
        put(&mut peer, "podSelector", pods.as_ref().map(selected));
        peer
    });
    let peers = prop::collection::vec(prop_oneof![block, pods], 0..3);
    (peers, prop::collection::vec(kubernetes_port(), 0..3)).prop_map(move |(peers, ports)| {
        let mut rule = json!({});
        put(&mut rule, side, (!peers.is_empty()).then(|| peers.into()));
        put(&mut rule, "ports", (!ports.is_empty()).then(|| ports.into()));
        rule
    })
}

fn kubernetes_port() -> impl Strategy<Value = Value> {
    let protocol = select(vec!["TCP", "UDP", "SCTP"]);
    prop_oneof![
        4 => (select(PORTS.to_vec()), protocol.clone()).prop_map(|(port, protocol)| json!({ "port": port, "protocol": protocol })),
        1 => protocol.clone().prop_map(|protocol| json!({ "protocol": protocol })),
        1 => (select(PORTS.to_vec()), protocol).prop_map(|(port, protocol)| json!({ "port": port, "endPort": port + 1000, "protocol": protocol })),
        1 => Just(json!({ "port": "pg", "protocol": "TCP" })),
    ]
}

/// `CiliumNetworkPolicy` objects in these namespaces; without any, those of the whole target.
pub fn cilium(namespaces: Vec<String>) -> impl Strategy<Value = Vec<Value>> {
    let (kind, home) = if namespaces.is_empty() {
        ("CiliumClusterwideNetworkPolicy", Just(None).boxed())
    } else {
        ("CiliumNetworkPolicy", select(namespaces).prop_map(Some).boxed())
    };
    let rules = |side, deny| prop::option::of(prop::collection::vec(cilium_rule(side, deny), 0..3));
    let spec = (
        endpoints(),
        (rules("from", false), rules("to", false)),
        (prop::option::weighted(0.2, cilium_rule("from", true)), prop::option::weighted(0.2, cilium_rule("to", true))),
        prop::option::weighted(0.2, any::<(bool, bool)>()),
    );
    let one = (home, spec).prop_map(move |(namespace, (pods, allow, deny, closes))| {
        let mut spec = json!({ "endpointSelector": pods });
        put(&mut spec, "ingress", allow.0.map(Value::from));
        put(&mut spec, "egress", allow.1.map(Value::from));
        put(&mut spec, "ingressDeny", deny.0.map(|rule| json!([rule])));
        put(&mut spec, "egressDeny", deny.1.map(|rule| json!([rule])));
        put(
            &mut spec,
            "enableDefaultDeny",
            closes.map(|(ingress, egress)| json!({ "ingress": ingress, "egress": egress })),
        );
        let rules = ["ingress", "egress", "ingressDeny", "egressDeny"];
        if rules.iter().all(|key| spec[key].as_array().is_none_or(Vec::is_empty)) {
            // Cilium refuses a policy without rules.
            spec["egress"] = json!([{ "toEntities": ["world"] }]);
        }
        object("cilium.io/v2", kind, namespace.as_deref(), &spec)
    });
    prop::collection::vec(one, 0..3).prop_map(named)
}

fn endpoints() -> impl Strategy<Value = Value> {
    let by = Understood { names: true, not_in: true };
    (selector(PODS, by), select(vec!["", "k8s:", "any:"])).prop_map(|(labels, prefix)| {
        selected(
            &labels
                .into_iter()
                .map(|(key, operator, values)| {
                    let key: &'static str = Box::leak(format!("{prefix}{key}").into_boxed_str());
                    (key, operator, values)
                })
                .collect(),
        )
    })
}

fn cilium_rule(side: &'static str, deny: bool) -> impl Strategy<Value = Value> {
    let form = |name: &str| format!("{side}{name}");
    let (ends, near, entities, cidr, set) =
        (form("Endpoints"), form("Endpoints"), form("Entities"), form("CIDR"), form("CIDRSet"));
    let elsewhere =
        (endpoints(), select(vec!["team=data", "team=web", "home"])).prop_map(move |(mut selector, home)| {
            match home.split_once('=') {
                Some((key, value)) => {
                    selector["matchLabels"][format!("k8s:io.cilium.k8s.namespace.labels.{key}")] = json!(value);
                }
                None => selector["matchLabels"]["k8s:io.kubernetes.pod.namespace"] = json!("kube-system"),
            }
            json!({ &ends: [selector] })
        });
    let blocks: Vec<_> = OUTSIDE.into_iter().chain(EVERYWHERE).collect();
    // Not `cluster`: to the engine, as it stands here, it is no pods, for it means those of a named cluster.
    let all_entities = vec!["all", "world", "world-ipv4", "world-ipv6"];
    let peers = prop_oneof![
        3 => prop::collection::vec(endpoints(), 1..3).prop_map(move |all| json!({ &near: all })),
        2 => elsewhere,
        2 => select(all_entities).prop_map(move |one| json!({ &entities: [one] })),
        2 => select(blocks).prop_map(move |block| json!({ &cidr: [block] })),
        1 => Just(json!({ &set: [{ "cidr": "203.0.113.0/24", "except": ["203.0.113.8/29"] }] })),
        if side == "to" && !deny { 2 } else { 0 } => select(NAMES.to_vec()).prop_map(|name| {
            let by = if name.contains('*') { "matchPattern" } else { "matchName" };
            json!({ "toFQDNs": [{ by: name }] })
        }),
        1 => Just(json!({})),
    ];
    let proxy = json!({
        "toEndpoints": [{ "matchLabels": { "k8s:io.kubernetes.pod.namespace": "kube-system" } }],
        "toPorts": [{
            "ports": [{ "port": "53", "protocol": "ANY" }],
            "rules": { "dns": [{ "matchPattern": "*.example.com" }, { "matchName": "example.net" }] },
        }],
    });
    let plain = (peers, prop::option::of(prop::collection::vec(cilium_port(), 1..3))).prop_map(|(mut rule, ports)| {
        put(&mut rule, "toPorts", ports.map(|ports| json!([{ "ports": ports }])));
        rule
    });
    prop_oneof![6 => plain, u32::from(side == "to" && !deny) => Just(proxy)]
}

fn cilium_port() -> impl Strategy<Value = Value> {
    let protocol = select(vec!["TCP", "UDP", "SCTP", "ANY"]);
    prop_oneof![
        4 => (select(PORTS.to_vec()), protocol.clone()).prop_map(|(port, protocol)| json!({ "port": port.to_string(), "protocol": protocol })),
        1 => (select(PORTS.to_vec()), protocol).prop_map(|(port, protocol)| json!({ "port": port.to_string(), "endPort": port + 1000, "protocol": protocol })),
        1 => Just(json!({ "port": "pg", "protocol": "TCP" })),
    ]
}

fn object(version: &str, kind: &str, namespace: Option<&str>, spec: &Value) -> Value {
    let mut metadata = json!({});
    put(&mut metadata, "namespace", namespace.map(Value::from));
    json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec })
}

/// With a name for each.
fn named(mut all: Vec<Value>) -> Vec<Value> {
    for (at, one) in all.iter_mut().enumerate() {
        one["metadata"]["name"] = format!("random-{at}").into();
    }
    all
}

fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[key] = value;
    }
}
