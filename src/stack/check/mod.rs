//! The rules that a schema cannot say: values with a form of their own, names, references, choices.
//! Rules read the tree, not the types, so that one mistake does not hide the others.

mod agent;
mod auth;
mod balance;
mod budget;
mod cluster;
mod config;
pub(super) mod credential;
mod deployment;
mod endpoint;
mod header;
mod isolation;
mod jwt;
mod key;
mod members;
mod metrics;
mod model;
mod named_in_config;
mod names;
pub(super) mod network;
mod observers;
mod own_name;
mod price;
mod provider;
mod reachable;
mod region;
mod release;
mod restricted;
mod secret;
mod served;
mod sidecar;
mod store;
mod team;
mod timezone;
mod tool;
pub(super) mod value;
mod workload;

use std::collections::BTreeMap;

pub(crate) use key::key_variable;
pub(super) use members::assign_clusters;
pub(crate) use provider::is_known as is_litellm_provider;
pub(super) use secret::SOURCES;

use super::diagnostic::{Code, Diagnostic, Span};
use super::draft::{Draft, Kind};
use super::names::nearest;
use super::tree::Node;
use crate::object::Manifest;

/// The things of a stack by cluster, kind and name.
pub(super) struct Index<'a> {
    clusters: BTreeMap<&'a str, &'a Draft>,
    drafts: BTreeMap<(&'a str, Kind), BTreeMap<&'a str, &'a Draft>>,
    manifests: &'a [Manifest],
}

impl<'a> Index<'a> {
    pub(super) fn new(drafts: &'a [Draft], manifests: &'a [Manifest]) -> Self {
        let mut index: BTreeMap<_, BTreeMap<&str, &Draft>> = BTreeMap::new();
        let clusters = drafts.iter().filter(|draft| draft.kind == Kind::Cluster);
        let clusters = clusters.map(|draft| (draft.name.as_str(), draft)).collect();
        for draft in drafts {
            for cluster in &draft.clusters {
                let members = index.entry((cluster.as_str(), draft.kind)).or_default();
                members.entry(draft.name.as_str()).or_insert(draft);
            }
        }
        Self { clusters, drafts: index, manifests }
    }

    /// A cluster.
    pub(super) fn cluster(&self, name: &str) -> Option<&'a Draft> {
        self.clusters.get(name).copied()
    }

    /// What a cluster has of a kind.
    pub(super) fn of(&self, cluster: &'a str, kind: Kind) -> impl Iterator<Item = &'a Draft> + '_ {
        let members = self.drafts.get(&(cluster, kind));
        members.into_iter().flat_map(|members| members.values().copied())
    }

    /// One of them.
    pub(super) fn get(&self, cluster: &'a str, kind: Kind, name: &'a str) -> Option<&'a Draft> {
        self.drafts.get(&(cluster, kind))?.get(name).copied()
    }
}

/// Everything that is wrong with the things and among them.
pub(super) fn check(drafts: &[Draft], manifests: &[Manifest], found: &mut Vec<Diagnostic>) {
    names::check(drafts, found);
    let index = Index::new(drafts, manifests);
    for draft in drafts {
        match draft.kind {
            Kind::Cluster => {
                cluster::check(draft, found);
                store::check(draft, &index, found);
                metrics::check(draft, found);
                observers::check(draft, &index, found);
                release::check(draft, &index, found);
                isolation::check(draft, &index, found);
                jwt::check(draft, &index, found);
                served::check(&draft.name, &index, found);
                balance::check(&draft.name, &index, found);
                named_in_config::check(draft, &index, found);
                own_name::check(draft, &index, found);
                restricted::check(draft, &index, found);
                budget::check(draft, &index, found);
                budget::prices(draft, &index, found);
                region::cluster(draft, &index, found);
            }
            Kind::Model => {
                model::check(draft, &index, found);
                budget::check(draft, &index, found);
            }
            Kind::Agent => {
                budget::check(draft, &index, found);
                agent::check(draft, &index, found);
                workload::check(draft, &index, found);
            }
            Kind::Tool => tool::check(draft, &index, found),
            Kind::Persona => {}
            Kind::Team => {
                budget::check(draft, &index, found);
                team::check(draft, &index, found);
                region::team(draft, &index, found);
            }
            Kind::Secret => secret::check(draft, found),
        }
    }
}

