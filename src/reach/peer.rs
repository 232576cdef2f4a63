//! One peer of a rule against the other end of the connection.

use super::block;
use super::end::{End, Pod};
use super::port::Port;
use super::rules::Written;
use super::selector::selects;
use super::way::Way;
use super::world::World;
use crate::api::{NetworkPeer, NetworkPort, PeerForm};
use crate::object::labels;
use crate::object::role::Part;
use crate::render::{Backend, ServiceName, backend};

/// How a peer meets a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meets {
    /// It means someone else.
    Nobody,
    /// It means the end, on other ports.
    OtherPorts,
    /// It allows the connection.
    Allows,
}

/// How a peer of `rule` meets a connection with `end` on `port`.
pub(super) fn meets(world: &World<'_>, rule: &Written<'_>, peer: &NetworkPeer, end: &End, port: &Port) -> Meets {
    if let (Some(PeerForm::Service(service)), Way::Out) = (peer.form(), rule.way) {
        let namespace = service.namespace.as_deref().unwrap_or(rule.cluster).to_owned();
        let name = ServiceName { namespace, name: service.name.clone() };
        return end.pod().map_or(Meets::Nobody, |pod| serves(world, &name, rule.ports, pod, port));
    }
    match is(world, rule.cluster, peer, end) {
        false => Meets::Nobody,
        true if port.is_among(rule.ports) => Meets::Allows,
        true => Meets::OtherPorts,
    }
}

fn is(world: &World<'_>, cluster: &str, peer: &NetworkPeer, end: &End) -> bool {
    match (peer.form(), end) {
        (Some(PeerForm::Cidr(cidr)), end) => block::has(cidr, end),
        (Some(PeerForm::Dns(names)), End::Host(host)) => names.iter().any(|name| block::is_named(name, host)),
        (Some(PeerForm::Group(group)), End::Pod(pod)) => {
            let agent = pod.namespace == cluster && matches!(world.part(pod), Some(Part::Agent(_)));
            agent && pod.labels.get(labels::GROUP).is_some_and(|own| own == group)
        }
        (Some(PeerForm::Selectors { namespaces, pods }), End::Pod(pod)) => {
            let home =
                namespaces.map_or(pod.namespace == cluster, |wanted| selects(wanted, &world.namespace(&pod.namespace)));
            home && pods.is_none_or(|wanted| selects(wanted, &pod.labels))
        }
        (Some(PeerForm::Service(service)), End::Pod(pod)) => {
            let namespace = service.namespace.as_deref().unwrap_or(cluster).to_owned();
            let name = ServiceName { namespace, name: service.name.clone() };
            backend(world.stack, world.target, &name).is_some_and(|backend| is_behind(&backend, &name, pod))
        }
        _ => false,
    }
}

/// Whether the Service selects the pod.
pub(super) fn is_behind(backend: &Backend, name: &ServiceName, pod: &Pod) -> bool {
    let selector = &backend.selector;
    let labelled = || selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
    pod.namespace == name.namespace && !selector.is_empty() && labelled()
}

/// A written port is one of the Service or one behind it. Of a Service that nobody knows, the written ports
/// of its whole namespace are open.
fn serves(world: &World<'_>, name: &ServiceName, wanted: &[NetworkPort], pod: &Pod, port: &Port) -> Meets {
    let Some(backend) = backend(world.stack, world.target, name) else {
        return match (pod.namespace == name.namespace, !wanted.is_empty() && port.is_among(wanted)) {
            (false, _) => Meets::Nobody,
            (true, false) => Meets::OtherPorts,
            (true, true) => Meets::Allows,
        };
    };
    if !is_behind(&backend, name, pod) {
        return Meets::Nobody;
    }
    let open = backend.ports.iter().any(|one| {
        let behind = Port::behind(&one.target, &one.protocol);
        let of_service = |number: i32, protocol: &str| number == one.port && protocol == one.protocol;
        let is = |written: &NetworkPort| {
            let protocol = written.protocol().as_str();
            of_service(written.port, protocol) || behind.is(written.port, protocol)
        };
        (wanted.is_empty() || wanted.iter().any(is)) && pod.has(port, &behind)
    });
    if open { Meets::Allows } else { Meets::OtherPorts }
}
