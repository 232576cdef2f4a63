//! Random rules, in every form that a peer has, and how a description says them.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Rules of one owner.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub peers: Vec<Peer>,
    pub ports: Vec<(u16, &'static str)>,
}

#[derive(Clone, Debug)]
pub enum Peer {
    Group(&'static str),
    Cidr(&'static str),
    Names(Vec<&'static str>),
    /// A Service by name; `true` when it is in the namespace of others, `false` in the cluster's own.
    Service(&'static str, bool),
    /// Namespaces and pods; at least one of them.
    Labels(Option<Selector>, Option<Selector>),
}

/// What labels must be: key, operator, values. None of them means everything.
pub type Selector = Vec<(&'static str, &'static str, Vec<&'static str>)>;

/// The rules of one random cluster.
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub cluster: Rules,
    /// Of the agent `red`.
    pub agent: Rules,
    pub tool: Rules,
    pub gateway: Rules,
}

pub const PORTS: [u16; 9] = [53, 80, 443, 3000, 4000, 5060, 5432, 6379, 8080];
pub const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
pub const NAMES: [&str; 4] = ["api.example.com", "*.example.com", "*.b.example.org", "example.net"];
const CIDRS: [&str; 8] = [
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/8",
    "10.244.0.5/32",
    "203.0.113.0/24",
    "203.0.113.9/32",
    "2001:db8::/32",
    "fd00:10:244::/64",
];

/// What an engine understands.
#[derive(Clone, Copy)]
pub struct Understood {
    /// Host names.
    pub names: bool,
    /// `NotIn`, which also selects what has no such label (Kubernetes, *Labels and Selectors*). Cyclonus selects
    /// only what has it.
    pub not_in: bool,
}

pub fn rule_sets(by: Understood) -> impl Strategy<Value = RuleSet> {
    (rules(by, 3), rules(by, 1), rules(by, 1), rules(by, 1)).prop_map(|(cluster, agent, tool, gateway)| RuleSet {
        cluster,
        agent,
        tool,
        gateway,
    })
}

fn rules(by: Understood, most: usize) -> impl Strategy<Value = Rules> {
    // Names are for egress.
    let ingress = prop::collection::vec(rule(Understood { names: false, ..by }), 0..=most);
    (ingress, prop::collection::vec(rule(by), 0..=most)).prop_map(|(ingress, egress)| Rules { ingress, egress })
}

fn rule(by: Understood) -> impl Strategy<Value = Rule> {
    let all = PORTS.iter().flat_map(|&port| PROTOCOLS.map(|protocol| (port, protocol))).collect::<Vec<_>>();
    let ports = prop_oneof![1 => Just(Vec::new()), 2 => subsequence(all, 1..=5)];
    (prop::collection::vec(peer(by), 1..=3), ports).prop_map(|(peers, ports)| {
        // A rule for nothing but ports that its Services do not have is an error of the description.
        let ports = if peers.iter().all(|peer| opens_nothing(peer, &ports)) { Vec::new() } else { ports };
        Rule { peers, ports }
    })
}

/// Whether the ports are none of a Service of the stack itself.
fn opens_nothing(peer: &Peer, ports: &[(u16, &str)]) -> bool {
    let has: &[u16] = match peer {
        Peer::Service("gateway", false) => &[8000, 4000],
        Peer::Service("tool", false) => &[3000],
        Peer::Service(_, false) => &[8080],
        _ => return false,
    };
    !ports.is_empty() && !ports.iter().any(|(port, protocol)| *protocol == "TCP" && has.contains(port))
}

fn peer(by: Understood) -> impl Strategy<Value = Peer> {
    let services = vec![
        ("db", true),
        ("cache", true),
        ("headless", true),
        ("ghost", true),
        ("gateway", false),
        ("tool", false),
        ("red", false),
    ];
    let both = (prop::option::of(selector(NAMESPACES, by)), selector(PODS, by));
    prop_oneof![
        2 => select(vec!["warm", "cold"]).prop_map(Peer::Group),
        2 => select(CIDRS.to_vec()).prop_map(Peer::Cidr),
        if by.names { 3 } else { 0 } => subsequence(NAMES.to_vec(), 1..=3).prop_map(Peer::Names),
        3 => select(services).prop_map(|(name, others)| Peer::Service(name, others)),
        1 => selector(NAMESPACES, by).prop_map(|one| Peer::Labels(Some(one), None)),
        2 => both.prop_map(|(namespaces, pods)| Peer::Labels(namespaces, Some(pods))),
    ]
}

pub type Labels = &'static [(&'static str, &'static [&'static str])];
pub const NAMESPACES: Labels = &[("team", &["data", "web", "none"])];
pub const PODS: Labels = &[
    ("app", &["db", "cache", "web"]),
    ("langop.io/kind", &["LanguageAgent", "LanguageTool"]),
    ("langop.io/group", &["warm", "cold"]),
];

pub fn selector(labels: Labels, by: Understood) -> impl Strategy<Value = Selector> {
    let one = select(labels.to_vec()).prop_flat_map(move |(key, values)| {
        let some = subsequence(values.to_vec(), 1..=values.len());
        prop_oneof![
            2 => select(values.to_vec()).prop_map(move |value| (key, "=", vec![value])),
            1 => some.clone().prop_map(move |values| (key, "In", values)),
            u32::from(by.not_in) => some.prop_map(move |values| (key, "NotIn", values)),
            1 => select(vec!["Exists", "DoesNotExist"]).prop_map(move |operator| (key, operator, vec![])),
        ]
    });
    prop_oneof![1 => Just(Vec::new()), 4 => prop::collection::vec(one, 1..=2)]
}

/// The names that a description uses.
pub struct Names<'a> {
    /// The namespace of others.
    pub others: &'a str,
    /// What agents and tools of the cluster have behind their names, so that no two clusters share one.
    pub suffix: &'a str,
}

