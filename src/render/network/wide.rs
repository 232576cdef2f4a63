//! Gateways that may connect to more than is written: hosts that are known by name alone are opened by their port to
//! wherever they may be.

use std::collections::BTreeSet;

use crate::object::{Address, Source};
use crate::render::endpoint::{Host, Purpose, gateway_endpoints};
use crate::render::target::Target;
use crate::stack::Stack;

/// What the gateway of a cluster may connect to beyond what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WideEgress {
    /// The cluster.
    pub cluster: String,
    /// Ports that are open to everywhere.
    pub ports: BTreeSet<i32>,
    /// Because of these: models by name, the outbound proxy, the store, and whom it tells of calls.
    pub because: BTreeSet<String>,
    /// What the user calls the cluster.
    pub address: Address,
    /// Where it is written.
    pub source: Source,
}

/// Every gateway of the stack that may connect to everywhere on some port on this target.
#[must_use]
pub fn wide_egress(stack: &Stack, target: &Target) -> Vec<WideEgress> {
    let wide = |(cluster, item): (&String, &crate::stack::Item<_>)| {
        let (mut ports, mut because) = (BTreeSet::new(), BTreeSet::new());
        for (purpose, endpoint) in gateway_endpoints(stack, target, cluster) {
            let by_name = matches!(endpoint.host, Host::Public(_) | Host::Named(_)) && !target.cilium;
            if by_name || endpoint.host == Host::Internet {
                ports.insert(endpoint.port);
                because.insert(match purpose {
                    Purpose::Model(name) => format!("model `{name}`"),
                    Purpose::Proxy => "the outbound proxy".to_owned(),
                    Purpose::Store => "the store".to_owned(),
                    Purpose::KeySet => "the identity provider".to_owned(),
                    Purpose::Observer(path) => format!("`{path}`"),
                });
            }
        }
        let (address, source) = (item.address.clone(), item.source.clone());
        (!ports.is_empty()).then(|| WideEgress { cluster: cluster.clone(), ports, because, address, source })
    };
    stack.clusters.iter().filter_map(wide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::stack;

    fn wide(text: &str, cilium: bool) -> Vec<(BTreeSet<i32>, BTreeSet<String>)> {
        let target = Target { cilium, ..Target::default() };
        wide_egress(&stack(text), &target).into_iter().map(|one| (one.ports, one.because)).collect()
    }

    #[test]
    fn hosts_by_name_are_wide_unless_something_narrows_them() {
        let hosted = "[clusters.c.gateway]\n[models.m]\nmodelName = 'm'\nprovider = 'openai'\n";
        assert_eq!(wide(hosted, false), [(BTreeSet::from([443]), BTreeSet::from(["model `m`".to_owned()]))]);
        assert_eq!(wide(hosted, true), []);
        let with = |line: &str| hosted.replace("[clusters.c.gateway]", &format!("[clusters.c.gateway]\n{line}"));
        assert_eq!(wide(&with("networkPolicies.egressOnly = true"), false), []);
        let proxy = "deployment.env = [{ name = 'https_proxy', value = 'http://10.0.0.9:3128' }]";
        assert_eq!(wide(&with(proxy), false), []);
        let by_name = wide(&with(&proxy.replace("10.0.0.9", "proxy.example.com")), false);
        assert_eq!(by_name[0].0, BTreeSet::from([443, 3128]));
        let inner = hosted.replace("'openai'", "'openai-compatible'\nendpoint = 'http://llama.models.svc:8080'");
        assert_eq!(wide(&inner, false), []);
    }
}
