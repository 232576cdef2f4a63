//! Network rules of a cluster, an agent or a tool: peers, ports, and the one form a peer has.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{DNS_LABEL, DNS_PATTERN, LABEL_VALUE, rules};

/// Rules beside the built-in isolation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkPolicies {
    /// Who may connect. When there is one rule, only what the rules say is admitted; without rules,
    /// the agents of the cluster are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub ingress: Vec<IngressRule>,
    /// What may be connected to, beside agents, tools, the gateway and DNS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub egress: Vec<EgressRule>,
}

/// Rules of a gateway beside the built-in isolation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayNetworkPolicies {
    /// Who may call, beside agents and tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub ingress: Vec<IngressRule>,
    /// What may be connected to, beside DNS and the endpoints of the models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub egress: Vec<EgressRule>,
    /// Whether these egress rules, and DNS, are all that is opened: not the endpoints of the models, nor an outbound
    /// proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub egress_only: Option<bool>,
}

/// Rules for every agent of a cluster, and what becomes of host names in all rules of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterNetworkPolicies {
    /// Who may connect. When there is one rule, only what the rules say is admitted; without rules,
    /// the agents of the cluster are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub ingress: Vec<IngressRule>,
    /// What may be connected to, beside agents, tools, the gateway and DNS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub egress: Vec<EgressRule>,
    /// What becomes of `dns` peers of the cluster, its gateway, agents and tools on a target without Cilium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "none"))]
    pub dns_fallback: Option<DnsFallback>,
}

/// What becomes of host names where nothing can keep rules by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DnsFallback {
    /// Nothing: the plan is an error.
    #[default]
    None,
    /// The addresses that the names have when the plan is made; each plan looks again.
    Resolve,
}

/// The rules of one owner, whoever it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkRules<'a> {
    /// Who may connect.
    pub ingress: &'a [IngressRule],
    /// What may be connected to.
    pub egress: &'a [EgressRule],
}

impl<'a> From<&'a NetworkPolicies> for NetworkRules<'a> {
    fn from(rules: &'a NetworkPolicies) -> Self {
        Self { ingress: &rules.ingress, egress: &rules.egress }
    }
}

impl<'a> From<&'a GatewayNetworkPolicies> for NetworkRules<'a> {
    fn from(rules: &'a GatewayNetworkPolicies) -> Self {
        Self { ingress: &rules.ingress, egress: &rules.egress }
    }
}

impl<'a> From<&'a ClusterNetworkPolicies> for NetworkRules<'a> {
    fn from(rules: &'a ClusterNetworkPolicies) -> Self {
        Self { ingress: &rules.ingress, egress: &rules.egress }
    }
}

/// Admits connections from any of these peers to any of these ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressRule {
    /// The peers; at least one. Everyone is `0.0.0.0/0` and `::/0`.
    #[schemars(length(min = 1, max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub from: Vec<NetworkPeer>,
    /// The ports; left out, all ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub ports: Vec<NetworkPort>,
}

/// Opens connections to any of these peers on any of these ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressRule {
    /// The peers; at least one. Everywhere is `0.0.0.0/0` and `::/0`.
    #[schemars(length(min = 1, max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub to: Vec<NetworkPeer>,
    /// The ports; left out, all ports. With a `service` peer, ports of the Service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "atomic"))]
    pub ports: Vec<NetworkPort>,
}

/// What ingress and egress rules have in common.
pub trait NetworkRule {
    /// The other side of the connection.
    fn peers(&self) -> &[NetworkPeer];
    /// The ports; none means all.
    fn ports(&self) -> &[NetworkPort];
}

impl NetworkRule for IngressRule {
    fn peers(&self) -> &[NetworkPeer] {
        &self.from
    }
    fn ports(&self) -> &[NetworkPort] {
        &self.ports
    }
}

impl NetworkRule for EgressRule {
    fn peers(&self) -> &[NetworkPeer] {
        &self.to
    }
    fn ports(&self) -> &[NetworkPort] {
        &self.ports
    }
}

