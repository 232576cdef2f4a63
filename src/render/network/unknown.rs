//! What is opened, or is not, because nobody knows what is behind a Service.

use crate::object::{Address, Source};
use crate::render::endpoint::{Host, Purpose, backend, gateway_endpoints};
use crate::render::target::{ServiceName, Target};
use crate::render::tool::ToolEgress;
use crate::stack::{MemberKey, Stack};

use super::owned;
use super::service::named;

/// A rule or endpoint that names a Service which nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownService {
    /// The Service.
    pub service: ServiceName,
    /// What becomes of the rule, in words.
    pub instead: String,
    /// Whose rule or endpoint it is.
    pub address: Address,
    /// Where it is written.
    pub source: Source,
}

/// Every rule and endpoint that names a Service which neither the stack nor the target has.
#[must_use]
pub fn unknown_services(stack: &Stack, target: &Target) -> Vec<UnknownService> {
    let mut all = in_rules(stack);
    all.extend(in_tools(stack));
    all.extend(in_endpoints(stack, target));
    all.retain(|one| backend(stack, target, &one.service).is_none());
    all
}

fn in_rules(stack: &Stack) -> Vec<UnknownService> {
    let mut all = Vec::new();
    for owned in owned::all(stack) {
        let unknown = |service: ServiceName, instead: String, source: Source| UnknownService {
            service,
            instead,
            address: owned.address.clone(),
            source,
        };
        for (rule, peer, source) in owned.targets() {
            let Some(service) = named(peer, owned.cluster) else { continue };
            let ports = owned.rules.egress.get(rule).map(|rule| rule.ports.as_slice()).unwrap_or_default();
            let ports: Vec<_> =
                ports.iter().map(|port| format!("{}/{}", port.port, port.protocol().as_str())).collect();
            let instead = match ports.as_slice() {
                [] => "the peer opens nothing".to_owned(),
                _ => whole(&service, &ports.join(", ")),
            };
            all.push(unknown(service, instead, source));
        }
        for (peer, source) in owned.callers() {
            let service = named(peer, owned.cluster);
            all.extend(service.map(|service| unknown(service, "the peer admits nobody".to_owned(), source)));
        }
    }
    all
}

/// Servers that agents use as tools.
fn in_tools(stack: &Stack) -> Vec<UnknownService> {
    let unknown = |(_, one): (&str, ToolEgress)| {
        let Host::Service { namespace, name } = one.endpoint.host else { return None };
        let service = ServiceName { namespace, name };
        let instead = whole(&service, &format!("{}/TCP", one.endpoint.port));
        Some(UnknownService { service, instead, address: one.address, source: one.source })
    };
    owned::of_tools(stack).into_iter().filter_map(unknown).collect()
}

fn in_endpoints(stack: &Stack, target: &Target) -> Vec<UnknownService> {
    let mut all = Vec::new();
    for (cluster, item) in &stack.clusters {
        for (purpose, endpoint) in gateway_endpoints(stack, target, cluster) {
            let Host::Service { namespace, name: service } = endpoint.host else { continue };
            let (address, source) = match purpose {
                Purpose::Model(name) => {
                    let key = MemberKey { cluster: cluster.clone(), name };
                    let Some(model) = stack.models.get(&key) else { continue };
                    (&model.address, &model.source)
                }
                Purpose::Store => (&item.address, item.places.get("gateway.store.host").unwrap_or(&item.source)),
                Purpose::KeySet => (&item.address, item.places.get("gateway.auth.jwt.jwksUrl").unwrap_or(&item.source)),
                Purpose::Observer(path) => (&item.address, item.places.get(path).unwrap_or(&item.source)),
                Purpose::Proxy => continue,
            };
            let service = ServiceName { namespace, name: service };
            let instead = whole(&service, &format!("{}/TCP", endpoint.port));
            all.push(UnknownService { service, instead, address: address.clone(), source: source.clone() });
        }
    }
    all
}

fn whole(service: &ServiceName, ports: &str) -> String {
    format!("every pod of namespace `{}` is opened on {ports}", service.namespace)
}
