//! Hosts that a gateway is told of and that its policies do not open: its cache, its database, what it calls back.

use ipnet::IpNet;

use super::ask::Ask;
use super::combined::decide;
use super::end::{End, Pod};
use super::port::Port;
use super::rules;
use super::selector::Labels;
use super::way::Way;
use super::world::World;
use crate::api::{NetworkPeer, PeerForm, Protocol};
use crate::object::{Address, Source};
use crate::render::{Backend, Configured, Endpoint, Host, ServiceName, backend, configured_hosts};

/// A host that a gateway may not connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// The cluster.
    pub cluster: String,
    /// Its address.
    pub address: Address,
    /// Where the host is named in the cluster's spec.
    pub path: String,
    /// Where that is written.
    pub source: Source,
    /// The host and the port.
    pub endpoint: Endpoint,
}

/// Every host in the configuration and the environment of a gateway that no rule opens. What may be open, because a
/// rule is for addresses that nobody knows the names of, is left out.
#[must_use]
pub fn unreached(world: &World<'_>) -> Vec<Unreached> {
    let of_cluster = |(name, item): (&String, &crate::stack::Item<_>)| {
        let hosts = configured_hosts(name, &item.spec).into_iter();
        let gateway = world.gateway(name);
        let closed = hosts.filter(|one| gateway.as_ref().is_some_and(|pod| !may_reach(world, pod, &one.endpoint)));
        let unreached = closed.map(|Configured { path, endpoint }| {
            let places = path.match_indices('.').map(|(at, _)| &path[..at]).chain([path.as_str()]);
            let source = places.filter_map(|place| item.places.get(place)).next_back().unwrap_or(&item.source).clone();
            Unreached { cluster: name.clone(), address: item.address.clone(), path, source, endpoint }
        });
        unreached.collect::<Vec<_>>()
    };
    world.stack.clusters.iter().flat_map(of_cluster).collect()
}

/// Whether a pod may connect to a host, or nobody can tell.
pub(super) fn may_reach(world: &World<'_>, from: &Pod, endpoint: &Endpoint) -> bool {
    let sender = from;
    let from = End::Pod(sender.clone());
    let open = |to: &End, port: &Port| {
        let side = decide(world, Ask { from: &from, to, port }, Way::Out);
        side.allowed || !side.undecided.is_empty()
    };
    let written = Port::new(endpoint.port, Protocol::Tcp);
    match &endpoint.host {
        Host::Address(ip) => open(&End::Addresses(IpNet::from(*ip)), &written),
        Host::Public(name) | Host::Named(name) => {
            open(&End::Host(name.clone()), &written) || may_be_at_an_address(world, sender, endpoint.port)
        }
        Host::Service { namespace, name } => {
            let service = ServiceName { namespace: namespace.clone(), name: name.clone() };
            let (labels, ports) = behind(backend(world.stack, world.target, &service), &written);
            let shown = format!("service/{name}.{namespace}");
            let pod = End::Pod(Pod { shown, namespace: namespace.clone(), labels, ports: Vec::new() });
            ports.iter().any(|port| open(&pod, port))
        }
        Host::Internet | Host::Metadata => true,
    }
}

/// The labels and ports behind the port of a Service; of one that nobody knows, none and that port.
fn behind(backend: Option<Backend>, written: &Port) -> (Labels, Vec<Port>) {
    let Some(backend) = backend else { return (Labels::new(), vec![written.clone()]) };
    let ports = backend.ports.iter().filter(|one| written.is(one.port, &one.protocol));
    let ports = ports.map(|one| Port::behind(&one.target, &one.protocol)).collect();
    (backend.selector, ports)
}

/// Whether a rule of the sender is for addresses on this port: the host may be one of them.
fn may_be_at_an_address(world: &World<'_>, sender: &Pod, port: i32) -> bool {
    let on = |rule: &rules::Written<'_>| rule.ports.is_empty() || rule.ports.iter().any(|one| one.port == port);
    let of_addresses = |peer: &NetworkPeer| matches!(peer.form(), Some(PeerForm::Cidr(_)));
    rules::of_pod(world, sender, Way::Out).iter().any(|rule| on(rule) && rule.peers.iter().any(of_addresses))
}
