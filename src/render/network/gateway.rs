//! The isolation of the gateway: called by agents and tools, calling the endpoints of its models and its store. And that
//! of a store that langop runs.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer};
use serde_json::json;

use crate::api::{GatewayNetworkPolicies, IngressRule, NetworkPort, Protocol};
use crate::object::Manifest;
use crate::object::names::{CONTAINER_PORT, STORE_PORT};
use crate::object::role::Role;
use crate::render::endpoint::{Endpoint, Host, Store, destinations};
use crate::render::gateway::exposed;
use crate::render::scope::{Scope, listed};
use crate::render::target::{Backend, BackendPort, ServiceName};

use super::address_range::{LINK, LINK_6, METADATA, PRIVATE, PRIVATE_6};
use super::cilium::{self, NamedHosts};
use super::controller::controller;
use super::name_server::{self, resolver};
use super::peer::{address, agents_and_tools, block, elsewhere, labelled, local, named_port, namespace, port};
use super::service::resolve;
use super::{dns, policy, rule};

pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let own = scope.gateway.network_policies.clone().unwrap_or_default();
    let endpoints = destinations(scope);
    let selector = json!({ "matchLabels": Role::GATEWAY.selector(scope.cluster) });
    let hosts = named_hosts(&endpoints);
    let hosts =
        (scope.target.cilium && !hosts.is_empty()).then(|| cilium::policy(scope, "gateway-models", &selector, &hosts));
    let plain = [
        policy::egress(scope, "gateway-egress", scope.gateway_pods(), egress(scope, &endpoints, &own)),
        policy::ingress(scope, "gateway-ingress", scope.gateway_pods(), ingress(scope, &own)),
    ];
    let rules = dns::policy(scope, "gateway-dns", &selector, &own.egress);
    plain.into_iter().chain(hosts).chain(rules).chain(metrics(scope)).chain(store(scope)).collect()
}

/// Who reads its metrics, on their port alone. Nobody else does: on the port of the models they are for the administrator.
fn metrics(scope: &Scope<'_>) -> Option<Manifest> {
    let metrics = scope.gateway.metrics.as_ref()?;
    let ports = vec![NetworkPort { port: metrics.port(), protocol: None }];
    let readers = rule::ingress(scope, &IngressRule { from: metrics.from().to_vec(), ports });
    Some(policy::ingress(scope, "gateway-metrics", scope.gateway_pods(), readers.into_iter().collect()))
}

/// The store that langop runs for it: called by the gateway, calling nobody.
fn store(scope: &Scope<'_>) -> Vec<Manifest> {
    if Store::of(scope).is_none_or(|store| !store.is_own) {
        return Vec::new();
    }
    let pods = || labelled(Role::STORE.selector(scope.cluster));
    let callers = NetworkPolicyIngressRule {
        from: Some(vec![local(scope.gateway_pods())]),
        ports: Some(vec![port(STORE_PORT, "TCP")]),
    };
    vec![
        policy::egress(scope, "gateway-store-egress", pods(), Vec::new()),
        policy::ingress(scope, "gateway-store-ingress", pods(), vec![callers]),
    ]
}

fn ingress(scope: &Scope<'_>, own: &GatewayNetworkPolicies) -> Vec<NetworkPolicyIngressRule> {
    let mut from = vec![local(agents_and_tools())];
    from.extend(exposed(scope).map(|_| controller(scope)));
    let mut all = vec![NetworkPolicyIngressRule { from: Some(from), ports: Some(vec![port(CONTAINER_PORT, "TCP")]) }];
    all.extend(own.ingress.iter().filter_map(|written| rule::ingress(scope, written)));
    all
}

