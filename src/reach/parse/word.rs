//! A word apart: the end, and its port.

use std::net::IpAddr;

use ipnet::IpNet;

use super::error::ReachError;
use super::port::port as parse_port;
use crate::reach::port::Port;

/// An end as written, and the port behind it.
pub(super) struct Word {
    pub text: String,
    pub port: Option<Port>,
}

impl Word {
    /// The last colon is the port's, unless it is one of an IPv6 address.
    pub(super) fn parse(text: &str) -> Result<Self, ReachError> {
        let alone = text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok() || text.ends_with(']');
        match text.rsplit_once(':').filter(|_| !alone) {
            Some((end, port)) => Ok(Self { text: end.to_owned(), port: Some(parse_port(port)?) }),
            None => Ok(Self { text: text.to_owned(), port: None }),
        }
    }
}
