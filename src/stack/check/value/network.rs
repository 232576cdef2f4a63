//! What a network rule and an endpoint name: networks, host names, URLs.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Fault;
use crate::stack::names::domain_fault;

/// An IPv4 or IPv6 network.
pub(crate) fn cidr_fault(text: &str) -> Fault {
    if text.parse::<IpNet>().is_ok() {
        None
    } else if text.parse::<IpAddr>().is_ok() {
        Some("the length of the prefix is missing, such as `/32` or `/128` for one address")
    } else {
        match text.split_once('/') {
            Some((address, _)) if address.parse::<IpAddr>().is_ok() => Some("the prefix is longer than the address"),
            _ => Some("it must be an IPv4 or IPv6 address and the length of a prefix, such as `10.0.0.0/8`"),
        }
    }
}

/// The network as it should be written, when bits behind the prefix are set.
pub(crate) fn cidr_network(text: &str) -> Option<String> {
    let network = text.parse::<IpNet>().ok()?;
    (network.trunc() != network).then(|| network.trunc().to_string())
}

/// A host name, or all names under one with `*.` in front.
pub(crate) fn dns_fault(text: &str) -> Fault {
    if text.contains("://") {
        return Some("it is a URL; only its host belongs here");
    }
    if text.parse::<IpAddr>().is_ok() {
        return Some("it is an address; those go under `cidr`");
    }
    let name = text.strip_prefix("*.").unwrap_or(text);
    if name.contains('*') {
        return Some("`*` can only be the whole first part, as in `*.example.com`");
    }
    domain_fault(name)
}

/// An absolute http or https URL with a host.
pub(crate) fn url_fault(text: &str) -> Fault {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return Some("it must start with `https://` or `http://`");
    };
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("there is space in it");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("credentials do not belong into a URL");
    }
    host_fault(authority)
}

fn host_fault(authority: &str) -> Fault {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match host.parse::<std::net::Ipv6Addr>() {
            Ok(_) => port_fault(port.strip_prefix(':')),
            Err(_) => Some("its host is not an IPv6 address"),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.is_empty() {
        return Some("its host is missing");
    }
    if domain_fault(&host.to_lowercase()).is_some() {
        return Some("its host is not a DNS name");
    }
    port_fault(port)
}

fn port_fault(port: Option<&str>) -> Fault {
    match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => None,
        Some(_) => Some("its port is not a number from 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn networks() {
        let good = ["0.0.0.0/0", "10.1.2.3/8", "::/0", "fd00::/8"];
        let bad = ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::", "::/129", "x/8", ""];
        table(cidr_fault, &good, &bad);
        assert_eq!(cidr_network("10.1.2.3/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(cidr_network("10.0.0.0/8"), None);
    }

    #[test]
    fn host_names() {
        let good = ["a.example.com", "*.example.com", "internal"];
        let bad = ["", "*", "a.*.com", "*a.com", "https://a.com", "10.0.0.1", "A.com", "a..b"];
        table(dns_fault, &good, &bad);
    }

    #[test]
    fn urls() {
        let good = ["https://a.com", "http://a:11434/v1?x=1", "http://[::1]:80/", "http://10.0.0.1"];
        let bad = ["", "a.com", "ftp://a", "https://", "https://a b", "http://a:0", "http://u:p@a", "http://[x]/"];
        table(url_fault, &good, &bad);
    }
}
