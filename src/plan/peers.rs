//! Whom agents and tools reach, and who reaches them, before and after a plan: told by the network policies, as they are on
//! the server and as they become. Policies add up, so that what moves from one to another is no change. Pure.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde_json::Value;

use super::{Action, Change, Observed, Plan};
use crate::object::field::{items, map, names, scalar, text};
use crate::object::names::{AGENT_KIND, GATEWAY, TOOL_KIND};
use crate::object::{ObjectRef, first, labels};

/// As many peers stand in a sentence; of others it says how many there are.
const NAMED: usize = 4;
/// Where a policy says whom it is about: of Kubernetes, of Cilium.
const ABOUT: [&str; 2] = ["/spec/podSelector", "/spec/endpointSelector"];
/// Directions, each with where peers and ports stand in a rule of Kubernetes.
const DIRECTIONS: [(Direction, &str, &str); 2] =
    [(Direction::To, "/spec/egress", "/to"), (Direction::From, "/spec/ingress", "/from")];

/// Whether somebody connects or is connected to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    To,
    From,
}

/// A connection that a policy opens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    direction: Direction,
    /// The other end, in words.
    peer: String,
    /// The network that it is, if it is one without exceptions.
    net: Option<IpNet>,
    /// The port, in words; nothing for all.
    port: Option<String>,
}

impl Opening {
    /// Whether it opens all that another one does.
    fn covers(&self, other: &Self) -> bool {
        let is_everything = self.peer == EVERYTHING;
        let has_net = self.net.as_ref().zip(other.net.as_ref()).is_some_and(|(own, other)| own.contains(other));
        self.direction == other.direction
            && (is_everything || self.peer == other.peer || has_net)
            && (self.port.is_none() || self.port == other.port)
    }
}

/// Every peer, in words.
const EVERYTHING: &str = "everything";

/// What is opened to whom, by whom it is opened for: "agent `scout`".
type Opened = BTreeMap<String, BTreeSet<Opening>>;

/// All agents of a cluster; what is opened to them is opened to each.
const AGENTS: &str = "agents";

/// A sentence for each change that the plan makes of whom agents and tools reach, and who reaches them, in clusters that
/// there are.
#[must_use]
pub(crate) fn effects(plan: &Plan, observed: &BTreeMap<ObjectRef, Observed>) -> Vec<String> {
    let mut clusters: BTreeMap<&str, [Opened; 2]> = BTreeMap::new();
    let policies = || plan.changes.iter().filter(|change| is_policy(&change.object));
    let changed: BTreeSet<_> =
        policies().filter(|change| change.action != Action::NoOp).map(|change| &change.object.namespace).collect();
    for change in policies().filter(|change| changed.contains(&change.object.namespace)) {
        let Some(cluster) = change.object.namespace.as_deref() else { continue };
        let [was, is] = clusters.entry(cluster).or_default();
        let next = matches!(change.action, Action::NoOp | Action::Create | Action::Update | Action::Replace);
        if next {
            add(is, &change.desired.to_value());
        }
        match (change.action, observed.get(&change.object)) {
            (Action::NoOp, _) => add(was, &change.desired.to_value()),
            (_, Some(Observed::Live { live, .. })) => add(was, live),
            _ => {}
        }
    }
    let is_new = |cluster: &str| {
        let namespace = ObjectRef::cluster_scoped("", "Namespace", cluster);
        plan.changes.iter().any(|change| change.object == namespace && change.action != Action::NoOp)
    };
    let clusters = clusters.into_iter().filter(|(cluster, _)| !is_new(cluster));
    clusters.flat_map(|(cluster, [was, is])| compare(cluster, &was, &is, plan)).collect()
}

fn is_policy(object: &ObjectRef) -> bool {
    object.is("networking.k8s.io", "NetworkPolicy") || object.is("cilium.io", "CiliumNetworkPolicy")
}

