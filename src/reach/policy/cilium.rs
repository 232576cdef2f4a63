//! `CiliumNetworkPolicy` and `CiliumClusterwideNetworkPolicy` (`cilium.io/v2`; Cilium, *Layer 3* and *Layer 4
//! Policies*). What langop does not evaluate of them is left as a doubt, never as a yes or a no.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

use crate::object::{Manifest, Source};
use crate::reach::way::Way;

use super::kubernetes::DEFAULT;
use super::peer::{CILIUM_NAMESPACE, CILIUM_NAMESPACE_LABELS, Peer};
use super::port::{Span, Which};
use super::section::{Effect, Rule, Section, Subject, place};
use super::unknown;

/// A direction, and what its rules are called.
struct Direction {
    way: Way,
    allow: &'static str,
    deny: &'static str,
    side: &'static str,
}

const DIRECTIONS: [Direction; 2] = [
    Direction { way: Way::In, allow: "ingress", deny: "ingressDeny", side: "from" },
    Direction { way: Way::Out, allow: "egress", deny: "egressDeny", side: "to" },
];

/// Peers of a rule that langop does not evaluate, without the `from` or `to` in front.
const BEYOND: [(&str, &str); 4] = [
    ("Requires", "its required labels"),
    ("Services", "`toServices`"),
    ("Groups", "its groups of a cloud"),
    ("Nodes", "its nodes"),
];

/// A section for each direction of each of the policy's specs.
pub(super) fn sections(manifest: &Manifest) -> Vec<Section> {
    let specs = manifest.object.get("specs").and_then(Value::as_array).into_iter().flatten().enumerate();
    let specs = specs.map(|(at, spec)| (spec, format!("/specs/{at}")));
    let spec = manifest.object.get("spec").map(|spec| (spec, "/spec".to_owned()));
    spec.into_iter().chain(specs).flat_map(|(spec, pointer)| of_spec(manifest, spec, &pointer)).collect()
}

fn of_spec(manifest: &Manifest, spec: &Value, pointer: &str) -> Vec<Section> {
    if spec.get("nodeSelector").is_some() {
        // It is about nodes, and no pod is one.
        return Vec::new();
    }
    let home = match manifest.reference.kind.as_str() {
        "CiliumNetworkPolicy" => Some(manifest.reference.namespace.as_deref().unwrap_or(DEFAULT).to_owned()),
        _ => None,
    };
    let Some(pods) = spec.get("endpointSelector").map(|selector| endpoints(selector, home.as_ref())) else {
        return vec![unknown::section(manifest, "what is not of its schema")];
    };
    let spec = Spec { manifest, value: spec, pointer, home };
    DIRECTIONS.iter().filter_map(|direction| spec.section(direction, &pods)).collect()
}

struct Spec<'a> {
    manifest: &'a Manifest,
    value: &'a Value,
    pointer: &'a str,
    home: Option<String>,
}

impl Spec<'_> {
    /// What the spec says of a direction; nothing when it is not about it.
    fn section(&self, direction: &Direction, pods: &Peer) -> Option<Section> {
        let mut rules = self.rules(direction, direction.allow, Effect::Allow);
        rules.extend(self.rules(direction, direction.deny, Effect::Deny));
        let written = self.value.pointer(&format!("/enableDefaultDeny/{}", direction.allow)).and_then(Value::as_bool);
        let pointer = format!("{}/{}", self.pointer, direction.allow);
        (!rules.is_empty()).then(|| Section {
            policy: self.manifest.reference.clone(),
            source: place(self.manifest, &pointer),
            path: path(&pointer),
            way: direction.way,
            subject: Subject { namespace: self.home.clone(), pods: pods.clone() },
            closes: written.unwrap_or(true),
            rules,
        })
    }

    fn rules(&self, direction: &Direction, key: &str, effect: Effect) -> Vec<Rule> {
        let rules = self.value.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
        let pointer = |at: usize| format!("{}/{key}/{at}", self.pointer);
        rules.map(|(at, rule)| self.rule(rule, direction.side, (&pointer(at), effect))).collect()
    }

    fn rule(&self, rule: &Value, side: &str, (pointer, effect): (&str, Effect)) -> Rule {
        let source: Option<Source> = place(self.manifest, pointer);
        let list = |key: &str| rule.get(key).and_then(Value::as_array).map(Vec::as_slice);
        let ports = list("toPorts").filter(|ports| !ports.is_empty());
        let spans = ports.map(|ports| ports.iter().flat_map(spans).collect());
        // A rule for ICMP alone is about no port.
        let icmp = list("icmps").is_some_and(|icmps| !icmps.is_empty()).then(Vec::new);
        Rule {
            path: path(pointer),
            source,
            effect,
            peers: self.peers(rule, side),
            ports: spans.or(icmp),
            resolves: ports.into_iter().flatten().flat_map(resolves).collect(),
            beyond: ports.into_iter().flatten().find_map(requests),
        }
    }

    /// Those that the rule names; everyone when it names none and has ports, and nobody when it has nothing.
    fn peers(&self, rule: &Value, side: &str) -> Vec<Peer> {
        let list = |form: &str| rule.get(format!("{side}{form}")).and_then(Value::as_array);
        let forms = ["Endpoints", "Entities", "CIDR", "CIDRSet", "FQDNs"].into_iter();
        let written = forms.clone().chain(BEYOND.map(|(form, _)| form)).any(|form| list(form).is_some());
        if !written {
            let about = |key: &str| rule.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
            // A rule with nothing at all closes and opens nothing.
            return if about("toPorts") || about("icmps") { vec![Peer::Everyone] } else { Vec::new() };
        }
        let mut all: Vec<Peer> = forms.flat_map(|form| self.of_form(form, list(form))).collect();
        all.extend(BEYOND.iter().filter(|(form, _)| list(form).is_some()).map(|(_, what)| Peer::Beyond(what)));
        all
    }

    fn of_form(&self, form: &str, list: Option<&Vec<Value>>) -> Vec<Peer> {
        let one = |peer: &Value| match form {
            "Endpoints" => vec![endpoints(peer, self.home.as_ref())],
            "Entities" => entity(peer.as_str().unwrap_or_default()),
            "FQDNs" => vec![named(peer)],
            _ => vec![block(peer)],
        };
        list.into_iter().flatten().flat_map(one).collect()
    }
}

