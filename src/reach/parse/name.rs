//! Names of the description: agents, tools, groups and gateways, with or without their kind and cluster.

use ipnet::IpNet;

use super::error::ReachError;
use super::host::host;
use crate::api::{LanguageAgentSpec, Protocol};
use crate::object::names::GATEWAY;
use crate::reach::end::{End, Pod};
use crate::reach::port::Port;
use crate::reach::world::World;
use crate::render::{Endpoint, Host, ServiceName, backend};
use crate::stack::{MemberKey, members, nearest};

const KINDS: [&str; 3] = ["agent", "tool", "group"];

/// What a name means, and how it is written in full.
struct Meaning {
    full: String,
    ends: Vec<End>,
}

/// The ends of a name. A group is each of its agents; a name with a dot that is nothing of the description is
/// a host.
pub(super) fn resolve(world: &World<'_>, text: &str) -> Result<Vec<End>, ReachError> {
    let (cluster, name) = match text.split_once('/') {
        Some((cluster, name)) => (Some(cluster), name),
        None => (None, text),
    };
    if let Some(cluster) = cluster.filter(|cluster| !world.stack.clusters.contains_key(*cluster)) {
        let near = nearest(cluster, world.stack.clusters.keys().map(String::as_str)).map(str::to_owned);
        return Err(ReachError::Unknown { what: "cluster".to_owned(), name: cluster.to_owned(), near });
    }
    let clusters = world.stack.clusters.keys().filter(|own| cluster.is_none_or(|wanted| wanted == *own));
    let mut all: Vec<Meaning> = clusters.flat_map(|cluster| meanings(world, cluster, name)).collect();
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only.ends),
        (Some(last), false) => {
            let all = all.into_iter().map(|one| one.full).chain([last.full]).collect();
            Err(ReachError::Ambiguous { name: text.to_owned(), all })
        }
        (None, _) => sidecar(world, name).map_or_else(|| unknown(world, text, name), Err),
    }
}

/// What the name is in one cluster.
fn meanings(world: &World<'_>, cluster: &str, name: &str) -> Vec<Meaning> {
    let alone = world.stack.clusters.len() == 1;
    let full = |name: &str| if alone { name.to_owned() } else { format!("{cluster}/{name}") };
    let one = |name: String, ends: Vec<End>| Meaning { full: full(&name), ends };
    if name == GATEWAY {
        let pod = world.gateway(cluster).into_iter();
        return pod.map(|pod| one(name.to_owned(), vec![shown(pod, full(name))])).collect();
    }
    let kinds = KINDS.iter().filter_map(|kind| match name.split_once('.') {
        Some((own, rest)) => (own == *kind).then_some((*kind, rest)),
        // A group goes by its full name alone: groups are often called as an agent is.
        None => (*kind != "group").then_some((*kind, name)),
    });
    let found = kinds.map(|(kind, name)| one(format!("{kind}.{name}"), of_kind(world, cluster, (kind, name), &full)));
    found.filter(|meaning| !meaning.ends.is_empty()).collect()
}

fn of_kind(world: &World<'_>, cluster: &str, (kind, name): (&str, &str), full: &impl Fn(&str) -> String) -> Vec<End> {
    let agent = |name: &str| world.agent(cluster, name).map(|pod| shown(pod, full(&format!("agent.{name}"))));
    match kind {
        "agent" => agent(name).into_iter().collect(),
        "tool" => {
            let tool = world.tool(cluster, name).map(|pod| shown(pod, full(&format!("tool.{name}"))));
            tool.or_else(|| Some(elsewhere(world, cluster, name)?.0)).into_iter().collect()
        }
        _ => {
            let members = members(&world.stack.agents, cluster);
            let members = members.filter(|(_, agent)| agent.spec.group.as_deref() == Some(name));
            members.filter_map(|(key, _)| agent(&key.name)).collect()
        }
    }
}