/// Reports a value that does not have the form of `what`.
fn form(node: &Node, what: &str, code: Code, fault: Option<&str>, found: &mut Vec<Diagnostic>) {
    if let Some(fault) = fault {
        let message = format!("`{}` is not {what}: {fault}", node.shown());
        found.push(Diagnostic::error(code, message).at(node.span, ""));
    }
}

/// Whether the table has a key that was probably meant as `key`: then what is wrong with it is said.
fn misspelt(table: &Node, key: &str) -> bool {
    table.entries().any(|(own, _)| nearest(own, [key]).is_some())
}

/// Reports a key that has no meaning beside others.
fn forbidden(table: &Node, key: &str, code: Code, message: &str, found: &mut Vec<Diagnostic>) {
    if let Some(entry) = table.entry(key) {
        found.push(Diagnostic::error(code, message).at(entry.key, ""));
    }
}

/// The error of a name that a cluster does not have, with the name that was probably meant.
fn unknown<'a>(
    (kind, code): (Kind, Code),
    node: &Node,
    cluster: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let noun = kind.noun();
    let name = node.text().unwrap_or_default();
    let message = format!("cluster `{cluster}` has no {noun} `{}`", node.shown());
    let error = Diagnostic::error(code, message).at(node.span, "");
    match nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint(format!("it has no {noun} at all")),
        None => error.hint(format!("it has `{}`", known.join("`, `"))),
    }
}

/// Holds a reference to a Secret of these clusters against what the stack knows of Secrets. One that is not described
/// may be on the target; the plan looks.
fn secret_reference(
    clusters: &[String],
    reference: Option<&Node>,
    default_key: Option<&str>,
    index: &Index<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(node) = reference.and_then(|reference| reference.get("name")) else {
        return;
    };
    let Some(name) = node.text() else {
        return;
    };
    let key_node = reference.and_then(|reference| reference.get("key"));
    let key = key_node.and_then(Node::text).or(default_key);
    for cluster in clusters {
        let Some(keys) = secret_keys(cluster, name, index) else {
            let known = index.of(cluster, Kind::Secret).map(|secret| secret.name.as_str());
            if let Some(near) = nearest(name, known) {
                let message = format!("secret `{}` is not described in cluster `{cluster}`", node.shown());
                let warning = Diagnostic::warning(Code::UnknownSecret, message);
                let hint = format!("`{near}` is; was it meant?");
                found.push(warning.at(node.span, "must be there already").hint(hint));
            }
            continue;
        };
        if let Some(key) = key.filter(|key| !keys.0.iter().any(|own| own == key)) {
            let shown = key_node.map_or_else(|| key.to_owned(), Node::shown);
            let message = format!("secret `{name}` has no key `{shown}`");
            let place = key_node.unwrap_or(node).span;
            let error = Diagnostic::error(Code::MissingSecretKey, message).at(place, "");
            let error = match keys.1 {
                Some(named) => error.also(named, "described here"),
                None => error,
            };
            let near = nearest(key, keys.0.iter().map(String::as_str)).map(str::to_owned);
            found.push(match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("it has `{}`", keys.0.join("`, `"))),
            });
        }
    }
}

/// The keys of a Secret of the stack, and where it is named; none when the stack has no such Secret.
fn secret_keys(cluster: &str, name: &str, index: &Index<'_>) -> Option<(Vec<String>, Option<Span>)> {
    let members = index.drafts.get(&(cluster, Kind::Secret));
    if let Some(secret) = members.and_then(|members| members.get(name)) {
        let keys = SOURCES.iter().filter_map(|source| secret.node.get(source)).flat_map(Node::entries);
        return Some((keys.map(|(key, _)| key.to_owned()).collect(), Some(secret.named)));
    }
    let manifest = index.manifests.iter().find(|manifest| {
        let reference = &manifest.reference;
        reference.is("", "Secret") && reference.name == name && reference.namespace.as_deref() == Some(cluster)
    })?;
    Some((manifest.secret.keys().cloned().collect(), None))
}