/// `/spec/egress/0` as `spec.egress[0]`.
fn path(pointer: &str) -> String {
    let keys = pointer.split('/').skip(1).map(|key| match key.parse::<usize>() {
        Ok(at) => format!("[{at}]"),
        Err(_) => format!(".{key}"),
    });
    keys.collect::<String>().trim_start_matches('.').to_owned()
}

/// Pods by the labels that Cilium gives them. A selector that says nothing of namespaces is for that of the
/// policy.
fn endpoints(selector: &Value, home: Option<&String>) -> Peer {
    let Ok(mut labels) = serde_json::from_value::<LabelSelector>(selector.clone()) else {
        return Peer::Beyond("what is not of its schema");
    };
    let plain = |key: &str| key.strip_prefix("k8s:").or_else(|| key.strip_prefix("any:")).unwrap_or(key).to_owned();
    let equal = labels.match_labels.take().unwrap_or_default();
    labels.match_labels = Some(equal.into_iter().map(|(key, value)| (plain(&key), value)).collect());
    for expression in labels.match_expressions.iter_mut().flatten() {
        expression.key = plain(&expression.key);
    }
    let keys: Vec<&String> = labels.match_labels.iter().flat_map(|equal| equal.keys()).collect();
    let keys = keys.into_iter().chain(labels.match_expressions.iter().flatten().map(|one| &one.key));
    let keys: Vec<&String> = keys.collect();
    if keys.iter().any(|key| key.starts_with("reserved:") || key.starts_with("io.cilium.k8s.policy.")) {
        return Peer::Beyond("its labels of Cilium's own");
    }
    let says = keys.iter().any(|key| *key == CILIUM_NAMESPACE || key.starts_with(CILIUM_NAMESPACE_LABELS));
    Peer::Endpoints { namespace: home.filter(|_| !says).cloned(), labels }
}

fn entity(name: &str) -> Vec<Peer> {
    match name {
        "all" => vec![Peer::Everyone],
        "world" => vec![Peer::World { four: true, six: true }],
        "world-ipv4" => vec![Peer::World { four: true, six: false }],
        "world-ipv6" => vec![Peer::World { four: false, six: true }],
        "cluster" => vec![Peer::Cluster],
        "host" | "remote-node" | "kube-apiserver" | "ingress" => vec![Peer::Nodes],
        "none" | "init" | "health" | "unmanaged" => Vec::new(),
        _ => vec![Peer::Beyond("an entity that langop does not know")],
    }
}

/// Addresses: as text in `toCIDR`, with those that are excepted in `toCIDRSet`.
fn block(peer: &Value) -> Peer {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let Some(cidr) = text(peer).or_else(|| peer.get("cidr").and_then(text)) else {
        return Peer::Beyond("its groups of addresses");
    };
    let except = peer.get("except").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
    // One address stands for its block.
    let cidr = match cidr.parse::<std::net::IpAddr>() {
        Ok(address) => ipnet::IpNet::from(address).to_string(),
        Err(_) => cidr,
    };
    Peer::Block { cidr, except }
}

fn named(peer: &Value) -> Peer {
    let text = |key: &str| peer.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("matchName").or_else(|| text("matchPattern"));
    name.map_or(Peer::Beyond("what is not of its schema"), Peer::Named)
}

/// The ports of one entry of `toPorts`; an entry without ports is all of them.
fn spans(entry: &Value) -> Vec<Span> {
    match entry.get("ports").and_then(Value::as_array).filter(|ports| !ports.is_empty()) {
        Some(ports) => ports.iter().map(span).collect(),
        None => vec![Span { protocol: None, which: Which::All }],
    }
}

fn span(port: &Value) -> Span {
    let text = |key: &str| port.get(key).and_then(Value::as_str).unwrap_or_default();
    let protocol = Some(text("protocol").to_uppercase()).filter(|one| !["", "ANY"].contains(&one.as_str()));
    let number = text("port");
    let which = match number.parse::<i32>() {
        Ok(0) => Which::All,
        Err(_) if number.is_empty() => Which::All,
        Ok(from) => {
            let end = port.get("endPort").and_then(Value::as_i64).and_then(|end| i32::try_from(end).ok());
            Which::Range(from, end.filter(|end| *end > from).unwrap_or(from))
        }
        Err(_) => Which::Named(number.to_owned()),
    };
    Span { protocol, which }
}

/// Names that Cilium's DNS proxy lets pods ask for by this entry.
fn resolves(entry: &Value) -> Vec<String> {
    let rules = entry.pointer("/rules/dns").and_then(Value::as_array).into_iter().flatten();
    let name = |rule: &Value| {
        let text = |key: &str| rule.get(key).and_then(Value::as_str).map(str::to_owned);
        text("matchName").or_else(|| text("matchPattern"))
    };
    rules.filter_map(name).collect()
}

/// What an entry asks of requests, beside DNS.
fn requests(entry: &Value) -> Option<&'static str> {
    let rules = entry.get("rules").and_then(Value::as_object)?;
    rules.keys().any(|key| key != "dns").then_some("what it asks of requests")
}
