//! Ends that stand for all that a peer of a policy means: with the labels that it asks for and no other.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::end::{End, Pod};
use super::policy::{CILIUM_NAMESPACE, CILIUM_NAMESPACE_LABELS, Peer};
use super::selector::Labels;
use super::world::World;

/// A namespace that no description has: it may not begin with a dash.
const NOWHERE: &str = "-";
/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

/// The ends, each with the world in which they are.
pub(super) fn of<'a>(world: &World<'a>, peer: &Peer) -> Vec<(End, World<'a>)> {
    let net = |cidr: &str| cidr.parse().ok().map(|net| (End::Addresses(net), world.clone()));
    match peer {
        Peer::Everyone => {
            let nobody = pod(world, None, (Labels::new(), Labels::new()));
            ["0.0.0.0/0", "::/0"].into_iter().filter_map(net).chain([nobody]).collect()
        }
        Peer::Cluster => vec![pod(world, None, (Labels::new(), Labels::new()))],
        Peer::World { four, six } => {
            let families = [("0.0.0.0/0", four), ("::/0", six)].into_iter().filter(|(_, is)| **is);
            families.filter_map(|(cidr, _)| net(cidr)).collect()
        }
        Peer::Block { cidr, .. } => net(cidr).into_iter().collect(),
        Peer::Named(pattern) => vec![(End::Host(pattern.to_lowercase().replace('*', "any")), world.clone())],
        Peer::Pods { namespace, namespaces, pods } => {
            vec![pod(world, namespace.as_deref(), (wanted(namespaces), wanted(pods)))]
        }
        Peer::Endpoints { namespace, labels } => {
            let (home, rest): (Labels, Labels) =
                wanted(labels).into_iter().partition(|(key, _)| key.starts_with(CILIUM_NAMESPACE_LABELS));
            let plain = |(key, value): (String, String)| (key[CILIUM_NAMESPACE_LABELS.len()..].to_owned(), value);
            let named = rest.get(CILIUM_NAMESPACE).cloned();
            let own: Labels = rest.into_iter().filter(|(key, _)| key != CILIUM_NAMESPACE).collect();
            let namespace = namespace.as_deref().or(named.as_deref());
            vec![pod(world, namespace, (home.into_iter().map(plain).collect(), own))]
        }
        Peer::Nodes | Peer::Beyond(_) => Vec::new(),
    }
}

/// A pod with these labels in a namespace with those. A namespace without a name is made up.
fn pod<'a>(world: &World<'a>, namespace: Option<&str>, (home, labels): (Labels, Labels)) -> (End, World<'a>) {
    let named = namespace.map(str::to_owned).or_else(|| home.get(NAME).cloned());
    let mut world = world.clone();
    let namespace = named.unwrap_or_else(|| NOWHERE.to_owned());
    world.imagined.insert(namespace.clone(), home);
    let shown = labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
    let shown = match (namespace.as_str(), shown.as_str()) {
        (NOWHERE, "") => "a pod of another namespace".to_owned(),
        (NOWHERE, labels) => format!("a pod `{labels}` of another namespace"),
        (namespace, "") => format!("pod/{namespace}"),
        (namespace, labels) => format!("pod/{namespace}/{labels}"),
    };
    (End::Pod(Pod { shown, namespace, labels, ports: Vec::new() }), world)
}

/// Labels that a selector selects.
fn wanted(selector: &LabelSelector) -> Labels {
    let mut all = selector.match_labels.clone().unwrap_or_default();
    for expression in selector.match_expressions.iter().flatten() {
        let value = expression.values.iter().flatten().next();
        match (expression.operator.as_str(), value) {
            ("In", Some(value)) => all.insert(expression.key.clone(), value.clone()),
            ("Exists", _) => all.insert(expression.key.clone(), "any".to_owned()),
            _ => None,
        };
    }
    all
}
