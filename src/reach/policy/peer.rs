//! The other ends that rules of policies mean.

use ipnet::IpNet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::reach::block;
use crate::reach::end::{End, Pod};
use crate::reach::selector::{Labels, selects};

use super::holds::Holds;

/// Key of the namespace among the labels that Cilium gives a pod.
pub(in crate::reach) const CILIUM_NAMESPACE: &str = "io.kubernetes.pod.namespace";
/// What the labels of its namespace begin with there.
pub(in crate::reach) const CILIUM_NAMESPACE_LABELS: &str = "io.cilium.k8s.namespace.labels.";

/// Who is meant.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::reach) enum Peer {
    /// Every pod and every address.
    Everyone,
    /// Pods by their labels and the labels of their namespaces; all namespaces when none are named.
    Pods { namespace: Option<String>, namespaces: LabelSelector, pods: LabelSelector },
    /// Pods by all labels that Cilium gives them, those of their namespace among them.
    Endpoints { namespace: Option<String>, labels: LabelSelector },
    /// Every pod. To a single address it may be a node's.
    Cluster,
    /// Addresses of nodes, and of the API server.
    Nodes,
    /// Addresses, but for some. No pods (see [`block`]).
    Block { cidr: String, except: Vec<String> },
    /// All addresses outside of the cluster, of one family or of both.
    World { four: bool, six: bool },
    /// A host by name, where stars stand for parts of one label.
    Named(String),
    /// What langop does not evaluate: everybody may be meant.
    Beyond(&'static str),
}

impl Peer {
    /// Whether the end is meant. Of a pod, `namespace` are the labels of its namespace.
    pub(crate) fn is(&self, end: &End, namespace: &Labels) -> Holds {
        match (self, end) {
            (Self::Everyone, _) => Holds::Yes,
            (Self::Beyond(what), _) => Holds::Maybe(what),
            (peer, End::Pod(pod)) => peer.is_pod(pod, namespace),
            (Self::Cluster | Self::Nodes, End::Addresses(net)) if net.prefix_len() == net.max_prefix_len() => {
                Holds::Maybe("whether the address is a node's or the API server's")
            }
            (Self::Block { cidr, except }, end) => {
                let except: Vec<_> = except.iter().map(String::as_str).collect();
                Holds::when(block::has(cidr, end) && block::is_beyond(&except, end))
            }
            (Self::World { four, six }, End::Addresses(net)) => {
                Holds::when(if matches!(net, IpNet::V4(_)) { *four } else { *six })
            }
            (Self::World { four, .. }, End::Host(_)) => Holds::when(*four),
            (Self::Named(pattern), End::Host(host)) => Holds::when(is_like(pattern, host)),
            _ => Holds::No,
        }
    }

    /// Whether the pod is meant.
    pub(crate) fn is_pod(&self, pod: &Pod, namespace: &Labels) -> Holds {
        match self {
            Self::Everyone | Self::Cluster => Holds::Yes,
            Self::Beyond(what) => Holds::Maybe(what),
            Self::Pods { namespace: home, namespaces, pods } => {
                let home = home.as_ref().is_none_or(|home| *home == pod.namespace);
                Holds::when(home && selects(namespaces, namespace) && selects(pods, &pod.labels))
            }
            Self::Endpoints { namespace: home, labels } => {
                let home = home.as_ref().is_none_or(|home| *home == pod.namespace);
                Holds::when(home && selects(labels, &cilium_labels(pod, namespace)))
            }
            _ => Holds::No,
        }
    }
}

/// The labels that a pod has for Cilium (Cilium, *Identity-Relevant Labels*), without their source.
fn cilium_labels(pod: &Pod, namespace: &Labels) -> Labels {
    let mut all = pod.labels.clone();
    all.extend(namespace.iter().map(|(key, value)| (format!("{CILIUM_NAMESPACE_LABELS}{key}"), value.clone())));
    all.insert(CILIUM_NAMESPACE.to_owned(), pod.namespace.clone());
    all
}

/// Whether a pattern of Cilium means the name: `*` alone is every name, elsewhere it stands for characters of
/// one label, and `**.` in front for any labels (Cilium, *DNS based*).
pub(in crate::reach) fn is_like(pattern: &str, name: &str) -> bool {
    let pattern = pattern.trim_end_matches('.').to_lowercase();
    if pattern == "*" {
        return true;
    }
    if let Some(domain) = pattern.strip_prefix("**.") {
        let mut ends = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
        return ends.any(|end| is_like(domain, end));
    }
    let (parts, labels): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), name.split('.').collect());
    parts.len() == labels.len() && parts.iter().zip(labels).all(|(part, label)| fits(part, label))
}

/// Whether a label is the pattern, with any characters in the place of a star.
fn fits(pattern: &str, label: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == label,
        Some((start, rest)) => label.strip_prefix(start).is_some_and(|label| {
            let ends = label.char_indices().map(|(at, _)| at).chain([label.len()]);
            ends.into_iter().any(|at| fits(rest, &label[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_label() {
        let rows = [
            ("*", "a.b.c", true),
            ("example.com", "example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("**.example.com", "a.b.example.com", true),
            ("**.example.com", "example.com", false),
            ("a*z.example.com", "abcz.example.com", true),
            ("a*z.example.com", "az.example.com", true),
            ("a*z.example.com", "abc.example.com", false),
            ("API.Example.com.", "api.example.com", true),
        ];
        for (pattern, name, expected) in rows {
            assert_eq!(is_like(pattern, name), expected, "{pattern} {name}");
        }
    }
}