fn compare(cluster: &str, was: &Opened, is: &Opened, plan: &Plan) -> Vec<String> {
    let none = BTreeSet::new();
    let mut said = Vec::new();
    let both: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for who in both {
        // Who comes or goes is shown as such.
        if is_made_or_gone(who, cluster, &plan.changes) {
            continue;
        }
        let all = |opened: &'_ Opened| {
            let own = opened.get(who).into_iter().flatten().cloned();
            let shared = opened.get(AGENTS).filter(|_| who.starts_with("agent")).into_iter().flatten().cloned();
            own.chain(shared).collect::<BTreeSet<_>>()
        };
        let (before, after) = (all(was), all(is));
        // What all gain or lose is said once.
        let shared =
            |opened: &Opened, one: &Opening| who != AGENTS && opened.get(AGENTS).unwrap_or(&none).contains(one);
        let is_new = |one: &&Opening, others: &BTreeSet<Opening>| !others.iter().any(|other| other.covers(one));
        let gains = after.iter().filter(|one| is_new(one, &before) && !shared(is, one));
        let loses = before.iter().filter(|one| is_new(one, &after) && !shared(was, one));
        said.extend(sentence(who, cluster, &loses.collect::<Vec<_>>(), &gains.collect::<Vec<_>>()));
    }
    said
}

/// Whether somebody is new in a plan, or goes.
fn is_made_or_gone(who: &str, cluster: &str, changes: &[Change]) -> bool {
    let Some((word, name)) = who.trim_end_matches('`').split_once(" `") else { return false };
    let kind = if word == "agent" { AGENT_KIND } else { TOOL_KIND };
    changes.iter().any(|change| {
        let object = &change.object;
        object.kind == kind
            && object.name == name
            && object.namespace.as_deref() == Some(cluster)
            && matches!(change.action, Action::Create | Action::Delete | Action::Forget)
    })
}

