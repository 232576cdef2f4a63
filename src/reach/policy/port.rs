//! Ports as policies write them.

use crate::reach::end::End;
use crate::reach::port::{Number, Port};

/// Ports that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reach) struct Span {
    /// `TCP`, `UDP` or `SCTP`; none is any of them.
    pub protocol: Option<String>,
    pub which: Which,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reach) enum Which {
    All,
    /// From one number to another, both among them.
    Range(i32, i32),
    /// By the name that the receiver gives it.
    Named(String),
}

impl Span {
    /// Whether a connection to a port of `receiver` is among these.
    pub(crate) fn has(&self, receiver: &End, port: &Port) -> bool {
        if self.protocol.as_ref().is_some_and(|own| *own != port.protocol) {
            return false;
        }
        let pod = receiver.pod();
        match &self.which {
            Which::All => true,
            Which::Named(name) => {
                let written = Port { number: Number::Named(name.clone()), protocol: port.protocol.clone() };
                pod.is_some_and(|pod| pod.has(port, &written))
            }
            Which::Range(from, to) => {
                let asked = pod.map_or(port.clone(), |pod| pod.numbered(port.clone()));
                matches!(asked.number, Number::Is(number) if (*from..=*to).contains(&number))
            }
        }
    }

    /// The ports at its ends, for whoever asks about all that are named.
    pub(crate) fn ends(&self) -> Vec<Port> {
        let protocols = match &self.protocol {
            Some(protocol) => vec![protocol.clone()],
            None => ["TCP", "UDP", "SCTP"].map(str::to_owned).to_vec(),
        };
        let numbers = match &self.which {
            Which::All => Vec::new(),
            Which::Named(name) => vec![Number::Named(name.clone())],
            Which::Range(from, to) => vec![Number::Is(*from), Number::Is(*to)],
        };
        let of = |number: &Number| {
            let port = |protocol: &String| Port { number: number.clone(), protocol: protocol.clone() };
            protocols.iter().map(port).collect::<Vec<_>>()
        };
        numbers.iter().flat_map(of).collect()
    }

    /// Whether the number is among these, on some protocol.
    pub(crate) fn spans(&self, number: i32) -> bool {
        matches!(self.which, Which::Range(from, to) if (from..=to).contains(&number))
    }
}
