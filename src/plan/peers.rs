//! Whom agents and tools reach, and who reaches them, before and after a plan: told by the network policies, as they are on
//! the server and as they become. Policies add up, so that what moves from one to another is no change. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ipnet::IpNet;
use serde_json::Value;

use super::observed::was;
use super::{Action, Change, Observed, Plan};
use crate::object::field::{escape, items, map, names, scalar, text};
use crate::object::names::{AGENT_KIND, GATEWAY, GROUP, TOOL_KIND};
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

/// Whom of a language cluster a selector means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Agent(String),
    /// All agents: what is opened to them is opened to each.
    Agents,
    AgentsAndTools,
    Group(String),
    Tool(String),
    Gateway,
}

impl Who {
    fn of(selector: &Value) -> Option<Self> {
        let label = |key: &str| text(selector, &format!("/matchLabels/{}", escape(key)));
        if items(selector, "/matchExpressions").iter().any(|one| text(one, "/key") == Some(labels::KIND)) {
            return Some(Self::AgentsAndTools);
        }
        Some(match (label(labels::KIND)?, label(labels::NAME), label(labels::GROUP)) {
            (AGENT_KIND, Some(name), _) => Self::Agent(name.to_owned()),
            (AGENT_KIND, None, Some(group)) => Self::Group(group.to_owned()),
            (AGENT_KIND, None, None) => Self::Agents,
            (TOOL_KIND, Some(name), _) => Self::Tool(name.to_owned()),
            (GATEWAY, ..) => Self::Gateway,
            _ => return None,
        })
    }

    /// The object that stands for it, of one alone.
    fn object(&self, cluster: &str) -> Option<ObjectRef> {
        match self {
            Self::Agent(name) => Some(ObjectRef::namespaced(GROUP, AGENT_KIND, cluster, name)),
            Self::Tool(name) => Some(ObjectRef::namespaced(GROUP, TOOL_KIND, cluster, name)),
            _ => None,
        }
    }

    fn is_of_agents(&self) -> bool {
        !matches!(self, Self::Tool(_) | Self::Gateway)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(name) => write!(f, "agent `{name}`"),
            Self::Agents => f.write_str("agents"),
            Self::AgentsAndTools => f.write_str("agents and tools"),
            Self::Group(name) => write!(f, "agents of group `{name}`"),
            Self::Tool(name) => write!(f, "tool `{name}`"),
            Self::Gateway => f.write_str("the gateway"),
        }
    }
}

/// What is opened, by whom it is opened for.
type Opened = BTreeMap<Who, BTreeSet<Opening>>;

/// A sentence for each change that the plan makes of whom agents and tools reach, and who reaches them, in clusters that
/// there are.
#[must_use]
pub(crate) fn effects(plan: &Plan, observed: &BTreeMap<ObjectRef, Observed>) -> Vec<String> {
    let mut clusters: BTreeMap<&str, [Opened; 2]> = BTreeMap::new();
    let policies = || plan.changes.iter().filter(|change| is_policy(&change.object));
    let changed: BTreeSet<_> =
        policies().filter(|change| change.action != Action::NoOp).map(|change| &change.object.namespace).collect();
    let comes_or_goes = |change: &&Change| matches!(change.action, Action::Create | Action::Delete | Action::Forget);
    // Who comes or goes is shown as such.
    let moved: BTreeSet<_> = plan.changes.iter().filter(comes_or_goes).map(|change| &change.object).collect();
    for change in policies().filter(|change| changed.contains(&change.object.namespace)) {
        let Some(cluster) = change.object.namespace.as_deref() else { continue };
        let namespace = ObjectRef::cluster_scoped("", "Namespace", cluster);
        if moved.contains(&namespace) {
            continue;
        }
        let [was_open, is_open] = clusters.entry(cluster).or_default();
        if !matches!(change.action, Action::Delete | Action::Forget) {
            add(is_open, &change.desired.to_value());
        }
        if let Some(live) = was(change, observed.get(&change.object)) {
            add(was_open, &live);
        }
    }
    clusters.into_iter().flat_map(|(cluster, [was, is])| compare(cluster, &was, &is, &moved)).collect()
}

fn is_policy(object: &ObjectRef) -> bool {
    object.is("networking.k8s.io", "NetworkPolicy") || object.is("cilium.io", "CiliumNetworkPolicy")
}

fn compare(cluster: &str, was: &Opened, is: &Opened, moved: &BTreeSet<&ObjectRef>) -> Vec<String> {
    let none = BTreeSet::new();
    let mut said = Vec::new();
    let both: BTreeSet<&Who> = was.keys().chain(is.keys()).collect();
    let stays = |who: &&Who| who.object(cluster).is_none_or(|object| !moved.contains(&object));
    for who in both.into_iter().filter(stays) {
        let all = |opened: &'_ Opened| {
            let own = opened.get(who).into_iter().flatten().cloned();
            let shared = opened.get(&Who::Agents).filter(|_| who.is_of_agents()).into_iter().flatten().cloned();
            own.chain(shared).collect::<BTreeSet<_>>()
        };
        let (before, after) = (all(was), all(is));
        // What all gain or lose is said once.
        let shared = |opened: &Opened, one: &Opening| {
            *who != Who::Agents && opened.get(&Who::Agents).unwrap_or(&none).contains(one)
        };
        let is_new = |one: &&Opening, others: &BTreeSet<Opening>| !others.iter().any(|other| other.covers(one));
        let gains = after.iter().filter(|one| is_new(one, &before) && !shared(is, one));
        let loses = before.iter().filter(|one| is_new(one, &after) && !shared(was, one));
        said.extend(sentence(who, cluster, &loses.collect::<Vec<_>>(), &gains.collect::<Vec<_>>()));
    }
    said
}

/// "agents in `prod` may connect to …, may no longer connect to …"
fn sentence(who: &Who, cluster: &str, loses: &[&Opening], gains: &[&Opening]) -> Option<String> {
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
    let Some(who) = about.and_then(Who::of).filter(|who| *who != Who::Gateway) else { return };
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
    let pods = peer.get("podSelector").map(|selector| {
        Who::of(selector).map_or_else(|| format!("pods {}", selected(selector)), |who| who.to_string())
    });
    let Some(namespace) = peer.get("namespaceSelector") else { return pods.unwrap_or_else(|| "pods".to_owned()) };
    let pods = pods.unwrap_or_else(|| "all pods".to_owned());
    match text(namespace, "/matchLabels/kubernetes.io~1metadata.name") {
        Some(name) => format!("{pods} of namespace `{name}`"),
        None if selected(namespace).is_empty() => format!("{pods} of all namespaces"),
        None => format!("{pods} of namespaces {}", selected(namespace)),
    }
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
        compare("prod", &opened(was), &opened(is), &BTreeSet::new())
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
    fn who_comes_or_goes_is_not_told_of_and_a_group_of_its_name_is() {
        let labelled = |kind: &str, key: &str| json!({ "langop.io/kind": kind, (key): "x" });
        let net = json!([{ "ipBlock": { "cidr": "10.0.0.0/8" } }]);
        let group = egress(&labelled("LanguageAgent", "langop.io/group"), &net, 443);
        let tool = egress(&labelled("LanguageTool", "app.kubernetes.io/name"), &net, 443);
        let made = ObjectRef::namespaced(GROUP, TOOL_KIND, "prod", "x");
        let said = compare("prod", &Opened::new(), &opened(&[group, tool]), &BTreeSet::from([&made]));
        assert_eq!(said, ["agents of group `x` in `prod` may connect to `10.0.0.0/8` on 443/TCP"]);
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
