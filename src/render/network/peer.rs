//! Peers and ports of network rules: selectors of pods and namespaces, blocks of addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicyPeer, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::labels;
use crate::object::names::{AGENT_KIND, TOOL_KIND};

/// Pods with all of these labels.
pub(super) fn pods<const N: usize>(wanted: [(&str, &str); N]) -> LabelSelector {
    let wanted = wanted.map(|(key, value)| (key.to_owned(), value.to_owned()));
    labelled(wanted.into())
}

/// Pods with all of these labels.
pub(super) fn labelled(wanted: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(wanted), ..LabelSelector::default() }
}

/// The pods of agents and tools.
pub(super) fn agents_and_tools() -> LabelSelector {
    LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: labels::KIND.to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![AGENT_KIND.to_owned(), TOOL_KIND.to_owned()]),
        }]),
        ..LabelSelector::default()
    }
}

/// The agents of a group.
pub(super) fn group(name: &str) -> LabelSelector {
    pods([(labels::KIND, AGENT_KIND), (labels::GROUP, name)])
}

/// The namespace of this name, by the label that every namespace has.
pub(super) fn namespace(name: &str) -> LabelSelector {
    pods([("kubernetes.io/metadata.name", name)])
}

/// Pods of the cluster's own namespace.
pub(super) fn local(pods: LabelSelector) -> NetworkPolicyPeer {
    NetworkPolicyPeer { pod_selector: Some(pods), ..NetworkPolicyPeer::default() }
}

/// Pods of other namespaces.
pub(super) fn elsewhere(namespaces: LabelSelector, pods: Option<LabelSelector>) -> NetworkPolicyPeer {
    NetworkPolicyPeer { namespace_selector: Some(namespaces), pod_selector: pods, ..NetworkPolicyPeer::default() }
}

/// Addresses, but for some.
pub(super) fn block(cidr: &str, except: &[&str]) -> NetworkPolicyPeer {
    let except: Vec<_> = except.iter().map(|&cidr| cidr.to_owned()).collect();
    NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: cidr.to_owned(), except: (!except.is_empty()).then_some(except) }),
        ..NetworkPolicyPeer::default()
    }
}

/// One address.
pub(super) fn address(address: IpAddr) -> NetworkPolicyPeer {
    let bits = if address.is_ipv4() { 32 } else { 128 };
    block(&format!("{address}/{bits}"), &[])
}

/// A port by number.
pub(super) fn port(number: i32, protocol: &str) -> NetworkPolicyPort {
    named_port(IntOrString::Int(number), protocol)
}

/// A port by number or name.
pub(super) fn named_port(port: IntOrString, protocol: &str) -> NetworkPolicyPort {
    NetworkPolicyPort { port: Some(port), protocol: Some(protocol.to_owned()), end_port: None }
}
