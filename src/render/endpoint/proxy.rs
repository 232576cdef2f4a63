//! The outbound proxies that the environment of a gateway names, and what goes through them.

use super::host::{Endpoint, Host};
use crate::api::{EgressRule, NetworkPeer, PeerForm};
use crate::render::scope::Scope;

/// Outbound proxies, by the variables that every client knows (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`,
/// in capitals or not).
pub(super) struct Proxies {
    /// Variable and proxy.
    all: Vec<(String, Endpoint)>,
    /// What is reached without a proxy: hosts, and domains that begin with a dot.
    without: Vec<String>,
    /// Whether where they are is known: rules then need not be open to wherever they may be.
    given: bool,
    /// Whether their names need no rule, as one of the gateway's own rules is for their addresses.
    by_rule: bool,
}

impl Proxies {
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        let named = scope.deployment.env.iter().filter_map(|variable| {
            Some((variable.name.to_ascii_uppercase(), variable.value.as_deref().filter(|value| !value.is_empty())?))
        });
        let named: Vec<_> = named.collect();
        let is_proxy = |name: &str| matches!(name, "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY");
        let proxies = named.iter().filter(|(name, _)| is_proxy(name));
        let all: Vec<_> =
            proxies.filter_map(|(name, url)| Some((name.clone(), Endpoint::parse(url, scope.cluster)?))).collect();
        let without = named.iter().filter(|(name, _)| name == "NO_PROXY");
        let without = without.flat_map(|(_, hosts)| hosts.split(',')).map(|host| host.trim().to_ascii_lowercase());
        let rules = scope.gateway.network_policies.iter().flat_map(|rules| &rules.egress);
        let rules: Vec<&EgressRule> = rules.collect();
        let by_rule = all.iter().all(|(_, proxy)| rules.iter().any(|rule| is_for(rule, proxy)));
        let has_address = |proxy: &Endpoint| matches!(proxy.host, Host::Address(_) | Host::Service { .. });
        let given = !all.is_empty() && (by_rule || all.iter().all(|(_, proxy)| has_address(proxy)));
        Self { by_rule: by_rule && given, given, all, without: without.filter(|host| !host.is_empty()).collect() }
    }

    /// The proxies for which a rule is needed.
    pub(super) fn opened(&self) -> impl Iterator<Item = &Endpoint> {
        self.all.iter().map(|(_, proxy)| proxy).filter(|proxy| !(self.by_rule && matches!(proxy.host, Host::Named(_))))
    }

    /// Whether calls to an endpoint go through a proxy whose address is given, so that the endpoint itself need not
    /// be open. Addresses and Services stay open: most clusters name them in `NO_PROXY` in forms of their own.
    pub(super) fn stand_for(&self, endpoint: &Endpoint) -> bool {
        let host = match &endpoint.host {
            Host::Public(host) | Host::Named(host) => host.as_str(),
            Host::Internet => "",
            Host::Address(_) | Host::Service { .. } | Host::Metadata => return false,
        };
        let has = |name: &str| self.all.iter().any(|(variable, _)| variable == name);
        // Without its scheme the port tells most.
        let by_scheme = match endpoint.port {
            443 => has("HTTPS_PROXY"),
            80 => has("HTTP_PROXY"),
            _ => has("HTTPS_PROXY") && has("HTTP_PROXY"),
        };
        self.given && (has("ALL_PROXY") || by_scheme) && !self.is_without(host)
    }

    fn is_without(&self, host: &str) -> bool {
        let is = |written: &String| {
            let domain = written.trim_start_matches('*').trim_start_matches('.');
            written == "*" || host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        };
        self.without.iter().any(is)
    }
}

/// Whether a rule is for addresses and the port of the proxy.
fn is_for(rule: &EgressRule, proxy: &Endpoint) -> bool {
    let on = rule.ports.is_empty() || rule.ports.iter().any(|port| port.port == proxy.port);
    let everywhere = |cidr: &str| cidr.ends_with("/0");
    let mut peers = rule.to.iter().filter_map(NetworkPeer::form);
    on && peers.any(|form| matches!(form, PeerForm::Cidr(cidr) if !everywhere(cidr)))
}