impl Rules {
    /// As a description says it.
    pub fn written(&self, names: &Names<'_>) -> Value {
        let list = |rules: &[Rule], peers: &str| -> Value {
            rules.iter().map(|rule| rule.written(peers, names)).collect::<Vec<_>>().into()
        };
        json!({ "ingress": list(&self.ingress, "from"), "egress": list(&self.egress, "to") })
    }
}

impl Rule {
    fn written(&self, key: &str, names: &Names<'_>) -> Value {
        let peers: Vec<_> = self.peers.iter().map(|peer| peer.written(names)).collect();
        let port = |&(port, protocol): &(u16, &str)| match protocol {
            "TCP" => json!({ "port": port }),
            other => json!({ "port": port, "protocol": other }),
        };
        json!({ key: peers, "ports": self.ports.iter().map(port).collect::<Vec<_>>() })
    }
}

impl Peer {
    fn written(&self, names: &Names<'_>) -> Value {
        match self {
            Self::Group(name) => json!({ "group": name }),
            Self::Cidr(cidr) => json!({ "cidr": cidr }),
            Self::Names(hosts) => json!({ "dns": hosts }),
            Self::Service(name, true) => json!({ "service": { "name": name, "namespace": names.others } }),
            Self::Service("gateway", false) => json!({ "service": { "name": "gateway" } }),
            Self::Service(name, false) => json!({ "service": { "name": format!("{name}{}", names.suffix) } }),
            Self::Labels(namespaces, pods) => {
                let mut peer = json!({});
                for (key, selector) in [("namespaceSelector", namespaces), ("podSelector", pods)] {
                    if let Some(selector) = selector {
                        peer[key] = selected(selector);
                    }
                }
                peer
            }
        }
    }
}

pub fn selected(selector: &Selector) -> Value {
    let mut written = json!({});
    for (key, operator, values) in selector {
        match *operator {
            // A key can be in `matchLabels` once; twice it is said as an expression.
            "=" if written["matchLabels"].get(key).is_none() => written["matchLabels"][key] = json!(values[0]),
            "=" => push(&mut written, json!({ "key": key, "operator": "In", "values": values })),
            "In" | "NotIn" => push(&mut written, json!({ "key": key, "operator": operator, "values": values })),
            _ => push(&mut written, json!({ "key": key, "operator": operator })),
        }
    }
    written
}

fn push(written: &mut Value, expression: Value) {
    match written["matchExpressions"].as_array_mut() {
        Some(all) => all.push(expression),
        None => written["matchExpressions"] = json!([expression]),
    }
}
