//! The ends of a connection.

use std::fmt;

use ipnet::IpNet;

use super::port::{Number, Port};
use super::selector::Labels;

/// Who connects, or who is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A pod.
    Pod(Pod),
    /// Addresses that are no pod's, all of them.
    Addresses(IpNet),
    /// A host by its name, whose addresses nobody knows.
    Host(String),
}

/// A pod, as far as rules see one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// What the user calls it.
    pub shown: String,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: Labels,
    /// Its ports, by name.
    pub ports: Vec<PodPort>,
}

/// A port of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: i32,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

impl Pod {
    /// Whether the asked port is this one, where either may be a name.
    pub(super) fn has(&self, asked: &Port, written: &Port) -> bool {
        let resolved = |port: &Port| match &port.number {
            Number::Is(_) => Some(port.clone()),
            Number::Named(name) => {
                let mut own = self.ports.iter().filter(|own| own.name == *name && own.protocol == port.protocol);
                own.next().map(|own| Port { number: Number::Is(own.number), protocol: own.protocol.clone() })
            }
        };
        asked == written || (resolved(asked).is_some() && resolved(asked) == resolved(written))
    }

    /// The port by number, when its name is one of the pod's.
    pub(super) fn numbered(&self, port: Port) -> Port {
        let Number::Named(name) = &port.number else { return port };
        let own = self.ports.iter().find(|own| own.name == *name && own.protocol == port.protocol);
        own.map_or(port.clone(), |own| Port { number: Number::Is(own.number), protocol: own.protocol.clone() })
    }
}

impl End {
    /// The pod, when it is one.
    pub(super) fn pod(&self) -> Option<&Pod> {
        match self {
            Self::Pod(pod) => Some(pod),
            _ => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(pod) => f.write_str(&pod.shown),
            Self::Addresses(net) if net.prefix_len() == net.max_prefix_len() => write!(f, "{}", net.addr()),
            Self::Addresses(net) => write!(f, "{net}"),
            Self::Host(name) => f.write_str(name),
        }
    }
}
