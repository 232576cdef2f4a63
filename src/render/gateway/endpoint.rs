//! Where a URL leads, as far as its text says: an address, a Service, or a host of the world.

use std::net::IpAddr;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Its host.
    pub place: Place,
    /// Its port.
    pub port: i32,
}

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
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
    Host(String),
    /// Some host on the internet whose name is not known.
    Internet,
    /// The metadata service of a cloud, where an identity without keys gets its tokens.
    Metadata,
}

impl Endpoint {
    /// A host of a provider, over TLS.
    pub fn public(host: impl Into<String>) -> Self {
        Self { place: Place::Public(host.into()), port: 443 }
    }

    /// Where a URL leads, seen from a pod in `namespace`. Nothing when it has no host.
    #[must_use]
    pub fn parse(url: &str, namespace: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host_and_port(authority);
        let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        let port = port.map_or(Some(default), |port| port.parse().ok())?;
        let place = place(&host.to_ascii_lowercase(), namespace)?;
        Some(Self { place, port })
    }
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':'));
    }
    authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
}

/// The names by which a pod finds a Service (Kubernetes, *DNS for Services and Pods*). A name of two
/// labels is taken for a host, since most are; its Service form is `name.namespace.svc`.
fn place(host: &str, namespace: &str) -> Option<Place> {
    if host.is_empty() {
        return None;
    }
    if let Ok(address) = host.parse() {
        return Some(Place::Address(address));
    }
    let labels: Vec<_> = host.trim_end_matches('.').split('.').collect();
    let service =
        |name: &str, namespace: &str| Place::Service { namespace: namespace.to_owned(), name: name.to_owned() };
    Some(match labels.as_slice() {
        [name] => service(name, namespace),
        // The second form is a pod of a headless Service.
        [name, namespace, "svc", ..] | [_, name, namespace, "svc", ..] => service(name, namespace),
        _ => Place::Host(host.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> (Place, i32) {
        let endpoint = Endpoint::parse(url, "prod").unwrap();
        (endpoint.place, endpoint.port)
    }

    fn service(name: &str, namespace: &str) -> Place {
        Place::Service { namespace: namespace.into(), name: name.into() }
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
        assert_eq!(parse("http://10.0.0.7:8000/v1"), (Place::Address([10, 0, 0, 7].into()), 8000));
        assert_eq!(parse("https://[fd00::1]/v1"), (Place::Address("fd00::1".parse().unwrap()), 443));
    }

    #[test]
    fn all_else_is_a_host_and_the_port_follows_the_scheme() {
        let host = |name: &str| Place::Host(name.into());
        assert_eq!(parse("https://user:pw@API.example.com?x"), (host("api.example.com"), 443));
        assert_eq!(parse("http://gpu.corp:8080"), (host("gpu.corp"), 8080));
        assert_eq!(Endpoint::parse("https:///v1", "prod"), None);
    }
}
