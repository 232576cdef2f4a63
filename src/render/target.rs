//! What is known of the target when a stack is rendered. Nothing need be known.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::{GroupKind, ObjectRef};

/// What is known of the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Whether it serves Cilium's policies.
    pub cilium: bool,
    /// Kinds that the target has, of those that are made only where they are known.
    pub optional_kinds: BTreeSet<GroupKind>,
    /// Services on the target, of those that the stack needs to know.
    pub services: BTreeMap<ServiceName, Backend>,
    /// Services of those that may not be read.
    pub hidden_services: BTreeSet<ServiceName>,
    /// Names of the keys of Secrets, of those that the stack needs to know.
    pub secret_keys: BTreeMap<ObjectRef, BTreeSet<String>>,
    /// Addresses of host names, of those that the stack needs to know.
    pub addresses: BTreeMap<String, BTreeSet<IpAddr>>,
}

/// Namespace and name of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The pods behind a Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backend {
    /// Labels of the pods; none when the Service selects no pods.
    pub selector: BTreeMap<String, String>,
    /// Ports of the Service and of its pods.
    pub ports: Vec<BackendPort>,
}

/// One port of a Service and what is behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendPort {
    /// Port of the Service.
    pub port: i32,
    /// Port of the pods, by number or name.
    pub target: IntOrString,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

/// The pods behind a Service, whether it comes from a server or from a manifest.
impl From<&Service> for Backend {
    fn from(service: &Service) -> Self {
        let spec = service.spec.clone().unwrap_or_default();
        let ports = spec.ports.unwrap_or_default().into_iter().map(|port| BackendPort {
            port: port.port,
            target: port.target_port.unwrap_or(IntOrString::Int(port.port)),
            protocol: port.protocol.unwrap_or_else(|| "TCP".to_owned()),
        });
        Self { selector: spec.selector.unwrap_or_default(), ports: ports.collect() }
    }
}
