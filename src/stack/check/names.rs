//! Names: legal in Kubernetes, not taken by Kubernetes or langop, and each given once.

use std::collections::BTreeMap;

use crate::object::credential::looks_like_credential;
use crate::object::names::{GATEWAY, GATEWAY_AUTH, agent_secret};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::names::{RESERVED_NAMESPACES, domain_fault, label_fault};

/// Callers of a gateway that are no agents: who has its master key, who has none where none is asked for, and langop.
const CALLERS: [&str; 3] = ["administrator", "anyone", "langop-check"];

pub(super) fn check(drafts: &[Draft], found: &mut Vec<Diagnostic>) {
    for draft in drafts {
        legal(draft, found);
        reserved(draft, found);
        key_of_an_agent(draft, drafts, found);
    }
    unique(drafts, found);
}

fn legal(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let fault = match draft.kind {
        Kind::Secret => domain_fault(&draft.name),
        _ => label_fault(&draft.name),
    };
    if let Some(fault) = fault {
        let shown: String = draft.name.chars().filter(|c| !c.is_control()).take(80).collect();
        let message = format!("`{shown}` cannot be the name of a {}: {fault}", draft.kind.noun());
        let error = Diagnostic::error(Code::BadName, message).at(draft.named, "");
        let lower = draft.name.to_lowercase().replace(['_', '.', ' '], "-");
        let secret = looks_like_credential(&draft.name);
        let legal = draft.kind != Kind::Secret && label_fault(&lower).is_none() && !secret;
        found.push(error.maybe_hint(legal.then(|| format!("`{lower}` would be legal"))));
    }
}

fn reserved(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let name = draft.name.as_str();
    let message = match draft.kind {
        Kind::Cluster if RESERVED_NAMESPACES.contains(&name) => {
            format!("`{name}` cannot be a cluster: the namespace is not langop's to own")
        }
        Kind::Cluster if name.starts_with("kube-") => {
            format!("`{name}` cannot be a cluster: names with `kube-` belong to Kubernetes")
        }
        Kind::Agent | Kind::Tool if name == GATEWAY => {
            format!("{} cannot be called so: every cluster has a gateway of this name", draft.called())
        }
        Kind::Agent if CALLERS.contains(&name) => {
            format!("{} cannot be called so: the gateway calls another caller `{name}`", draft.called())
        }
        Kind::Secret if name == GATEWAY_AUTH => {
            format!("secret `{name}` is made by langop itself")
        }
        _ => return,
    };
    let error = Diagnostic::error(Code::ReservedName, message).at(draft.named, "");
    found.push(error.hint("choose another name"));
}

/// The Secrets of agents' keys are langop's.
fn key_of_an_agent(draft: &Draft, drafts: &[Draft], found: &mut Vec<Diagnostic>) {
    let shares = |agent: &&Draft| agent.clusters.iter().any(|cluster| draft.clusters.contains(cluster));
    let is_its = |agent: &&Draft| agent.kind == Kind::Agent && agent_secret(&agent.name) == draft.name;
    let Some(agent) = drafts.iter().filter(|_| draft.kind == Kind::Secret).filter(shares).find(is_its) else { return };
    let message = format!("secret `{}` is made by langop itself, for the key of {}", draft.name, agent.called());
    let error = Diagnostic::error(Code::ReservedName, message).at(draft.named, "");
    found.push(error.also(agent.named, "the agent").hint("choose another name"));
}

/// Agents and tools run as Deployments and Services, which share their names.
fn unique(drafts: &[Draft], found: &mut Vec<Diagnostic>) {
    let mut things: BTreeMap<(Kind, &str, &str), &Draft> = BTreeMap::new();
    let mut workloads: BTreeMap<(&str, &str), &Draft> = BTreeMap::new();
    for draft in drafts {
        let nowhere = [String::new()];
        let clusters = match draft.kind {
            Kind::Cluster => &nowhere[..],
            _ => &draft.clusters,
        };
        for cluster in clusters {
            let key = (draft.kind, find(drafts, cluster), draft.name.as_str());
            if let Some(first) = things.get(&key) {
                found.push(twice(draft, first, cluster));
                continue;
            }
            things.insert(key, draft);
            if !matches!(draft.kind, Kind::Agent | Kind::Tool) {
                continue;
            }
            let key = (find(drafts, cluster), draft.name.as_str());
            if let Some(first) = workloads.insert(key, draft) {
                let message = format!(
                    "{} and {} of cluster `{cluster}` would run under one name",
                    first.called(),
                    draft.called(),
                );
                let error = Diagnostic::error(Code::NameClash, message).at(draft.named, "");
                let error = error.also(first.named, format!("the {}", first.kind.noun()));
                found.push(error.hint("rename one of the two"));
            }
        }
    }
}

/// The cluster's name with the lifetime of the drafts.
fn find<'a>(drafts: &'a [Draft], cluster: &str) -> &'a str {
    let clusters = drafts.iter().filter(|draft| draft.kind == Kind::Cluster);
    let mut names = clusters.map(|draft| draft.name.as_str());
    names.find(|name| *name == cluster).unwrap_or_default()
}

fn twice(draft: &Draft, first: &Draft, cluster: &str) -> Diagnostic {
    let message = match draft.kind {
        Kind::Cluster => format!("{} is described twice", draft.called()),
        _ => format!("{} of cluster `{cluster}` is described twice", draft.called()),
    };
    Diagnostic::error(Code::DuplicateName, message)
        .at(draft.named, "again here")
        .also(first.named, "first here")
        .hint("only description files are merged; a document must be the only one of its name")
}
