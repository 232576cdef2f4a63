//! `CiliumNetworkPolicy`: egress to hosts by name (Cilium, *DNS based*).

use serde_json::{Value, json};

use crate::api::Protocol;
use crate::object::names::DNS_NAMESPACE;
use crate::object::{Manifest, ObjectRef};
use crate::render::scope::Scope;

use super::policy::role;

/// Most ports of one entry (Cilium, `PortRule`).
const MOST_PORTS: usize = 40;

/// Hosts by name, and the ports that are open on them; no ports are all ports.
pub(super) struct NamedHosts {
    pub names: Vec<String>,
    pub ports: Vec<(i32, Protocol)>,
}

/// The policy of this name that opens `hosts` to `pods`.
pub(super) fn policy(scope: &Scope<'_>, name: &str, pods: &Value, hosts: &[NamedHosts]) -> Manifest {
    let reference = ObjectRef::namespaced("cilium.io", "CiliumNetworkPolicy", scope.cluster, name);
    let egress: Vec<_> = std::iter::once(proxy()).chain(hosts.iter().map(rule)).collect();
    let object = json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": scope.meta(name, role(scope)),
        "spec": { "endpointSelector": pods, "egress": egress },
    });
    let manifest = scope.custom(reference, "cilium.io/v2", object);
    // As of the other policies: they must outlive the pods.
    Manifest { owners: Vec::new(), ..manifest }
}

/// Name resolution through Cilium's proxy, without which it never learns the address of a name.
fn proxy() -> Value {
    json!({
        "toEndpoints": [{ "matchLabels": { "k8s:io.kubernetes.pod.namespace": DNS_NAMESPACE } }],
        "toPorts": [{
            // Not `ANY`, which is SCTP too.
            "ports": [{ "port": "53", "protocol": "UDP" }, { "port": "53", "protocol": "TCP" }],
            "rules": { "dns": [{ "matchPattern": "*" }] },
        }],
    })
}

fn rule(hosts: &NamedHosts) -> Value {
    let names: Vec<_> = hosts.names.iter().map(|name| selector(name)).collect();
    let mut rule = json!({ "toFQDNs": names });
    if !hosts.ports.is_empty() {
        rule["toPorts"] = hosts.ports.chunks(MOST_PORTS).map(ports).collect();
    }
    rule
}

fn selector(name: &str) -> Value {
    let by = if name.contains('*') { "matchPattern" } else { "matchName" };
    json!({ by: name })
}

fn ports(ports: &[(i32, Protocol)]) -> Value {
    let ports = ports.iter().map(|(port, protocol)| json!({ "port": port.to_string(), "protocol": protocol.as_str() }));
    json!({ "ports": ports.collect::<Vec<_>>() })
}
