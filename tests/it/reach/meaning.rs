//! What rules mean, said again and without Kubernetes: who may connect to whom on what. Shares no code with
//! langop, and knows no policies.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::random::{Peer, Rule, RuleSet, Rules, Selector};
use crate::evaluator::{End, Pod, World};

/// One random cluster in its world.
pub struct Meaning<'a> {
    pub world: &'a World,
    pub rules: &'a RuleSet,
    /// Its namespace.
    pub cluster: &'a str,
    /// The namespace of the Services of others.
    pub others: &'a str,
    /// Whether an address block also means pods: it does to Kubernetes, and does not to Cilium.
    pub blocks_mean_pods: bool,
}

/// Where a connection goes: a port and its protocol.
pub type Port<'a> = (u16, &'a str);

struct Service {
    selects: &'static str,
    /// Port of the Service, number of the port behind it when that is how it is written, the pod's port.
    ports: &'static [(u16, Option<u16>, u16, &'static str)],
}

/// The direction that refuses, or `yes`. Each cluster has its say: a pod is free but in its own.
pub fn answer(clusters: &[Meaning<'_>], from: &End, to: &End, port: Port<'_>) -> &'static str {
    if !clusters.iter().all(|cluster| cluster.leaves(from, to, port)) {
        "egress"
    } else if clusters.iter().all(|cluster| cluster.enters(from, to, port)) {
        "yes"
    } else {
        "ingress"
    }
}

