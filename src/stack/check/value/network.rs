//! What a network rule and an endpoint name: networks, host names, URLs.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::Fault;
use crate::stack::names::domain_fault;

/// An IPv4 or IPv6 network, as the API server takes it (Kubernetes 1.36, `StrictIPCIDRValidation`).
pub(crate) fn cidr_fault(text: &str) -> Fault {
    let Some((address, length)) = text.split_once('/') else {
        return Some(match text.parse::<IpAddr>() {
            Ok(_) => "the length of the prefix is missing, such as `/32` or `/128` for one address",
            Err(_) => NO_NETWORK,
        });
    };
    let Some(network) = lenient(address, length) else {
        let is_address = without_zeros(address).parse::<IpAddr>().is_ok() && length.parse::<u32>().is_ok();
        return Some(if is_address { "the prefix is longer than the address" } else { NO_NETWORK });
    };
    if address.parse::<IpAddr>().is_err() || !is_plain_number(length) {
        Some("a number in it begins with zero")
    } else if is_mapped(network) {
        Some("it is an IPv4 network written as one of IPv6")
    } else {
        (network.trunc() != network).then_some("bits behind its prefix are set, as in the address of one host")
    }
}

const NO_NETWORK: &str = "it must be an IPv4 or IPv6 address and the length of a prefix, such as `10.0.0.0/8`";

/// The network as it should be written, when it can be told what is meant and that is not what stands there.
pub(crate) fn cidr_meant(text: &str) -> Option<String> {
    let (address, length) = text.split_once('/')?;
    let network = lenient(address, length)?.trunc();
    let meant = match network {
        IpNet::V6(net) if is_mapped(network) => {
            let length = net.prefix_len().checked_sub(MAPPED)?;
            Ipv4Net::new(net.addr().to_ipv4_mapped()?, length).ok()?.to_string()
        }
        network => network.to_string(),
    };
    (meant != text).then_some(meant)
}

/// Bits of IPv6 before an IPv4 address that is written as one (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

fn is_mapped(network: IpNet) -> bool {
    matches!(network, IpNet::V6(net) if net.addr().to_ipv4_mapped().is_some())
}

/// A network that may have zeros before its numbers.
fn lenient(address: &str, length: &str) -> Option<IpNet> {
    let address = without_zeros(address).parse().ok()?;
    let digits = length.chars().all(|c| c.is_ascii_digit());
    IpNet::new(address, length.parse().ok().filter(|_| digits)?).ok()
}

fn is_plain_number(text: &str) -> bool {
    text == "0" || !text.starts_with('0')
}

/// The address without zeros before the numbers of IPv4; in IPv6 they may stand.
fn without_zeros(address: &str) -> String {
    let (start, numbers) = match address.rsplit_once(':') {
        Some((start, last)) if last.contains('.') => (format!("{start}:"), last),
        Some(_) => return address.to_owned(),
        None => (String::new(), address),
    };
    let number = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    start + &numbers.split('.').map(number).collect::<Vec<_>>().join(".")
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
        let good = ["0.0.0.0/0", "10.1.2.0/24", "::/0", "fd00::/8", "FD00::/8", "fd00:0001::/32", "10.0.0.7/32"];
        let bad = ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::", "::/129", "x/8", "", "10.0.0.0/-1", "10.0.0.0/+8"];
        table(cidr_fault, &good, &bad);
        for text in good {
            assert!(text.contains("fd00:0001") || text.contains("FD00") || cidr_meant(text).is_none(), "{text}");
        }
    }

    #[test]
    fn networks_that_only_people_read_alike() {
        let rows = [
            ("192.168.1.1/24", "192.168.1.0/24"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.1/0", "0.0.0.0/0"),
            ("fd00::1/64", "fd00::/64"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:a00:0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("010.000.0.0/8", "10.0.0.0/8"),
            ("10.0.0.0/08", "10.0.0.0/8"),
            ("::ffff:010.0.0.0/104", "10.0.0.0/8"),
        ];
        for (written, meant) in rows {
            assert!(cidr_fault(written).is_some(), "{written}");
            assert_eq!(cidr_meant(written).as_deref(), Some(meant), "{written}");
            assert_eq!(cidr_fault(meant), None, "{meant}");
        }
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
