//! Rules of what runs an agent: names that its objects can have, its workspace, its variables and its exposure.

use std::collections::BTreeMap;

use super::value::image_fault;
use super::{Index, forbidden, form};
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::Draft;
use crate::stack::tree::Node;

/// The longest name of a `CronJob`: the names of its runs are eleven characters longer (Kubernetes, *`CronJob`*).
const CRON_JOB: usize = 52;
/// The longest value of a variable that Linux starts a program with (`MAX_ARG_STRLEN`), less its name.
const VARIABLE: usize = 131_072 - "AGENT_INSTRUCTIONS=".len() - 1;
/// What a `ConfigMap` holds, in bytes (Kubernetes, *`ConfigMaps`*), less its metadata.
const CONFIG_MAP: usize = 1_000_000;
/// Paths of the pod that langop mounts itself.
const MOUNTED: [&str; 3] = ["/", "/tmp", "/etc/agent"];
/// Variables that langop sets.
const OWN: [&str; 8] = [
    "AGENT_NAME",
    "AGENT_NAMESPACE",
    "AGENT_CLUSTER_NAME",
    "MODEL_ENDPOINT",
    "MODEL_API_KEY",
    "LLM_MODEL",
    "MCP_SERVERS",
    "AGENT_INSTRUCTIONS",
];

pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    name(draft, found);
    exposure(draft, index, found);
    credentials(&draft.node, found);
    if let Some(instructions) = draft.node.get("instructions") {
        let long = instructions.text().is_some_and(|text| text.len() > VARIABLE);
        let message = format!("instructions of more than {VARIABLE} bytes fit into no variable");
        let error = Diagnostic::error(Code::OutOfRange, message).at(instructions.span, "");
        found.extend(long.then(|| error.hint("put what is long into a file of the workspace, with `initialFiles`")));
    }
    if let Some(workspace) = draft.node.get("workspace") {
        self::workspace(workspace, found);
    }
    shared(&draft.node, found);
}

fn is_task(spec: &Node) -> bool {
    spec.text_at(&["execution", "mode"]) == Some("task")
}

/// The name is that of a Service or of a `CronJob`, too.
fn name(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let scheduled = draft.node.at(&["execution", "schedule"]).is_some();
    let fault = if scheduled && draft.name.len() > CRON_JOB {
        Some(format!("a task with a schedule is a CronJob, whose name has {CRON_JOB} characters at most"))
    } else if !is_task(&draft.node) && draft.name.starts_with(|c: char| c.is_ascii_digit()) {
        Some("a service has a Service, whose name begins with a letter".to_owned())
    } else {
        None
    };
    if let Some(fault) = fault {
        let message = format!("`{}` cannot be the name of this agent: {fault}", draft.name);
        found.push(Diagnostic::error(Code::BadName, message).at(draft.named, ""));
    }
}

/// A port that is to be reached from outside needs a host, a protocol that an Ingress speaks, and a known controller.
fn exposure(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let ports = draft.node.items_of("ports").iter();
    let exposed =
        ports.filter_map(|port| Some((port, port.get("expose").filter(|node| node.boolean() == Some(true))?)));
    for (port, expose) in exposed {
        if let Some(protocol) = port.get("protocol").filter(|node| node.text().is_some_and(|text| text != "TCP")) {
            let message = format!("an Ingress reaches no port of {}", protocol.shown());
            let error = Diagnostic::error(Code::ForbiddenKey, message).at(expose.span, "exposed here");
            found.push(error.also(protocol.span, "its protocol"));
        }
        for cluster in &draft.clusters {
            let Some(settings) = index.cluster(cluster).map(|cluster| &cluster.node) else { continue };
            found.extend(reached(draft, expose.span, cluster, settings));
        }
    }
}

fn reached(draft: &Draft, exposed: Span, cluster: &str, settings: &Node) -> Option<Diagnostic> {
    let called = draft.called();
    if settings.get("domain").is_none() {
        let message = format!("{called} exposes a port, and cluster `{cluster}` has no domain: nobody reaches it");
        let warning = Diagnostic::warning(Code::IngressWithoutDomain, message).at(exposed, "exposed here");
        let hint = format!("set `domain` of the cluster; the agent is then `{}.<domain>`", draft.name);
        return Some(warning.hint(hint));
    }
    if settings.at(&["ingress", "controllerNamespace"]).is_some() {
        return None;
    }
    let message = format!("pods of every namespace may connect to the exposed port of {called}");
    let warning = Diagnostic::warning(Code::OpenAgent, message).at(exposed, "exposed here");
    Some(
        warning
            .hint(format!("name the ingress controller's with `ingress.controllerNamespace` of cluster `{cluster}`")),
    )
}