impl Meaning<'_> {
    fn pod(&self, end: &End) -> Option<&Pod> {
        let name = end.pod.as_ref()?;
        self.world.pods.iter().find(|pod| format!("{}/{}", pod.namespace, pod.name) == *name)
    }

    /// The part that a pod plays in this cluster.
    fn part(&self, end: &End) -> &str {
        let Some(pod) = self.pod(end).filter(|pod| pod.namespace == self.cluster) else { return "outsider" };
        match pod.labels["langop.io/kind"].as_str() {
            Some("LanguageAgent") => "agent",
            Some("LanguageTool") => "tool",
            Some(_) => "gateway",
            None => "outsider",
        }
    }

    fn is_red(&self, end: &End) -> bool {
        self.part(end) == "agent" && self.pod(end).is_some_and(|pod| pod.name.starts_with("red"))
    }

    fn leaves(&self, from: &End, to: &End, port: Port<'_>) -> bool {
        let open = |rules: &Rules| rules.egress.iter().any(|rule| self.opens(rule, to, port));
        let of_node = to.ip.as_deref() == Some("169.254.20.10");
        let resolver = (of_node || self.pod(to).is_some_and(|pod| pod.namespace == "kube-system"))
            && [(53, "UDP"), (53, "TCP")].contains(&port)
            || self.is_name_server(to, port);
        match self.part(from) {
            "agent" => {
                let own = matches!(self.part(to), "agent" | "tool");
                let gateway = self.part(to) == "gateway" && port == (4000, "TCP");
                let more = self.is_red(from) && open(&self.rules.agent);
                own || gateway || resolver || open(&self.rules.cluster) || more
            }
            "tool" => self.rules.tool.egress.is_empty() || resolver || open(&self.rules.tool),
            "gateway" => resolver || open(&self.rules.gateway),
            _ => true,
        }
    }

    /// Whether a rule of the cluster opens the port of names at this one address.
    fn is_name_server(&self, to: &End, port: Port<'_>) -> bool {
        let is_address = |cidr: &str| cidr.parse::<IpNet>().is_ok_and(|net| net.prefix_len() == net.max_prefix_len());
        let single = |peer: &Peer| matches!(peer, Peer::Cidr(cidr) if is_address(cidr));
        if ![(53, "UDP"), (53, "TCP")].contains(&port) {
            return false;
        }
        let mut rules = self.rules.cluster.egress.iter().filter(|rule| rule.ports.contains(&port));
        rules.any(|rule| rule.peers.iter().any(|peer| single(peer) && self.is(peer, to)))
    }

    fn enters(&self, from: &End, to: &End, port: Port<'_>) -> bool {
        let admits = |rules: &Rules| rules.ingress.iter().any(|rule| self.admits(rule, from, port));
        match self.part(to) {
            "agent" => {
                // Of the agents `red` and `plain`, and of `blue`.
                let listening = [(8080, "TCP"), (5060, "UDP")].contains(&port);
                let own = if self.is_red(to) { self.rules.agent.ingress.as_slice() } else { &[] };
                let default = self.rules.cluster.ingress.is_empty() && own.is_empty();
                let neighbour = default && self.part(from) == "agent" && listening;
                neighbour || admits(&self.rules.cluster) || own.iter().any(|rule| self.admits(rule, from, port))
            }
            "tool" => self.rules.tool.ingress.is_empty() || admits(&self.rules.tool),
            "gateway" => {
                let own = matches!(self.part(from), "agent" | "tool") && port == (4000, "TCP");
                own || admits(&self.rules.gateway)
            }
            _ => true,
        }
    }

    fn opens(&self, rule: &Rule, to: &End, port: Port<'_>) -> bool {
        let on = rule.ports.is_empty() || rule.ports.contains(&port);
        rule.peers.iter().any(|peer| match peer {
            Peer::Service(name, others) => self.serves(name, *others, &rule.ports, to, port),
            peer => on && self.is(peer, to),
        })
    }

    fn admits(&self, rule: &Rule, from: &End, port: Port<'_>) -> bool {
        let on = rule.ports.is_empty() || rule.ports.contains(&port);
        on && rule.peers.iter().any(|peer| match peer {
            Peer::Service(name, others) => self.is_behind(name, *others, from).is_some(),
            peer => self.is(peer, from),
        })
    }

    fn is(&self, peer: &Peer, end: &End) -> bool {
        let pod = self.pod(end);
        match peer {
            Peer::Group(group) => {
                self.part(end) == "agent" && pod.is_some_and(|pod| pod.labels["langop.io/group"] == *group)
            }
            Peer::Cidr(cidr) => (pod.is_none() || self.blocks_mean_pods) && self.is_in(cidr, end),
            Peer::Names(names) => end.dns.as_ref().is_some_and(|host| names.iter().any(|name| is_name(name, host))),
            Peer::Labels(namespaces, pods) => pod.is_some_and(|pod| {
                let home = self.world.namespaces.iter().find(|one| one.name == pod.namespace).unwrap();
                let there = match namespaces {
                    Some(wanted) => selects(wanted, &home.labels),
                    None => pod.namespace == self.cluster,
                };
                there && pods.as_ref().is_none_or(|wanted| selects(wanted, &pod.labels))
            }),
            Peer::Service(..) => false,
        }
    }

    fn is_in(&self, cidr: &str, end: &End) -> bool {
        let ip = end.ip.as_ref().or_else(|| self.pod(end).map(|pod| &pod.ips[0])).unwrap();
        cidr.parse::<IpNet>().unwrap().contains(&ip.parse::<IpAddr>().unwrap())
    }

    /// What is behind a Service, when this pod is.
    fn is_behind(&self, name: &str, others: bool, end: &End) -> Option<Service> {
        let service = match name {
            "db" => Service { selects: "db", ports: &[(80, None, 5432, "TCP"), (443, Some(8080), 8080, "TCP")] },
            "cache" => {
                Service { selects: "cache", ports: &[(6379, None, 6379, "UDP"), (80, Some(5060), 5060, "SCTP")] }
            }
            "gateway" => Service { selects: "gateway", ports: &[(8000, Some(4000), 4000, "TCP")] },
            "tool" => Service { selects: "tool", ports: &[(3000, Some(3000), 3000, "TCP")] },
            "red" => Service { selects: "red", ports: &[(8080, Some(8080), 8080, "TCP")] },
            _ => return None,
        };
        let pod = self.pod(end)?;
        let home = if others { self.others } else { self.cluster };
        (pod.namespace == home && pod.name.split('-').next() == Some(service.selects)).then_some(service)
    }

    fn serves(&self, name: &str, others: bool, wanted: &[Port<'_>], to: &End, port: Port<'_>) -> bool {
        if name == "ghost" {
            // Nobody knows what is behind it: its namespace, on the written ports.
            return self.pod(to).is_some_and(|pod| pod.namespace == self.others) && wanted.contains(&port);
        }
        self.is_behind(name, others, to).is_some_and(|service| {
            service.ports.iter().any(|&(number, target, behind, protocol)| {
                let is = |&(port, of): &Port<'_>| of == protocol && (port == number || Some(port) == target);
                port == (behind, protocol) && (wanted.is_empty() || wanted.iter().any(is))
            })
        })
    }
}

/// `*.` stands for one label.
fn is_name(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => name == host,
    }
}

fn selects(selector: &Selector, labels: &Value) -> bool {
    selector.iter().all(|(key, operator, values)| {
        let is = labels[*key].as_str();
        match *operator {
            "Exists" => is.is_some(),
            "DoesNotExist" => is.is_none(),
            "NotIn" => is.is_none_or(|is| !values.contains(&is)),
            _ => is.is_some_and(|is| values.contains(&is)),
        }
    })
}