/// "agents in `prod` may connect to …, may no longer connect to …"
fn sentence(who: &str, cluster: &str, loses: &[&Opening], gains: &[&Opening]) -> Option<String> {
    let part = |all: &[&Opening], direction: Direction, words: &str| {
        let mut ports: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in all.iter().filter(|one| one.direction == direction) {
            ports.entry(&one.peer).or_default().extend(one.port.as_deref());
        }
        let peers = ports.into_iter().map(|(peer, ports)| {
            if ports.is_empty() { peer.to_owned() } else { format!("{peer} on {}", ports.join(", ")) }
        });
        let peers: Vec<_> = peers.collect();
        (!peers.is_empty()).then(|| format!("{words} {}", first(peers.iter(), NAMED)))
    };
    let parts = [
        part(gains, Direction::To, "may connect to"),
        part(gains, Direction::From, "may be called by"),
        part(loses, Direction::To, "may no longer connect to"),
        part(loses, Direction::From, "may no longer be called by"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{who} in `{cluster}` {}", parts.join(", ")))
}

/// Adds what a policy opens.
fn add(opened: &mut Opened, policy: &Value) {
    let about = ABOUT.iter().find_map(|place| policy.pointer(place));
    let Some(who) = about.and_then(|selector| who(selector).filter(|who| who != "the gateway")) else { return };
    let all = opened.entry(who).or_default();
    for (direction, rules, peers) in DIRECTIONS {
        for rule in items(policy, rules) {
            let hosts = items(rule, "/toFQDNs").iter().filter_map(|host| {
                let name = text(host, "/matchName").or_else(|| text(host, "/matchPattern"))?;
                Some((format!("`{name}`"), None))
            });
            let mut peers: Vec<_> = items(rule, peers).iter().map(peer).chain(hosts).collect();
            let has_peers =
                ["to", "from", "toFQDNs", "toEndpoints", "fromEndpoints"].iter().any(|key| rule.get(key).is_some());
            if peers.is_empty() && !has_peers {
                peers.push((EVERYTHING.to_owned(), None));
            }
            let ports = ports(rule);
            for (peer, net) in peers {
                let opening =
                    |port: &Option<String>| Opening { direction, peer: peer.clone(), net, port: port.clone() };
                all.extend(ports.iter().map(opening));
            }
        }
    }
}

/// The ports of a rule: "443/TCP"; nothing for all.
fn ports(rule: &Value) -> Vec<Option<String>> {
    let own = items(rule, "/ports").iter();
    let ciliums = items(rule, "/toPorts").iter().flat_map(|group| items(group, "/ports"));
    let words = own.chain(ciliums).map(|port| {
        let number = scalar(port, "/port")?;
        let end = scalar(port, "/endPort").map_or_else(String::new, |end| format!("–{end}"));
        Some(format!("{number}{end}/{}", text(port, "/protocol").unwrap_or("TCP")))
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() { vec![None] } else { words }
}

/// A peer of a rule of Kubernetes, and the network that it is.
fn peer(peer: &Value) -> (String, Option<IpNet>) {
    let Some(block) = text(peer, "/ipBlock/cidr") else { return (pods(peer), None) };
    match names(peer, "/ipBlock/except").len() {
        0 => (format!("`{block}`"), block.parse().ok()),
        1 => (format!("`{block}` but for one network"), None),
        except => (format!("`{block}` but for {except} networks"), None),
    }
}

fn pods(peer: &Value) -> String {
    let pods =
        peer.get("podSelector").map(|selector| who(selector).unwrap_or_else(|| format!("pods {}", selected(selector))));
    let Some(namespace) = peer.get("namespaceSelector") else { return pods.unwrap_or_else(|| "pods".to_owned()) };
    let pods = pods.unwrap_or_else(|| "all pods".to_owned());
    match text(namespace, "/matchLabels/kubernetes.io~1metadata.name") {
        Some(name) => format!("{pods} of namespace `{name}`"),
        None if selected(namespace).is_empty() => format!("{pods} of all namespaces"),
        None => format!("{pods} of namespaces {}", selected(namespace)),
    }
}

/// Whom of a language cluster a selector means, if it is one of langop's.
fn who(selector: &Value) -> Option<String> {
    let label = |key: &str| text(selector, &format!("/matchLabels/{}", crate::object::field::escape(key)));
    let kinds = items(selector, "/matchExpressions").iter().find(|one| text(one, "/key") == Some(labels::KIND));
    if kinds.is_some() {
        return Some("agents and tools".to_owned());
    }
    Some(match (label(labels::KIND)?, label(labels::NAME), label(labels::GROUP)) {
        (AGENT_KIND, Some(name), _) => format!("agent `{name}`"),
        (AGENT_KIND, None, Some(group)) => format!("agents of group `{group}`"),
        (AGENT_KIND, None, None) => AGENTS.to_owned(),
        (TOOL_KIND, Some(name), _) => format!("tool `{name}`"),
        (GATEWAY, ..) => "the gateway".to_owned(),
        _ => return None,
    })
}

/// The labels of a selector, as `kubectl -l` takes them.
fn selected(selector: &Value) -> String {
    let equal = map(selector, "/matchLabels").into_iter().flatten();
    let equal = equal.filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let sets = items(selector, "/matchExpressions").iter().filter_map(|one| {
        Some(format!("{} {} ({})", text(one, "/key")?, text(one, "/operator")?, names(one, "/values").join(", ")))
    });
    let all: Vec<_> = equal.chain(sets).collect();
    if all.is_empty() { String::new() } else { format!("`{}`", all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use serde_json::json;

    use super::*;

    fn opened(policies: &[Value]) -> Opened {
        let mut opened = Opened::new();
        for policy in policies {
            add(&mut opened, policy);
        }
        opened
    }

    fn egress(labels: &Value, to: &Value, port: i64) -> Value {
        let rule = json!({ "to": to, "ports": [{ "port": port, "protocol": "TCP" }] });
        json!({ "spec": { "podSelector": { "matchLabels": labels }, "egress": [rule] } })
    }

    fn told(was: &[Value], is: &[Value]) -> Vec<String> {
        let plan = Plan::default();
        compare("prod", &opened(was), &opened(is), &plan)
    }

    #[test]
    fn what_moves_between_policies_is_no_change_and_what_all_gain_is_said_once() {
        let all = json!({ "langop.io/kind": "LanguageAgent" });
        let one = json!({ "langop.io/kind": "LanguageAgent", "app.kubernetes.io/name": "scout" });
        let (net, other) = (
            json!([{ "ipBlock": { "cidr": "10.0.0.0/8" } }]),
            json!([{ "ipBlock": { "cidr": "10.9.0.0/16", "except": ["10.9.9.0/24"] } }]),
        );
        assert_eq!(
            told(&[], &[egress(&one, &net, 443)]),
            ["agent `scout` in `prod` may connect to `10.0.0.0/8` on 443/TCP"]
        );
        let wanted = ["agents in `prod` may connect to `10.0.0.0/8` on 443/TCP"];
        assert_eq!(told(&[], &[egress(&all, &net, 443)]), wanted);
        assert_eq!(told(&[egress(&one, &net, 443)], &[egress(&all, &net, 443)]), wanted);
        assert_eq!(told(&[egress(&all, &net, 443), egress(&one, &net, 443)], &[egress(&all, &net, 443)]), [""; 0]);
        let wanted = "agent `scout` in `prod` may connect to `10.9.0.0/16` but for one network on 443/TCP, \
                      may no longer connect to `10.0.0.0/8` on 443/TCP";
        assert_eq!(told(&[egress(&one, &net, 443)], &[egress(&one, &other, 443)]), [wanted]);
    }

    #[test]
    fn what_is_within_what_is_open_is_no_change() {
        let all = json!({ "langop.io/kind": "LanguageAgent" });
        let block = |cidr: &str| json!([{ "ipBlock": { "cidr": cidr } }]);
        let two = json!({ "to": block("10.20.0.0/24"), "ports": [{ "port": 443 }, { "port": 80 }] });
        let two = json!({ "spec": { "podSelector": { "matchLabels": all }, "egress": [two] } });
        let one = egress(&all, &block("10.20.0.0/24"), 443);
        assert_eq!(told(from_ref(&one), from_ref(&two)), ["agents in `prod` may connect to `10.20.0.0/24` on 80/TCP"]);
        assert_eq!(
            told(from_ref(&two), from_ref(&one)),
            ["agents in `prod` may no longer connect to `10.20.0.0/24` on 80/TCP"]
        );
        let wide = egress(&all, &block("10.20.0.0/16"), 443);
        assert_eq!(
            told(from_ref(&one), from_ref(&wide)),
            ["agents in `prod` may connect to `10.20.0.0/16` on 443/TCP"]
        );
        assert_eq!(told(from_ref(&wide), &[wide.clone(), one]), [""; 0]);
    }

    #[test]
    fn peers_are_called_by_what_they_are() {
        for (written, wanted) in [
            (
                json!({ "podSelector": { "matchLabels": { "langop.io/kind": "LanguageAgent", "langop.io/group": "g" } } }),
                "agents of group `g`",
            ),
            (
                json!({ "podSelector": { "matchLabels": { "app": "db" } }, "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "data" } } }),
                "pods `app=db` of namespace `data`",
            ),
            (json!({ "namespaceSelector": {} }), "all pods of all namespaces"),
            (
                json!({ "namespaceSelector": { "matchExpressions": [{ "key": "env", "operator": "In", "values": ["a", "b"] }] } }),
                "all pods of namespaces `env In (a, b)`",
            ),
        ] {
            assert_eq!(peer(&written).0, wanted);
        }
    }

    #[test]
    fn hosts_by_name_and_open_rules_count() {
        let all = json!({ "matchLabels": { "langop.io/kind": "LanguageAgent" } });
        let rule = json!({ "toFQDNs": [{ "matchName": "api.example.com" }], "toPorts": [{ "ports": [{ "port": "443", "protocol": "TCP" }] }] });
        let cilium = json!({ "spec": { "endpointSelector": all, "egress": [rule] } });
        let open = json!({ "spec": { "podSelector": all, "ingress": [{}] } });
        assert_eq!(
            told(&[], &[cilium, open]),
            ["agents in `prod` may connect to `api.example.com` on 443/TCP, may be called by everything"]
        );
    }
}
