//! A `service` peer whose Service is in the stack: whether the rule's ports are any of it. Of others, only the
//! target knows.

use serde_json::Value;

use crate::object::names::{CONTAINER_PORT, GATEWAY, SERVICE_PORT};
use crate::stack::check::Index;
use crate::stack::diagnostic::{Code, Diagnostic, Severity};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

/// A port of a Service, the number behind it when it has one, and its protocol.
type Port = (i64, Option<i64>, String);

/// Reports peers of an egress rule that open nothing: ports that the Service does not have, a Service that
/// selects no pods. An error when nothing is left of the rule, and langop makes the Services itself: a document
/// may tell of what others change.
pub(super) fn check<'a>(cluster: &'a Draft, rule: &'a Node, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let peers = rule.items_of("to");
    let nothing: Vec<_> = peers.iter().filter_map(|peer| unopened((cluster, rule), peer, index)).collect();
    let whole = nothing.len() == peers.len() && nothing.iter().all(|unopened| unopened.own);
    let severity = if whole { Severity::Error } else { Severity::Warning };
    for Unopened { name, has, .. } in nothing {
        let message = format!("the rule opens nothing of Service `{}`", name.shown());
        let said = Diagnostic { severity, ..Diagnostic::error(Code::EmptyRule, message) }.at(name.span, "");
        let all: Vec<_> = has.iter().map(|(port, _, protocol)| format!("{port}/{protocol}")).collect();
        found.push(match all.as_slice() {
            [] => said.hint("no pods are behind it, or they listen on no port"),
            all => said.hint(format!("it has `{}`", all.join("`, `"))),
        });
    }
}

/// A peer that opens nothing of its Service.
struct Unopened<'a> {
    /// The name as written.
    name: &'a Node,
    has: Vec<Port>,
    /// Whether langop makes the Service.
    own: bool,
}

/// The Service of a peer that opens nothing of it, and its ports.
fn unopened<'a>((cluster, rule): (&'a Draft, &Node), peer: &'a Node, index: &Index<'a>) -> Option<Unopened<'a>> {
    let service = peer.get("service")?;
    let name = service.get("name")?;
    let namespace = service.text_at(&["namespace"]).unwrap_or(&cluster.name);
    let own = ports(namespace, name.text()?, index);
    let (own, has) = (own.is_some(), own.or_else(|| carried(namespace, name.text()?, index))?);
    let wanted = rule.items_of("ports");
    let opens = !has.is_empty() && (wanted.is_empty() || wanted.iter().any(|port| is_any(port, &has)));
    (!opens).then_some(Unopened { name, has, own })
}

fn is_any(wanted: &Node, has: &[Port]) -> bool {
    let (number, protocol) = (wanted.get("port").and_then(Node::integer), wanted.text_at(&["protocol"]));
    // A port that is no number is reported as such.
    number.is_none_or(|number| {
        let is =
            |(port, target, of): &Port| (*port == number || *target == Some(number)) && of == protocol.unwrap_or("TCP");
        has.iter().any(is)
    })
}

/// The ports of a Service that langop makes; none when it makes no such Service.
fn ports<'a>(namespace: &'a str, name: &'a str, index: &Index<'a>) -> Option<Vec<Port>> {
    let cluster = index.cluster(namespace);
    if cluster.is_some() && name == GATEWAY {
        return Some(vec![(SERVICE_PORT.into(), Some(CONTAINER_PORT.into()), "TCP".to_owned())]);
    }
    let tcp = |port: i64| (port, Some(port), "TCP".to_owned());
    let tool = index.get(namespace, Kind::Tool, name);
    if let Some(tool) = tool.filter(|tool| tool.node.get("url").is_none() && !is_sidecar(tool)) {
        return Some(vec![tcp(tool.node.get("port").and_then(Node::integer).unwrap_or(8080))]);
    }
    if let Some(agent) = index.get(namespace, Kind::Agent, name) {
        let task = agent.node.text_at(&["execution", "mode"]) == Some("task");
        let written = agent.node.items_of("ports").iter().filter_map(|port| {
            let number = port.get("port").and_then(Node::integer)?;
            Some((number, Some(number), port.text_at(&["protocol"]).unwrap_or("TCP").to_owned()))
        });
        let written: Vec<_> = written.collect();
        return Some(if task {
            Vec::new()
        } else if written.is_empty() {
            vec![tcp(8080)]
        } else {
            written
        });
    }
    None
}

fn is_sidecar(tool: &Draft) -> bool {
    tool.node.text_at(&["deploymentMode"]) == Some("sidecar")
}

/// The ports of a Service among the manifests; none at all when it selects no pods.
fn carried(namespace: &str, name: &str, index: &Index<'_>) -> Option<Vec<Port>> {
    let manifest = index.manifests.iter().find(|manifest| {
        let reference = &manifest.reference;
        reference.is("", "Service") && reference.name == name && reference.namespace.as_deref() == Some(namespace)
    })?;
    let spec = manifest.object.get("spec")?;
    let selects = spec.get("selector").and_then(Value::as_object).is_some_and(|selector| !selector.is_empty());
    let ports = spec.get("ports").and_then(Value::as_array).into_iter().flatten().filter(|_| selects);
    let port = |port: &Value| {
        let number = port.get("port")?.as_i64()?;
        let target = port.get("targetPort").map_or(Some(number), Value::as_i64);
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        Some((number, target, protocol.to_owned()))
    };
    Some(ports.filter_map(port).collect())
}