fn egress(
    scope: &Scope<'_>,
    endpoints: &BTreeSet<Endpoint>,
    own: &GatewayNetworkPolicies,
) -> Vec<NetworkPolicyEgressRule> {
    let mut all = vec![resolver()];
    all.extend(name_server::of_cluster(scope));
    // One rule for all ports of one set of peers reads better than one for each endpoint.
    let mut outside: BTreeMap<Outside, BTreeSet<i32>> = BTreeMap::new();
    for endpoint in endpoints {
        match &endpoint.host {
            Host::Address(ip) => all.push(to(vec![address(*ip)], endpoint.port)),
            Host::Service { namespace, name } => {
                let service = ServiceName { namespace: namespace.clone(), name: name.clone() };
                all.extend(to_service(scope, &service, endpoint.port));
            }
            Host::Metadata => all.extend(METADATA.map(|(ip, port)| to(vec![block(ip, &[])], port))),
            Host::Public(_) | Host::Named(_) if scope.target.cilium => {}
            Host::Public(_) | Host::Internet => {
                outside.entry(Outside::Internet).or_default().insert(endpoint.port);
            }
            Host::Named(_) => {
                outside.entry(Outside::Anywhere).or_default().insert(endpoint.port);
            }
        }
    }
    all.extend(outside.into_iter().map(|(peers, ports)| NetworkPolicyEgressRule {
        to: Some(peers.blocks()),
        ports: Some(ports.into_iter().map(|number| port(number, "TCP")).collect()),
    }));
    all.extend(own.egress.iter().flat_map(|written| rule::egress(scope, written)));
    all
}

/// Where a host may be that is known by name only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outside {
    /// A host of a provider: on the internet.
    Internet,
    /// A host of the user's: perhaps in a private network.
    Anywhere,
}

impl Outside {
    fn blocks(self) -> Vec<NetworkPolicyPeer> {
        let (except, except_6): (&[&str], &[&str]) = match self {
            Self::Internet => (&PRIVATE, &PRIVATE_6),
            Self::Anywhere => (&LINK, &LINK_6),
        };
        vec![block("0.0.0.0/0", except), block("::/0", except_6)]
    }
}

fn to(peers: Vec<NetworkPolicyPeer>, number: i32) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule { to: Some(peers), ports: Some(vec![port(number, "TCP")]) }
}

/// The pods behind a Service on the port behind its port. Of a Service that nobody knows, the namespace on
/// the port of the URL, which most pods listen on too; a plan that finds the Service opens what is behind it.
fn to_service(scope: &Scope<'_>, service: &ServiceName, number: i32) -> Option<NetworkPolicyEgressRule> {
    let Some(backend) = resolve(scope, service) else {
        let whole = elsewhere(namespace(&service.namespace), None);
        return Some(to(vec![whole], number));
    };
    let Backend { selector, ports } = backend;
    let matching = ports.into_iter().filter(|port| port.port == number && port.protocol == "TCP");
    let ports = matching.map(|BackendPort { target, .. }| named_port(target, "TCP")).collect();
    let pods = (!selector.is_empty()).then(|| labelled(selector))?;
    Some(NetworkPolicyEgressRule {
        to: Some(vec![elsewhere(namespace(&service.namespace), Some(pods))]),
        ports: Some(listed(ports)?),
    })
}

