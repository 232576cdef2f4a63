//! The name cache on the nodes of the target (`NodeLocal DNSCache`): a closed pod must reach the addresses that it
//! listens on, beside the one that every policy opens.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::api::ClusterNetworkPolicies;
use crate::cluster::{ClusterError, Reader};
use crate::object::ObjectRef;
use crate::object::field::{items, text};
use crate::object::names::{DNS_NAMESPACE, NODE_DNS};
use crate::plan::{Problem, Severity};
use crate::render::{DNS_PORT, name_server};
use crate::stack::Stack;

/// What the cache is called by its own manifest and by kubespray.
const NAMES: [&str; 2] = ["node-local-dns", "nodelocaldns"];

/// A warning for each cluster that does not open an address of the cache. Silent when the identity may not look. At
/// most one request, when one of `sets` is the cache.
pub(super) async fn warnings(reader: &Reader, sets: &[ObjectRef], stack: &Stack) -> Result<Vec<Problem>, ClusterError> {
    let is_cache =
        |set: &&ObjectRef| set.namespace.as_deref() == Some(DNS_NAMESPACE) && NAMES.contains(&set.name.as_str());
    let Some(set) = sets.iter().find(is_cache) else { return Ok(Vec::new()) };
    let found = match reader.find(set).await {
        Err(ClusterError::Forbidden(_)) => None,
        answer => answer?,
    };
    let addresses = found.as_ref().map(listens_on).unwrap_or_default();
    let closed = stack.clusters.iter().filter_map(|(name, item)| {
        let closed = closed(&addresses, item.spec.network_policies.as_ref());
        (!closed.is_empty()).then(|| {
            let mut problem = warning(name, set, &closed);
            problem.address = Some(item.address.clone());
            problem.source = Some(item.source.clone());
            problem
        })
    });
    Ok(closed.collect())
}

/// The addresses after `-localip`, which may be one word with it.
fn listens_on(set: &Value) -> BTreeSet<IpAddr> {
    let containers = items(set, "/spec/template/spec/containers").iter();
    let words: Vec<&str> = containers
        .flat_map(|container| items(container, "/command").iter().chain(items(container, "/args")))
        .filter_map(|word| text(word, ""))
        .collect();
    let listed = words.iter().enumerate().filter_map(|(at, word)| match after_flag(word)? {
        "" => words.get(at + 1).copied(),
        rest => rest.strip_prefix('='),
    });
    listed.flat_map(|addresses| addresses.split(',')).filter_map(|address| address.trim().parse().ok()).collect()
}

/// What follows the flag in its word.
fn after_flag(word: &str) -> Option<&str> {
    word.strip_prefix('-')?.trim_start_matches('-').strip_prefix("localip")
}

/// Those that neither every policy nor a rule of the cluster opens.
fn closed(addresses: &BTreeSet<IpAddr>, rules: Option<&ClusterNetworkPolicies>) -> BTreeSet<IpAddr> {
    let rules = rules.into_iter().flat_map(|rules| &rules.egress);
    let rules = rules.filter(|rule| rule.ports.iter().any(|port| port.port == DNS_PORT));
    let written = rules.flat_map(|rule| rule.to.iter().filter_map(name_server));
    let open: Vec<IpNet> = written.chain([NODE_DNS]).filter_map(|cidr| cidr.parse().ok()).collect();
    addresses.iter().filter(|address| !open.iter().any(|net| net.contains(*address))).copied().collect()
}

fn warning(cluster: &str, set: &ObjectRef, closed: &BTreeSet<IpAddr>) -> Problem {
    let listed: Vec<_> = closed.iter().map(IpAddr::to_string).collect();
    let message = format!(
        "DaemonSet `{}` resolves names at {} too, which cluster `{cluster}` does not open: pods that ask there get no \
         answer",
        set.name,
        listed.join(", "),
    );
    let peers: Vec<_> = closed.iter().map(|address| format!("{{ cidr = \"{}\" }}", IpNet::from(*address))).collect();
    let hint = format!(
        "add a rule to `networkPolicies.egress` of the cluster, which holds for its gateway and tools too: to = [{}], \
         ports = [{{ port = 53, protocol = \"UDP\" }}, {{ port = 53 }}]",
        peers.join(", "),
    );
    Problem::new(Severity::Warning, "name-cache-closed", message).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(args: &Value) -> Value {
        json!({ "spec": { "template": { "spec": { "containers": [{ "name": "node-cache", "args": args }] } } } })
    }

    #[test]
    fn the_addresses_of_a_cache_are_those_of_its_flag() {
        let both = ["10.96.0.10", "169.254.20.10"].map(|address| address.parse().unwrap()).into();
        for args in [
            json!(["-localip", "169.254.20.10,10.96.0.10", "-conf", "/etc/Corefile"]),
            json!(["-conf", "/etc/Corefile", "--localip=169.254.20.10, 10.96.0.10"]),
        ] {
            assert_eq!(listens_on(&set(&args)), both, "{args}");
        }
        for args in [json!([]), json!(["-localip"]), json!(["localip", "10.0.0.1"]), json!(["-localip", "no address"])]
        {
            assert_eq!(listens_on(&set(&args)), BTreeSet::new(), "{args}");
        }
    }

    #[test]
    fn what_a_rule_of_the_cluster_opens_for_names_is_not_missed() {
        let addresses: BTreeSet<IpAddr> = ["169.254.20.10", "10.96.0.10"].map(|one| one.parse().unwrap()).into();
        let rules = |cidr: &str, port: i32| {
            let rule = json!({ "to": [{ "cidr": cidr }], "ports": [{ "port": port, "protocol": "UDP" }] });
            serde_json::from_value::<ClusterNetworkPolicies>(json!({ "egress": [rule] })).unwrap()
        };
        assert_eq!(closed(&addresses, Some(&rules("10.96.0.10/32", 53))), BTreeSet::new());
        for (cidr, port) in [("10.96.0.10/32", 54), ("10.0.0.0/8", 53), ("10.96.0.11/32", 53)] {
            assert_eq!(closed(&addresses, Some(&rules(cidr, port))).len(), 1, "{cidr} {port}");
        }
    }
}
