//! Rules of one model: its provider and what that needs, its name, its parameters, its credentials.

use super::value::{duration_fault, model_name_fault};
use super::{Index, endpoint, form, key, misspelt, provider, secret_keys, secret_reference};
use crate::api::{CREDENTIAL_KEYS, SecretKeyRef};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::nearest;
use crate::stack::tree::Node;

/// What a provider needs, and the parameter of `LiteLLM` that may stand for it.
const NEEDS: [(&str, &str, Option<&str>); 7] = [
    ("openai-compatible", "endpoint", None),
    ("custom", "endpoint", None),
    ("azure", "endpoint", None),
    ("azure", "apiVersion", Some("api_version")),
    ("bedrock", "region", Some("aws_region_name")),
    ("vertex", "project", Some("vertex_project")),
    ("vertex", "location", Some("vertex_location")),
];

pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    choice(draft, found);
    needs(draft, found);
    name(draft, found);
    params(spec, found);
    if let Some(endpoint) = spec.get("endpoint") {
        endpoint::check(draft, endpoint, found);
    }
    if let Some(node) = spec.get("litellmProvider") {
        provider::check(draft, node, index, found);
    }
    key::check(draft, index, found);
    if let Some(timeout) = spec.get("timeout") {
        let fault = timeout.text().and_then(duration_fault);
        form(timeout, "a duration", Code::BadDuration, fault, found);
    }
    let api_key = spec.get("apiKeySecretRef");
    secret_reference(&draft.clusters, api_key, Some(SecretKeyRef::DEFAULT_KEY), index, found);
    secret_reference(&draft.clusters, spec.get("credentialsSecretRef"), None, index, found);
    if let Some(name) = spec.at(&["credentialsSecretRef", "name"]) {
        credentials(draft, name, index, found);
    }
}

fn choice(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let (one, other) = (draft.node.entry("provider"), draft.node.entry("litellmProvider"));
    match (one, other) {
        (Some(one), Some(other)) => {
            let message = format!("{} has two providers", draft.called());
            let error = Diagnostic::error(Code::ProviderChoice, message).at(other.key, "second").also(one.key, "first");
            found.push(error.hint("keep one of `provider` and `litellmProvider`"));
        }
        (None, None) if misspelt(&draft.node, "provider") => {}
        (None, None) => {
            let message = format!("{} has no provider", draft.called());
            let error = Diagnostic::error(Code::ProviderChoice, message).at(draft.named, "");
            found.push(error.hint("set `provider`, or `litellmProvider` to any other provider that LiteLLM knows"));
        }
        _ => {}
    }
    if let Some(one) = one
        && one.node.text() == Some("custom")
    {
        let message = "provider `custom` is the old name of `openai-compatible`";
        let warning = Diagnostic::warning(Code::DeprecatedProvider, message).at(one.node.span, "");
        found.push(warning.hint("write `openai-compatible`"));
    }
}

fn needs(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(node) = draft.node.get("provider") else {
        return;
    };
    let provider = node.text().unwrap_or_default();
    for (_, key, param) in NEEDS.iter().filter(|(name, ..)| *name == provider) {
        let by_param = param.is_some_and(|param| draft.node.at(&["params", param]).is_some());
        if draft.node.get(key).is_none() && !by_param && !misspelt(&draft.node, key) {
            let message = format!("{} needs `{key}`", draft.called());
            let error = Diagnostic::error(Code::ProviderNeeds, message);
            found.push(error.at(node.span, format!("`{provider}` has no default for it")));
        }
    }
}

fn name(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(node) = draft.node.get("modelName") else {
        return;
    };
    let name = node.text().unwrap_or_default();
    if name.contains('*') && name != "*" {
        let message = format!("`{}` is a pattern", node.shown());
        let error = Diagnostic::error(Code::PartialWildcard, message).at(node.span, "");
        found.push(error.hint("name one model, or the provider's whole catalogue with `*`"));
    }
    for name in std::iter::once(node).chain(draft.node.items_of("aliases")) {
        form(name, "a name for a model", Code::UnservableName, name.text().and_then(model_name_fault), found);
    }
    if name != "*" {
        return;
    }
    for key in ["aliases", "fallbacks"] {
        if !draft.node.items_of(key).is_empty() {
            let message = format!("a whole catalogue has no `{key}`");
            let error = Diagnostic::error(Code::ForbiddenKey, message).at(draft.place(key), "");
            found.push(error.also(node.span, "the whole catalogue"));
        }
    }
}

fn params(spec: &Node, found: &mut Vec<Diagnostic>) {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for (key, entry) in spec.get("params").into_iter().flat_map(Node::entries) {
        if !key.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') || !key.chars().all(legal) {
            let message = format!("`{key}` is not a parameter of LiteLLM");
            let error = Diagnostic::error(Code::BadParam, message).at(entry.key, "");
            found.push(error.hint("parameters are lower-case letters, digits and `_`, and begin with no digit"));
        }
    }
}

/// A whole Secret of credentials is known by the names of its keys.
fn credentials(draft: &Draft, name: &Node, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    for cluster in &draft.clusters {
        let Some((keys, named)) = secret_keys(cluster, name.text().unwrap_or_default(), index) else { continue };
        let known = |key: &String| CREDENTIAL_KEYS.iter().any(|(known, _)| known == key);
        let unknown: Vec<&str> = keys.iter().filter(|key| !known(key)).map(String::as_str).collect();
        if unknown.is_empty() {
            continue;
        }
        let message = format!("no credential is called `{}`, so that it is not used", unknown.join("`, `"));
        let diagnostic = if unknown.len() == keys.len() {
            Diagnostic::error(Code::UnknownSecretKey, message)
        } else {
            Diagnostic::warning(Code::UnknownSecretKey, message)
        };
        let near = nearest(unknown[0], CREDENTIAL_KEYS.iter().map(|(known, _)| *known));
        let hint = near.map(|near| format!("was `{near}` meant?"));
        let hint =
            hint.unwrap_or_else(|| "`AWS_ACCESS_KEY_ID`, `AZURE_CLIENT_ID`, `service-account.json` are".to_owned());
        let diagnostic = diagnostic.at(name.span, "").hint(hint);
        found.push(match named {
            Some(named) => diagnostic.also(named, "described here"),
            None => diagnostic,
        });
    }
}