/// Hosts by port, for Cilium.
fn named_hosts(endpoints: &BTreeSet<Endpoint>) -> Vec<NamedHosts> {
    let mut by_port: BTreeMap<i32, BTreeSet<String>> = BTreeMap::new();
    for endpoint in endpoints {
        if let Host::Public(host) | Host::Named(host) = &endpoint.host {
            by_port.entry(endpoint.port).or_default().insert(host.clone());
        }
    }
    let by_port = by_port.into_iter();
    by_port
        .map(|(port, names)| NamedHosts { names: names.into_iter().collect(), ports: vec![(port, Protocol::Tcp)] })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, find, rendered, rendered_with_cilium};

    fn model(lines: &str) -> String {
        format!("[clusters.c]\n[models.m]\nmodelName = 'm'\n{lines}")
    }

    /// What the gateway reaches beside name resolution.
    fn opened(text: &str) -> Vec<Value> {
        let manifests = rendered(text);
        field(&manifests, "NetworkPolicy", "gateway-egress", "/spec/egress").as_array().unwrap()[1..].to_vec()
    }

    #[test]
    fn a_gateway_without_models_reaches_name_resolution_only() {
        assert_eq!(opened("clusters.c = {}"), Vec::<Value>::new());
    }

    #[test]
    fn a_providers_host_is_the_internet_and_no_private_network() {
        let rules = opened(&model("provider = 'openai'"));
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["ports"], json!([{ "port": 443, "protocol": "TCP" }]));
        let to = &rules[0]["to"];
        assert_eq!((&to[0]["ipBlock"]["cidr"], &to[1]["ipBlock"]["cidr"]), (&json!("0.0.0.0/0"), &json!("::/0")));
        assert!(to[0]["ipBlock"]["except"].as_array().unwrap().contains(&json!("10.0.0.0/8")));
    }

    #[test]
    fn a_host_of_the_users_may_be_private_but_never_of_the_link() {
        let rules = opened(&model("provider = 'openai-compatible'\nendpoint = 'http://gpu.corp.example.com:8000'"));
        assert_eq!(rules[0]["to"][0]["ipBlock"], json!({ "cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"] }));
        assert_eq!(rules[0]["ports"][0]["port"], 8000);
    }

    #[test]
    fn an_address_is_that_address() {
        let rules = opened(&model("provider = 'openai-compatible'\nendpoint = 'http://[fd00::7]:8000'"));
        assert_eq!(rules[0]["to"], json!([{ "ipBlock": { "cidr": "fd00::7/128" } }]));
    }

    #[test]
    fn a_service_that_nobody_knows_is_its_namespace_on_the_port_of_the_url_alone() {
        let rules = opened(&model("provider = 'openai-compatible'\nendpoint = 'http://llama.models.svc:8080'"));
        let namespace = json!({ "matchLabels": { "kubernetes.io/metadata.name": "models" } });
        let ports = json!([{ "port": 8080, "protocol": "TCP" }]);
        assert_eq!(rules, [json!({ "to": [{ "namespaceSelector": namespace }], "ports": ports })]);
    }

    #[test]
    fn with_cilium_hosts_are_opened_by_name_and_the_internet_is_not() {
        let manifests = rendered_with_cilium(&model("provider = 'anthropic'"));
        let plain = field(&manifests, "NetworkPolicy", "gateway-egress", "/spec/egress").as_array().unwrap();
        assert_eq!(plain.len(), 1);
        let named = field(&manifests, "CiliumNetworkPolicy", "gateway-models", "/spec/egress/1/toFQDNs");
        assert_eq!(*named, json!([{ "matchName": "api.anthropic.com" }]));
        assert!(find(&rendered_with_cilium("clusters.c = {}"), "CiliumNetworkPolicy", "gateway-models").is_none());
    }

    #[test]
    fn an_outbound_proxy_is_reached_on_its_port() {
        let text = "[clusters.c.gateway.deployment]\nenv = [{ name = 'HTTPS_PROXY', value = 'http://proxy.example.com:3128' }]";
        assert_eq!(opened(text)[0]["ports"][0]["port"], 3128);
    }

    const PROXY: &str = "[clusters.c.gateway]\ndeployment.env = [{ name = 'HTTPS_PROXY', value = 'URL' }, { name = 'NO_PROXY', value = '.corp.example.com' }]\n\
                         [models.m]\nmodelName = 'm'\nprovider = 'openai'\n[models.n]\nmodelName = 'n'\n\
                         provider = 'openai-compatible'\nendpoint = 'https://llm.corp.example.com'\n";

    fn cidrs(rules: &[Value]) -> Vec<(String, i64)> {
        let to = |rule: &Value| {
            let ports: Vec<_> =
                rule["ports"].as_array().unwrap().iter().filter_map(|one| one["port"].as_i64()).collect();
            let peers = rule["to"].as_array().unwrap().iter();
            let cidrs = peers.map(|peer| peer["ipBlock"]["cidr"].as_str().unwrap().to_owned());
            let of = |cidr: String| ports.iter().map(move |port| (cidr.clone(), *port)).collect::<Vec<_>>();
            cidrs.flat_map(of).collect::<Vec<_>>()
        };
        rules.iter().flat_map(to).collect()
    }

    #[test]
    fn a_proxy_whose_address_is_given_is_opened_alone() {
        let at = |rules: Vec<Value>| {
            cidrs(&rules).into_iter().map(|(cidr, port)| format!("{cidr}:{port}")).collect::<Vec<_>>()
        };
        let direct = ["0.0.0.0/0:443", "::/0:443"].map(str::to_owned);
        // Its address is in the URL; what `NO_PROXY` names is still reached without it.
        let opened_by_url = at(opened(&PROXY.replace("URL", "http://10.1.2.3:3128")));
        assert_eq!(opened_by_url, [&["10.1.2.3/32:3128".to_owned()][..], &direct].concat());
        // Its address is in a rule.
        let rule =
            "[[clusters.c.gateway.networkPolicies.egress]]\nto = [{ cidr = '10.1.2.0/24' }]\nports = [{ port = 3128 }]";
        let by_name =
            PROXY.replace("URL", "http://proxy.example.com:3128").replace("https://llm.corp", "https://llm.other");
        assert_eq!(at(opened(&format!("{by_name}{rule}"))), ["10.1.2.0/24:3128"]);
        // A rule for another port is not for the proxy.
        let other = at(opened(&format!("{by_name}{}", rule.replace("port = 3128", "port = 3129"))));
        assert!(
            other.contains(&"0.0.0.0/0:3128".to_owned()) && other.contains(&"0.0.0.0/0:443".to_owned()),
            "{other:?}"
        );
    }

    #[test]
    fn written_rules_are_the_only_ones_when_that_is_asked_for() {
        let text = "[clusters.c.gateway.networkPolicies]\negressOnly = true\n\
                    egress = [{ to = [{ cidr = '10.1.0.0/16' }], ports = [{ port = 443 }] }]\n\
                    [models.m]\nmodelName = 'm'\nprovider = 'openai'\n";
        assert_eq!(cidrs(&opened(text)), [("10.1.0.0/16".to_owned(), 443)]);
        assert!(find(&rendered_with_cilium(text), "CiliumNetworkPolicy", "gateway-models").is_none());
    }

    #[test]
    fn a_store_of_langops_is_reached_by_the_gateway_alone_and_reaches_nobody() {
        let text = "[clusters.c.gateway]\nstore = {}\nnetworkPolicies.egressOnly = true";
        let manifests = rendered(text);
        let labels =
            |name: &str| json!({ "app.kubernetes.io/name": name, "langop.io/kind": name, "langop.io/cluster": "c" });
        let ports = json!([{ "port": 6379, "protocol": "TCP" }]);
        let store = json!({ "podSelector": { "matchLabels": labels("gateway-store") },
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "c" } } });
        assert_eq!(opened(text), [json!({ "to": [store], "ports": ports })]);
        let inward = field(&manifests, "NetworkPolicy", "gateway-store-ingress", "/spec");
        let from = json!([{ "podSelector": { "matchLabels": labels("gateway") } }]);
        assert_eq!(inward["ingress"], json!([{ "from": from, "ports": ports }]));
        assert_eq!(inward["podSelector"]["matchLabels"], labels("gateway-store"));
        let outward = field(&manifests, "NetworkPolicy", "gateway-store-egress", "/spec");
        assert_eq!((&outward["policyTypes"], outward.get("egress")), (&json!(["Egress"]), None));
    }

    #[test]
    fn a_store_that_is_there_already_is_opened_on_its_port() {
        let store = |more: &str| format!("[clusters.c.gateway]\nstore = {{ host = '10.0.0.7', port = 6380 }}\n{more}");
        let ports = json!([{ "port": 6380, "protocol": "TCP" }]);
        let to = json!([{ "ipBlock": { "cidr": "10.0.0.7/32" } }]);
        assert_eq!(opened(&store("")), [json!({ "to": to, "ports": ports })]);
        assert_eq!(opened(&store("networkPolicies.egressOnly = true")), Vec::<Value>::new());
        let named = rendered_with_cilium("[clusters.c.gateway.store]\nhost = 'redis.example.com'");
        let hosts = field(&named, "CiliumNetworkPolicy", "gateway-models", "/spec/egress/1");
        assert_eq!(hosts["toFQDNs"], json!([{ "matchName": "redis.example.com" }]));
    }

    #[test]
    fn whom_it_tells_of_calls_is_opened() {
        let traces = "[clusters.c.gateway]\ntraces = { otlp = 'http://10.0.0.9:4318' }\n";
        let rule = json!({ "to": [{ "ipBlock": { "cidr": "10.0.0.9/32" } }],
            "ports": [{ "port": 4318, "protocol": "TCP" }] });
        assert_eq!(opened(traces), [rule]);
        assert_eq!(opened(&format!("{traces}networkPolicies.egressOnly = true")), Vec::<Value>::new());
        let callbacks = "[clusters.c.gateway.callbacks]\n\
                         langfuse = { secretRef = { name = 'l' }, contents = true }\n\
                         datadog = { site = 'datadoghq.eu', apiKeySecretRef = { name = 'd' }, contents = true }";
        let named = rendered_with_cilium(callbacks);
        let hosts = field(&named, "CiliumNetworkPolicy", "gateway-models", "/spec/egress/1/toFQDNs");
        let host = |name: &str| json!({ "matchName": name });
        assert_eq!(*hosts, json!([host("cloud.langfuse.com"), host("http-intake.logs.datadoghq.eu")]));
    }

    #[test]
    fn metrics_are_read_by_whom_the_description_names_on_their_port_alone() {
        let readers = |lines: &str| {
            let manifests = rendered(&format!("[clusters.c.gateway]\n{lines}"));
            field(&manifests, "NetworkPolicy", "gateway-metrics", "/spec/ingress").clone()
        };
        let of =
            |name: &str| json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": name } } });
        let port = |number: i32| json!([{ "port": number, "protocol": "TCP" }]);
        assert_eq!(readers("metrics = {}"), json!([{ "from": [of("monitoring")], "ports": port(9464) }]));
        let named = "metrics.port = 9000\nmetrics.from = [{ namespaceSelector.matchLabels.'kubernetes.io/metadata.name' = 'o11y' }]";
        assert_eq!(readers(named), json!([{ "from": [of("o11y")], "ports": port(9000) }]));
        assert!(find(&rendered("clusters.c = {}"), "NetworkPolicy", "gateway-metrics").is_none());
    }

    fn callers(lines: &str) -> Value {
        field(&rendered(lines), "NetworkPolicy", "gateway-ingress", "/spec/ingress").clone()
    }

    #[test]
    fn another_namespace_calls_only_an_exposed_gateway() {
        let closed = callers("[clusters.c]\ndomain = 'a.b'");
        assert_eq!(closed[0]["from"].as_array().unwrap().len(), 1);
        let exposed = "[clusters.c]\ndomain = 'a.b'\ningress.enabled = true\n";
        assert_eq!(callers(exposed)[0]["from"][1], json!({ "namespaceSelector": {} }));
        let named = callers(&format!("{exposed}ingress.controllerNamespace = 'nginx'"));
        let labels = json!({ "kubernetes.io/metadata.name": "nginx" });
        assert_eq!(named[0]["from"][1], json!({ "namespaceSelector": { "matchLabels": labels } }));
    }

    #[test]
    fn rules_of_its_own_stand_beside_agents_and_endpoints() {
        let text = "[[clusters.c.gateway.networkPolicies.egress]]\nto = [{ cidr = '10.1.0.0/16' }]\nports = [{ port = 6379 }]\n\
                    [[clusters.c.gateway.networkPolicies.ingress]]\nfrom = [{ namespaceSelector = {} }]";
        assert_eq!(opened(text)[0]["to"], json!([{ "ipBlock": { "cidr": "10.1.0.0/16" } }]));
        assert_eq!(callers(text).as_array().unwrap().len(), 2);
    }
}
