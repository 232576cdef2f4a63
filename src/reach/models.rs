//! What the gateway opens for its models, its proxy and its store.

use ipnet::IpNet;

use super::answer::{RuleRef, Side};
use super::block;
use super::end::{End, Pod};
use super::peer::is_behind;
use super::port::Port;
use super::world::World;
use crate::render::{
    Endpoint, Host, LINK, LINK_6, METADATA, PRIVATE, PRIVATE_6, Purpose, ServiceName, backend, gateway_endpoints,
};
use crate::stack::MemberKey;

const NAMED: &str = "it is the endpoint of a model";
const BY_PORT: &str = "without Cilium, the port of an endpoint is open to the internet";

/// The model whose endpoint opens the connection.
pub(super) fn opens(world: &World<'_>, cluster: &str, to: &End, port: &Port) -> Option<Side> {
    let endpoints = gateway_endpoints(world.stack, world.target, cluster);
    let opening = |(purpose, endpoint): (Purpose, Endpoint)| {
        let how = how(world, &endpoint, to, port)?;
        let model = match purpose {
            Purpose::Model(model) => model,
            Purpose::Proxy => return Some(Side::yes("the gateway's environment names it as its proxy")),
            Purpose::Store => {
                let why = "it is the store in which the pods of the gateway count together";
                return Some(other(world, cluster, ("gateway.store", why), how));
            }
            Purpose::KeySet => {
                let why = "the identity provider publishes its keys there";
                return Some(other(world, cluster, ("gateway.auth.jwt.jwksUrl", why), how));
            }
            Purpose::Observer(path) => {
                return Some(other(world, cluster, (path, "the gateway tells it of calls"), how));
            }
        };
        let item = world.stack.models.get(&MemberKey { cluster: cluster.to_owned(), name: model.clone() })?;
        let rule = RuleRef {
            owner: format!("model `{model}`"),
            path: "endpoint".to_owned(),
            source: Some(item.source.clone()),
            lacks: None,
            beyond: None,
        };
        Some(Side { rules: vec![rule], ..Side::yes(how) })
    };
    endpoints.into_iter().find_map(opening)
}

/// Why something of the gateway's own description is open.
fn other(world: &World<'_>, cluster: &str, (path, why): (&str, &str), how: &str) -> Side {
    let item = world.stack.clusters.get(cluster);
    let rule = RuleRef {
        owner: format!("the gateway of cluster `{cluster}`"),
        path: path.to_owned(),
        source: item.map(|item| item.places.get(path).unwrap_or(&item.source).clone()),
        lacks: None,
        beyond: None,
    };
    let how = if how == NAMED { why } else { how };
    Side { rules: vec![rule], ..Side::yes(how) }
}

/// Whether the gateway of a cluster has endpoints that are known by name.
pub(super) fn are_named(world: &World<'_>, cluster: &str) -> bool {
    let endpoints = gateway_endpoints(world.stack, world.target, cluster);
    endpoints.iter().any(|(_, endpoint)| matches!(endpoint.host, Host::Public(_) | Host::Named(_)))
}

/// How an endpoint opens a connection, in words.
fn how(world: &World<'_>, endpoint: &Endpoint, to: &End, port: &Port) -> Option<&'static str> {
    let on = port.is(endpoint.port, "TCP");
    let everywhere = |except: &[&'static str], except_6: &[&'static str]| {
        on && block::is_beyond(except, to) && block::is_beyond(except_6, to)
    };
    match &endpoint.host {
        Host::Address(ip) => (on && block::has(&IpNet::from(*ip).to_string(), to)).then_some(NAMED),
        Host::Service { namespace, name } => {
            let name = ServiceName { namespace: namespace.clone(), name: name.clone() };
            serves(world, &name, endpoint.port, (to.pod()?, port)).then_some(NAMED)
        }
        Host::Metadata => {
            let is = |&(block, number): &(&str, i32)| block::has(block, to) && port.is(number, "TCP");
            METADATA.iter().any(is).then_some("the identity of a model is asked for at the cloud's metadata service")
        }
        Host::Public(host) | Host::Named(host) if matches!(to, End::Host(name) if name == host) => on.then_some(NAMED),
        Host::Public(_) | Host::Named(_) if world.target.cilium => None,
        Host::Public(_) | Host::Internet => everywhere(&PRIVATE, &PRIVATE_6).then_some(BY_PORT),
        Host::Named(_) => everywhere(&LINK, &LINK_6).then_some(BY_PORT),
    }
}

/// The pods behind a Service on the port behind its port; of one that nobody knows, that port of its namespace.
fn serves(world: &World<'_>, name: &ServiceName, number: i32, (pod, port): (&Pod, &Port)) -> bool {
    let Some(backend) = backend(world.stack, world.target, name) else {
        return pod.namespace == name.namespace && port.is(number, "TCP");
    };
    is_behind(&backend, name, pod)
        && backend
            .ports
            .iter()
            .filter(|one| one.port == number && one.protocol == "TCP")
            .any(|one| pod.has(port, &Port::behind(&one.target, "TCP")))
}