/// Where a tool is that langop does not run, and the port of its URL.
fn elsewhere(world: &World<'_>, cluster: &str, name: &str) -> Option<(End, Port)> {
    let key = MemberKey { cluster: cluster.to_owned(), name: name.to_owned() };
    let Endpoint { host, port } = Endpoint::parse(world.stack.tools.get(&key)?.spec.url.as_deref()?, cluster)?;
    let end = match host {
        Host::Address(ip) => End::Addresses(IpNet::from(ip)),
        Host::Service { namespace, name } => {
            let service = ServiceName { namespace: namespace.clone(), name: name.clone() };
            let found = backend(world.stack, world.target, &service)?;
            let behind = found.ports.iter().find(|one| one.port == port && one.protocol == "TCP")?;
            let port = Port::behind(&behind.target, "TCP");
            let shown = format!("service/{name}.{namespace}");
            return Some((End::Pod(Pod { shown, namespace, labels: found.selector, ports: Vec::new() }), port));
        }
        Host::Public(name) | Host::Named(name) => End::Host(name),
        Host::Internet | Host::Metadata => return None,
    };
    Some((end, Port::new(port, Protocol::Tcp)))
}

/// The port of the URL of a tool that langop does not run.
pub(super) fn port_elsewhere(world: &World<'_>, text: &str) -> Option<Port> {
    let (cluster, name) = text.split_once('/').map_or((None, text), |(cluster, name)| (Some(cluster), name));
    let name = name.strip_prefix("tool.").unwrap_or(name);
    let mut clusters = world.stack.clusters.keys().filter(|own| cluster.is_none_or(|wanted| wanted == *own));
    Some(clusters.find_map(|cluster| elsewhere(world, cluster, name))?.1)
}

fn shown(mut pod: Pod, full: String) -> End {
    pod.shown = full;
    End::Pod(pod)
}

/// A tool without a pod of its own.
fn sidecar(world: &World<'_>, name: &str) -> Option<ReachError> {
    let name = name.strip_prefix("tool.").unwrap_or(name);
    let mut tools = world.stack.tools.iter().filter(|(key, tool)| key.name == name && tool.spec.is_sidecar());
    let (key, _) = tools.next()?;
    let uses = |agent: &LanguageAgentSpec| agent.tools.iter().any(|tool| tool.name == name && tool.url.is_none());
    let listed = world.stack.agents.iter().filter(|(agent, item)| agent.cluster == key.cluster && uses(&item.spec));
    let agents = listed.map(|(key, _)| key.name.clone()).collect();
    Some(ReachError::Sidecar { name: name.to_owned(), agents })
}

fn unknown(world: &World<'_>, text: &str, name: &str) -> Result<Vec<End>, ReachError> {
    let kind = name.split_once('.').filter(|(kind, _)| KINDS.contains(kind));
    match kind {
        Some(("group", group)) if !groups(world).any(|own| nearest(group, [own]).is_some()) => {
            Err(ReachError::EmptyGroup(group.to_owned()))
        }
        None if name.contains('.') && !text.contains('/') => Ok(vec![host(name)?]),
        kind => {
            let (what, name) = kind.map_or(("agent or tool", name), |(kind, name)| (kind, name));
            let near = nearest(name, known(world, what)).map(str::to_owned);
            Err(ReachError::Unknown { what: what.to_owned(), name: name.to_owned(), near })
        }
    }
}

fn groups<'a>(world: &World<'a>) -> impl Iterator<Item = &'a str> {
    world.stack.agents.values().filter_map(|agent| agent.spec.group.as_deref())
}

fn known<'a>(world: &World<'a>, what: &str) -> Vec<&'a str> {
    let agents = world.stack.agents.keys().map(|key| key.name.as_str());
    let tools = world.stack.tools.keys().map(|key| key.name.as_str());
    match what {
        "agent" => agents.collect(),
        "tool" => tools.collect(),
        "group" => groups(world).collect(),
        _ => agents.chain(tools).chain([GATEWAY]).collect(),
    }
}
