//! Where a URL leads, as far as its text says: an address, a Service, or a host of the world.

use std::net::IpAddr;

use http::Uri;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: i32,
}

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// An address, written as one.
    Address(IpAddr),
    /// A Service of the target.
    Service {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A host of a provider, known to be on the internet.
    Public(String),
    /// Another host. It may be on the internet or in a private network.
    Named(String),
    /// Some host on the internet whose name is not known.
    Internet,
    /// The metadata service of a cloud, where an identity without keys gets its tokens.
    Metadata,
}

impl Endpoint {
    /// A host of a provider, over TLS.
    pub fn public(host: impl Into<String>) -> Self {
        Self { host: Host::Public(host.into()), port: 443 }
    }

    /// Where a URL leads, seen from a pod in `namespace`. Nothing when it has no host.
    #[must_use]
    pub fn parse(url: &str, namespace: &str) -> Option<Self> {
        let uri = uri(url)?;
        let default =
            if uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")) { 443 } else { 80 };
        let host = host(&uri.host()?.to_ascii_lowercase(), namespace)?;
        Some(Self { host, port: uri.port_u16().map_or(default, i32::from) })
    }

    /// A port of a host that is written without a scheme, seen from a pod in `namespace`.
    #[must_use]
    pub fn of_host(name: &str, port: i32, namespace: &str) -> Option<Self> {
        Some(Self { host: host(&name.to_ascii_lowercase(), namespace)?, port })
    }
}

/// A URL, of `http` when it names no scheme; none when it is no URL.
pub(crate) fn uri(url: &str) -> Option<Uri> {
    if url.contains("://") { url.parse().ok() } else { format!("http://{url}").parse().ok() }
}

/// The names by which a pod finds a Service (Kubernetes, *DNS for Services and Pods*). A name of two
/// labels is taken for a host, since most are; its Service form is `name.namespace.svc`.
fn host(name: &str, namespace: &str) -> Option<Host> {
    if name.is_empty() {
        return None;
    }
    if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse() {
        return Some(Host::Address(address));
    }
    let labels: Vec<_> = name.trim_end_matches('.').split('.').collect();
    let service =
        |name: &str, namespace: &str| Host::Service { namespace: namespace.to_owned(), name: name.to_owned() };
    Some(match labels.as_slice() {
        [name] => service(name, namespace),
        // The second form is a pod of a headless Service.
        [name, namespace, "svc", ..] | [_, name, namespace, "svc", ..] => service(name, namespace),
        _ => Host::Named(name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> (Host, i32) {
        let endpoint = Endpoint::parse(url, "prod").unwrap();
        (endpoint.host, endpoint.port)
    }

    fn service(name: &str, namespace: &str) -> Host {
        Host::Service { namespace: namespace.into(), name: name.into() }
    }

    #[test]
    fn names_of_services_are_known_by_their_shape() {
        assert_eq!(parse("http://ollama:11434"), (service("ollama", "prod"), 11434));
        assert_eq!(parse("http://vllm.models.svc/v1"), (service("vllm", "models"), 80));
        assert_eq!(parse("http://vllm.models.svc.cluster.local"), (service("vllm", "models"), 80));
        assert_eq!(parse("http://pod-0.vllm.models.svc"), (service("vllm", "models"), 80));
    }

    #[test]
    fn addresses_are_read_with_and_without_brackets() {
        assert_eq!(parse("http://10.0.0.7:8000/v1"), (Host::Address([10, 0, 0, 7].into()), 8000));
        assert_eq!(parse("https://[fd00::1]/v1"), (Host::Address("fd00::1".parse().unwrap()), 443));
    }

    #[test]
    fn all_else_is_a_host_and_the_port_follows_the_scheme() {
        let host = |name: &str| Host::Named(name.into());
        assert_eq!(parse("https://user:pw@API.example.com?x"), (host("api.example.com"), 443));
        assert_eq!(parse("http://gpu.corp:8080"), (host("gpu.corp"), 8080));
        assert_eq!(parse("gpu.corp.example.com:8080/v1"), (host("gpu.corp.example.com"), 8080));
        assert_eq!(Endpoint::parse("https:///v1", "prod"), None);
        assert_eq!(Endpoint::parse("https://two words", "prod"), None);
    }
}
