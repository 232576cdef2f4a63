//! A port that is asked about: by number or by name.

use std::fmt;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{NetworkPort, Protocol};

/// A port by number, or by the name that a pod gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// A number.
    Is(i32),
    /// A name.
    Named(String),
}

/// A port and its protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// Which port.
    pub number: Number,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

impl Port {
    /// A port by number.
    #[must_use]
    pub fn new(number: i32, protocol: Protocol) -> Self {
        Self { number: Number::Is(number), protocol: protocol.as_str().to_owned() }
    }

    /// A port behind a Service.
    pub(super) fn behind(target: &IntOrString, protocol: &str) -> Self {
        let number = match target {
            IntOrString::Int(number) => Number::Is(*number),
            IntOrString::String(name) => Number::Named(name.clone()),
        };
        Self { number, protocol: protocol.to_owned() }
    }

    /// Whether it is this number on this protocol.
    pub(super) fn is(&self, number: i32, protocol: &str) -> bool {
        self.number == Number::Is(number) && self.protocol == protocol
    }

    /// Whether it is among these; none written are all.
    pub(super) fn is_among(&self, written: &[NetworkPort]) -> bool {
        written.is_empty() || written.iter().any(|one| self.is(one.port, one.protocol().as_str()))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.number {
            Number::Is(number) => write!(f, "{number}/{}", self.protocol),
            Number::Named(name) => write!(f, "{name}/{}", self.protocol),
        }
    }
}
