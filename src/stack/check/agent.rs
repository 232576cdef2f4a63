//! Rules of an agent: what it refers to in its clusters, and what a service and a task have.

use super::network::group_fault;
use super::timezone::timezone;
use super::value::{image_fault, model_name_fault, schedule_fault, url_fault};
use super::{Index, deployment, forbidden, form, header, network, reachable, secret_reference, sidecar, unknown};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    if let Some(image) = spec.get("image") {
        form(image, "an image", Code::BadImage, image.text().and_then(image_fault), found);
    }
    if let Some(group) = spec.get("group") {
        let fault = group.text().and_then(group_fault);
        form(group, "the name of a group", Code::BadName, fault, found);
    }
    for model in spec.items_of("models") {
        model_reference(draft, model, index, found);
    }
    reachable::check(draft, index, found);
    for tool in spec.items_of("tools") {
        tool_reference(draft, tool, index, found);
    }
    sidecar::ports(draft, index, found);
    if let Some(persona) = spec.get("persona") {
        refer(draft, persona, (Kind::Persona, Code::UnknownPersona), index, found);
    }
    for credential in spec.items_of("credentials") {
        secret_reference(&draft.clusters, credential.get("valueFrom"), None, index, found);
    }
    network::check(spec, found);
    ports(spec, found);
    execution(spec, found);
    if let Some(deployment) = spec.get("deployment") {
        deployment::check(deployment, found);
        deployment::secrets(draft, deployment, index, found);
    }
}

/// Reports every cluster of the agent that does not have what it refers to.
fn refer<'a>(
    draft: &'a Draft,
    node: &'a Node,
    (kind, code): (Kind, Code),
    index: &Index<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<&'a Draft> {
    let name = node.text()?;
    let mut last = None;
    for cluster in &draft.clusters {
        last = index.get(cluster, kind, name);
        if last.is_none() {
            let known = index.of(cluster, kind).map(|draft| draft.name.as_str());
            found.push(unknown((kind, code), node, cluster, known));
        }
    }
    last
}

fn model_reference<'a>(draft: &'a Draft, reference: &'a Node, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(name) = reference.get("name") else {
        return;
    };
    let Some(model) = refer(draft, name, (Kind::Model, Code::UnknownModel), index, found) else {
        return;
    };
    if let Some(chosen) = reference.get("model") {
        let fault = chosen.text().and_then(model_name_fault);
        form(chosen, "a name for a model", Code::UnservableName, fault, found);
    }
    let catalogue = model.node.text_at(&["modelName"]) == Some("*");
    match (catalogue, reference.entry("model")) {
        (true, None) => {
            let message = format!("{} is a whole catalogue", model.called());
            let error = Diagnostic::error(Code::ModelChoice, message).at(name.span, "");
            found.push(error.hint("say which of its models with `model`"));
        }
        (false, Some(entry)) => {
            let message = format!("{} is one model, there is none to choose", model.called());
            let error = Diagnostic::error(Code::ModelChoice, message).at(entry.key, "");
            found.push(error.hint("leave `model` out"));
        }
        _ => {}
    }
}

/// With a URL, a tool is a server somewhere else.
fn tool_reference<'a>(draft: &'a Draft, reference: &'a Node, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    if let Some(url) = reference.get("url") {
        form(url, "a URL", Code::BadUrl, url.text().and_then(url_fault), found);
        header::check(draft, reference.items_of("headers"), index, found);
        return;
    }
    forbidden(reference, "headers", Code::ForbiddenKey, "`headers` go with `url` only", found);
    if let Some(name) = reference.get("name") {
        refer(draft, name, (Kind::Tool, Code::UnknownTool), index, found);
    }
}

fn ports(spec: &Node, found: &mut Vec<Diagnostic>) {
    let ports = spec.items_of("ports");
    let number = |port: &Node| port.get("port").and_then(Node::integer);
    let protocol = |port: &Node| port.text_at(&["protocol"]).unwrap_or("TCP").to_owned();
    let mut exposed = None;
    for (at, port) in ports.iter().enumerate() {
        let same = ports[..at].iter().find(|other| {
            number(other).is_some() && number(other) == number(port) && protocol(other) == protocol(port)
        });
        if let (Some(node), Some(first)) = (port.get("port"), same.and_then(|same| same.get("port"))) {
            let message = format!("port {} is there twice", node.shown());
            let error = Diagnostic::error(Code::DuplicatePort, message).at(node.span, "again here");
            found.push(error.also(first.span, "first here"));
        }
        let Some(expose) = port.get("expose").filter(|node| node.boolean() == Some(true)) else {
            continue;
        };
        if let Some(first) = exposed {
            let message = "an agent exposes one port at most";
            let error = Diagnostic::error(Code::DuplicatePort, message).at(expose.span, "second");
            found.push(error.also(first, "first"));
        }
        exposed = exposed.or(Some(expose.span));
    }
}

fn execution(spec: &Node, found: &mut Vec<Diagnostic>) {
    let empty = Node::new(crate::stack::tree::Value::Null, spec.span);
    let execution = spec.get("execution").unwrap_or(&empty);
    if let Some(schedule) = execution.get("schedule") {
        let fault = schedule.text().and_then(schedule_fault);
        form(schedule, "a schedule", Code::BadSchedule, fault, found);
    }
    if let Some(zone) = execution.get("timezone") {
        timezone(zone, found);
    }
    let task = match execution.text_at(&["mode"]) {
        Some("task") => true,
        None | Some("service") => false,
        // An unknown mode is reported as such.
        Some(_) => return,
    };
    if task {
        let mut refuse = |table: &Node, key: &str| {
            let message = format!("a task has no `{key}`");
            forbidden(table, key, Code::TaskRule, &message, found);
        };
        if !spec.items_of("ports").is_empty() {
            refuse(spec, "ports");
        }
        if let Some(deployment) = spec.get("deployment") {
            for key in ["replicas", "autoscaling"] {
                refuse(deployment, key);
            }
        }
    } else {
        for key in ["schedule", "activeDeadlineSeconds", "ttlSecondsAfterFinished", "retryLimit"] {
            let message = format!("`{key}` needs `mode` `task`");
            forbidden(execution, key, Code::TaskRule, &message, found);
        }
    }
    if execution.get("schedule").is_none() {
        for key in ["timezone", "concurrencyPolicy"] {
            let message = format!("`{key}` needs a `schedule`");
            forbidden(execution, key, Code::TaskRule, &message, found);
        }
    }
}