/// The other side of a connection, in exactly one form: `group`, `cidr`, `dns`, `service`, or
/// selectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = rules(&[(
    "[has(self.group), has(self.cidr), has(self.dns), has(self.service), \
     has(self.namespaceSelector) || has(self.podSelector)].filter(form, form).size() == 1",
    "a peer has exactly one form: group, cidr, dns, service, or namespaceSelector and/or podSelector",
)])))]
pub struct NetworkPeer {
    /// Agents of the cluster that are in this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = LABEL_VALUE), length(max = 63))]
    pub group: Option<String>,
    /// Addresses, IPv4 or IPv6, as `10.0.0.0/8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 43), extend("x-kubernetes-validations" = rules(&[(
        "isCIDR(self)", "not a CIDR such as 10.0.0.0/8 or fd00::/8",
    )])))]
    pub cidr: Option<String>,
    /// Host names, for egress; in `*.example.com` the star is one label, so that
    /// `a.b.example.com` is not among them. Needs Cilium, or the cluster's `dnsFallback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 64),
        inner(regex(pattern = DNS_PATTERN), length(max = 253)),
        extend("x-kubernetes-list-type" = "atomic")
    )]
    pub dns: Option<Vec<String>>,
    /// The pods behind a Service, on the ports behind its ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServicePeer>,
    /// Namespaces by their labels; alone, all of their pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Pods by their labels; without `namespaceSelector`, of the cluster's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_selector: Option<LabelSelector>,
}

/// The form of a peer, with its content.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeerForm<'a> {
    /// A group of agents.
    Group(&'a str),
    /// Addresses.
    Cidr(&'a str),
    /// Host names.
    Dns(&'a [String]),
    /// The pods behind a Service.
    Service(&'a ServicePeer),
    /// Selectors of namespaces and pods.
    Selectors {
        /// The namespaces; none means the cluster's own.
        namespaces: Option<&'a LabelSelector>,
        /// The pods; none means all.
        pods: Option<&'a LabelSelector>,
    },
}

impl NetworkPeer {
    /// Every form that is written. A legal peer has exactly one.
    #[must_use]
    pub fn forms(&self) -> Vec<PeerForm<'_>> {
        let selectors = (self.namespace_selector.as_ref(), self.pod_selector.as_ref());
        let selectors = match selectors {
            (None, None) => None,
            (namespaces, pods) => Some(PeerForm::Selectors { namespaces, pods }),
        };
        [
            self.group.as_deref().map(PeerForm::Group),
            self.cidr.as_deref().map(PeerForm::Cidr),
            self.dns.as_deref().map(PeerForm::Dns),
            self.service.as_ref().map(PeerForm::Service),
            selectors,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The form of a legal peer; nothing when there are none or several.
    #[must_use]
    pub fn form(&self) -> Option<PeerForm<'_>> {
        match self.forms().as_slice() {
            [form] => Some(*form),
            _ => None,
        }
    }
}

/// A Service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePeer {
    /// Its name.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub name: String,
    /// Its namespace; left out, the cluster's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub namespace: Option<String>,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkPort {
    /// Its number.
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
    /// Its protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "TCP"))]
    pub protocol: Option<Protocol>,
}

impl NetworkPort {
    /// The protocol, TCP by default.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol.unwrap_or_default()
    }
}

/// A protocol with ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// Streams.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
    /// Stream control transmission.
    Sctp,
}

impl Protocol {
    /// As Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_with_two_forms_has_no_form_but_names_both() {
        let peer = NetworkPeer { group: Some("ops".into()), cidr: Some("10.0.0.0/8".into()), ..NetworkPeer::default() };
        assert_eq!(peer.form(), None);
        assert_eq!(peer.forms(), [PeerForm::Group("ops"), PeerForm::Cidr("10.0.0.0/8")]);
    }

    #[test]
    fn both_selectors_are_one_form() {
        let selector = LabelSelector::default();
        let peer = NetworkPeer {
            namespace_selector: Some(selector.clone()),
            pod_selector: Some(selector.clone()),
            ..NetworkPeer::default()
        };
        let (namespaces, pods) = (Some(&selector), Some(&selector));
        assert_eq!(peer.form(), Some(PeerForm::Selectors { namespaces, pods }));
    }
}
