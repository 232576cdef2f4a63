//! The words of a user as ends: `agent.front`, `prod/group.ops`, `gateway`, `service/db.data:5432`,
//! `pod/web/app=x`, `api.example.com:443`, `10.0.0.0/8:53/UDP`.

mod error;
mod host;
mod name;
mod port;
mod word;

use std::net::IpAddr;

use ipnet::IpNet;

pub use error::ReachError;

use super::end::{End, Pod};
use super::port::Port;
use super::world::World;
use crate::api::Protocol;
use crate::object::names::{CONTAINER_PORT, SERVICE_PORT};
use crate::object::role::Part;
use crate::render::{BackendPort, ServiceName, backend};
use host::host;
use word::Word;

/// What is asked: every pair of these ends, on this port, or on the ports behind this Service, or on any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Who connects.
    pub from: Vec<End>,
    /// Who is connected to.
    pub to: Vec<End>,
    /// The ports; none are all.
    pub ports: Vec<Port>,
}

/// Reads both words.
pub fn parse(world: &World<'_>, from: &str, to: &str) -> Result<Ends, ReachError> {
    let from = Word::parse(from)?;
    if let Some(port) = &from.port {
        return Err(ReachError::PortOfSender(port.to_string()));
    }
    let to = Word::parse(to)?;
    let (to, ports) = receiver(world, &to)?;
    Ok(Ends { from: ends(world, &from.text)?, to, ports })
}

fn receiver(world: &World<'_>, to: &Word) -> Result<(Vec<End>, Vec<Port>), ReachError> {
    if let Some(name) = to.text.strip_prefix("service/") {
        let (end, ports) = service(world, name, to.port.as_ref())?;
        return Ok((vec![end], ports));
    }
    let ends = ends(world, &to.text)?;
    // What a tool is called on is in its URL.
    if let (None, Some(port)) = (&to.port, name::port_elsewhere(world, &to.text)) {
        return Ok((ends, vec![port]));
    }
    let ports = to.port.iter().map(|port| match ends.as_slice() {
        [End::Pod(pod)] => at(world, pod, port),
        _ => port.clone(),
    });
    let ports = ports.collect();
    Ok((ends, ports))
}

/// The port of a pod. Nothing listens on the port of the gateway's Service, which is what agents are told.
fn at(world: &World<'_>, pod: &Pod, port: &Port) -> Port {
    if world.part(pod) == Some(Part::Gateway) && port.is(SERVICE_PORT, "TCP") {
        return Port::new(CONTAINER_PORT, Protocol::Tcp);
    }
    pod.numbered(port.clone())
}

fn ends(world: &World<'_>, text: &str) -> Result<Vec<End>, ReachError> {
    if let Some(net) = addresses(text) {
        return Ok(vec![End::Addresses(net)]);
    }
    match text.split_once('/') {
        Some(("host", name)) => host(name).map(|host| vec![host]),
        Some(("pod", rest)) => pod(world, rest).map(|pod| vec![End::Pod(pod)]),
        Some(("service", rest)) => service(world, rest, None).map(|(end, _)| vec![end]),
        _ => name::resolve(world, text),
    }
}

fn addresses(text: &str) -> Option<IpNet> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    plain.parse().ok().map(|net: IpNet| net.trunc()).or_else(|| plain.parse::<IpAddr>().ok().map(IpNet::from))
}

/// `NAMESPACE`, `NAMESPACE/NAME` of a document, or `NAMESPACE/KEY=VALUE,…`.
fn pod(world: &World<'_>, text: &str) -> Result<Pod, ReachError> {
    let (namespace, rest) = text.split_once('/').unwrap_or((text, ""));
    if !rest.is_empty() && !rest.contains('=') {
        let described = world.described(namespace, rest);
        return described.ok_or_else(|| ReachError::UnknownPod(text.to_owned()));
    }
    let labels = rest.split(',').filter(|label| !label.is_empty()).map(|label| {
        let pair = label.split_once('=').ok_or_else(|| ReachError::NotALabel(label.to_owned()))?;
        Ok((pair.0.to_owned(), pair.1.to_owned()))
    });
    let labels = labels.collect::<Result<_, ReachError>>()?;
    Ok(Pod { shown: format!("pod/{text}"), namespace: namespace.to_owned(), labels, ports: Vec::new() })
}

/// The pods behind a Service and the ports behind its port; policies know no Services.
fn service(world: &World<'_>, text: &str, port: Option<&Port>) -> Result<(End, Vec<Port>), ReachError> {
    let (name, namespace) = text.split_once('.').ok_or_else(|| ReachError::NotAService(text.to_owned()))?;
    let name = ServiceName { namespace: namespace.to_owned(), name: name.to_owned() };
    let found = backend(world.stack, world.target, &name);
    let found = found.filter(|backend| !backend.selector.is_empty());
    let backend = found.ok_or_else(|| ReachError::UnknownService(text.to_owned()))?;
    let wanted = |one: &&BackendPort| port.is_none_or(|port| port.is(one.port, &one.protocol));
    let ports: Vec<_> =
        backend.ports.iter().filter(wanted).map(|one| Port::behind(&one.target, &one.protocol)).collect();
    if ports.is_empty() {
        let has = backend.ports.iter().map(|one| format!("{}/{}", one.port, one.protocol)).collect();
        return Err(ReachError::NoSuchPort { service: text.to_owned(), has });
    }
    let pod = Pod {
        shown: format!("service/{text}"),
        namespace: namespace.to_owned(),
        labels: backend.selector,
        ports: Vec::new(),
    };
    Ok((End::Pod(pod), ports))
}