/// A variable has one value, and a generated one a Secret of its own, named after it.
fn credentials(spec: &Node, found: &mut Vec<Diagnostic>) {
    let mut secrets: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for credential in spec.items_of("credentials") {
        let Some((node, name)) = credential.get("name").and_then(|node| Some((node, node.text()?))) else { continue };
        if OWN.contains(&name) {
            let message = format!("variable `{name}` is set by langop");
            found.push(Diagnostic::error(Code::ReservedName, message).at(node.span, "").hint("choose another name"));
        }
        if credential.get("valueFrom").is_some() {
            continue;
        }
        let secret = name.to_ascii_lowercase().replace('_', "-").trim_matches('-').to_owned();
        if let Some((first, span)) = secrets.get(&secret).filter(|(first, _)| *first != name) {
            let message = format!("the values of `{first}` and `{name}` would be in one Secret");
            let error = Diagnostic::error(Code::NameClash, message).at(node.span, "");
            found.push(error.also(*span, "the other").hint("rename one of the two"));
        }
        secrets.entry(secret).or_insert((name, node.span));
    }
}

fn workspace(workspace: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(image) = workspace.get("seedImage") {
        form(image, "an image", Code::BadImage, image.text().and_then(image_fault), found);
    }
    if let Some(path) = workspace.get("mountPath") {
        let fault = path.text().and_then(|text| {
            let bare = text.trim_end_matches('/');
            let bare = if bare.is_empty() { "/" } else { bare };
            MOUNTED.contains(&bare).then_some("langop mounts something else there")
        });
        form(path, "a place for a workspace", Code::BadPath, fault, found);
    }
    if workspace.get("enabled").and_then(Node::boolean) == Some(false) {
        forbidden(workspace, "initialFiles", Code::ForbiddenKey, "there is no workspace to put files into", found);
    }
    if let Some(files) = workspace.get("initialFiles") {
        initial_files(files, found);
    }
}

fn initial_files(files: &Node, found: &mut Vec<Diagnostic>) {
    let mut bytes = 0;
    let paths: Vec<&str> = files.entries().map(|(path, _)| path).collect();
    for (path, entry) in files.entries() {
        bytes += entry.node.text().map_or(0, str::len);
        let is_directory = paths.iter().any(|other| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
        let fault = if is_directory { Some("another file is in it, as in a directory") } else { path_fault(path) };
        if let Some(fault) = fault {
            let shown: String = path.chars().filter(|c| !c.is_control()).take(80).collect();
            let message = format!("`{shown}` is not the path of a file in the workspace: {fault}");
            found.push(Diagnostic::error(Code::BadPath, message).at(entry.key, ""));
        }
    }
    if bytes > CONFIG_MAP {
        let message = format!("initial files have {CONFIG_MAP} bytes at most together, and these have {bytes}");
        let error = Diagnostic::error(Code::OutOfRange, message).at(files.span, "");
        found.push(error.hint("let the agent fetch what is large, or build it into its image"));
    }
}

/// What is wrong with a path below the workspace.
fn path_fault(path: &str) -> Option<&'static str> {
    if path.starts_with('/') {
        return Some("it begins at the workspace, without `/`");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("it leaves the workspace, or has an empty part");
    }
    if path.contains(char::is_control) {
        return Some("it has a control character");
    }
    (path.split('/').next() == Some(".langop")).then_some("langop keeps there what it has put")
}

/// Most volumes are mounted by one node: pods on others never start.
fn shared(spec: &Node, found: &mut Vec<Diagnostic>) {
    let mode = spec.text_at(&["workspace", "accessMode"]).unwrap_or("ReadWriteOnce");
    let enabled = spec.at(&["workspace", "enabled"]).and_then(Node::boolean) != Some(false);
    if is_task(spec) || !enabled || mode != "ReadWriteOnce" {
        return;
    }
    let number = |path: &[&str]| spec.at(path).filter(|node| node.integer().is_some_and(|count| count > 1));
    let several = number(&["deployment", "replicas"]).or(number(&["deployment", "autoscaling", "maxReplicas"]));
    if let Some(several) = several {
        let message = "one node mounts the workspace: pods that come to another wait for it in vain";
        let warning = Diagnostic::warning(Code::SharedWorkspace, message).at(several.span, "several pods");
        found.push(warning.hint(
            "`workspace.accessMode = \"ReadWriteMany\"` is for storage that several nodes mount; \
             `workspace.enabled = false` is for agents that keep nothing",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_workspace() {
        for good in ["a", "a/b.md", "a b/..c", ".config/x", "ü", "a-$(x)"] {
            assert_eq!(path_fault(good), None, "{good}");
        }
        for bad in ["", "/a", "..", "a/../b", "a//b", "a/", ".", "./a", ".langop", ".langop/x", "a\nb"] {
            assert!(path_fault(bad).is_some(), "{bad}");
        }
    }
}
