//! The deployments of `model_list`: what each is called, and its parameters, those of a named credential among them.

use std::collections::BTreeMap;

use super::collected::Collected;
use super::label::label;
use super::provider::{Upstream, upstream};
use crate::stack::diagnostic::Span;
use crate::stack::{Entry, Node};

/// One entry of `model_list` that can be described.
pub(super) struct Deployment<'a> {
    /// The name that callers use, which several deployments may share.
    pub group: &'a str,
    /// Where it is: `model_list[3]`.
    pub path: String,
    pub span: Span,
    /// Its parameters.
    pub params: BTreeMap<&'a str, &'a Entry>,
    /// All of it.
    pub node: &'a Node,
    /// Who serves it, and as what.
    pub upstream: Upstream,
}

impl Deployment<'_> {
    /// Whether it is a provider's whole catalogue.
    pub(super) fn is_catalogue(&self) -> bool {
        self.upstream.name == "*"
    }

    /// The name that a catalogue is called by, before the slash.
    pub(super) fn catalogue(&self) -> Option<&str> {
        self.group.strip_suffix("/*").filter(|_| self.is_catalogue())
    }
}

/// The deployments in the order of the file. Those that cannot be described are remarked.
pub(super) fn deployments<'a>(root: &'a Node, collected: &mut Collected<'_>) -> Vec<Deployment<'a>> {
    let entries = root.items_of("model_list").iter().enumerate();
    let mut all: Vec<Deployment<'a>> = Vec::new();
    for (index, node) in entries {
        let path = format!("model_list[{index}]");
        match deployment(root, node, &path, collected) {
            Ok(found) if found.is_catalogue() && all.iter().any(|other| other.group == found.group) => {
                collected.remark(node.span, &path, "is not carried: a catalogue of that name is described already");
            }
            Ok(found) => all.push(found),
            Err(reason) => collected.remark(node.span, &path, format!("is not carried: {reason}")),
        }
    }
    all
}

fn deployment<'a>(
    root: &'a Node,
    node: &'a Node,
    path: &str,
    collected: &mut Collected<'_>,
) -> Result<Deployment<'a>, String> {
    let group = node.text_at(&["model_name"]).ok_or("it has no `model_name`")?;
    let own = node.get("litellm_params").ok_or("it has no `litellm_params`")?;
    let mut params: BTreeMap<&str, &Entry> = BTreeMap::new();
    if let Some(name) = own.text_at(&["litellm_credential_name"]) {
        let named = root.items_of("credential_list").iter().find(|one| one.text_at(&["credential_name"]) == Some(name));
        let values = named.and_then(|one| one.get("credential_values"));
        let values = values.ok_or_else(|| format!("`credential_list` has no `{name}`"))?;
        params.extend(values.entries());
    }
    params.extend(own.entries().filter(|(key, _)| *key != "litellm_credential_name"));
    let text = |key: &str| params.get(key).and_then(|entry| entry.node.text());
    let model = text("model").ok_or("it has no `litellm_params.model`")?;
    let upstream = upstream(model, text("custom_llm_provider"))?;
    callable(group, &upstream)?;
    let name = group.strip_suffix("/*").unwrap_or(group);
    if upstream.name == "*" && label(name) != name {
        let message = format!("is called `{}/MODEL`, since no name in langop is `{name}`", label(name));
        collected.remark(node.span, &format!("{path}.model_name"), message);
    }
    Ok(Deployment { group, path: path.to_owned(), span: node.span, params, node, upstream })
}

/// Whether callers can use a name, and a description can say it.
fn callable(group: &str, upstream: &Upstream) -> Result<(), &'static str> {
    let pattern = group.contains('*') || upstream.name.contains('*');
    let catalogue = upstream.name == "*" && group.strip_suffix("/*").is_some_and(|name| !name.contains(['*', '/']));
    match () {
        () if group == "*" => Err("a model named `*` takes every call to a name that is not served"),
        () if pattern && !catalogue => Err("a pattern of names can only be a provider's whole catalogue, `NAME/*`"),
        () if group.contains(char::is_whitespace) || group.contains(',') => Err("no call can name it"),
        () if group.is_empty() || group.len() > 253 => Err("no call can name it"),
        () => Ok(()),
    }
}
