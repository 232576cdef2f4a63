//! Rules of traces and callbacks: where they go, with what the gateway gets in, and that nobody sends prompts unawares.

use super::value::url_fault;
use super::{Index, form, misspelt, secret_reference};
use crate::api::{HeadersSecretRef, LangfuseCallback, SecretKeyRef};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::domain_fault;
use crate::stack::tree::{Entry, Node};

pub(super) fn check(cluster: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(gateway) = cluster.node.get("gateway") else { return };
    let clusters = std::slice::from_ref(&cluster.name);
    if let Some(traces) = gateway.get("traces") {
        url(traces.get("otlp"), found);
        let key = Some(HeadersSecretRef::DEFAULT_KEY);
        secret_reference(clusters, traces.get("headersSecretRef"), key, index, found);
    }
    let Some(callbacks) = gateway.get("callbacks") else { return };
    if let Some(entry) = callbacks.entry("langfuse") {
        let langfuse = &entry.node;
        url(langfuse.get("host"), found);
        for key in [LangfuseCallback::PUBLIC_KEY, LangfuseCallback::SECRET_KEY] {
            secret_reference(clusters, langfuse.get("secretRef"), Some(key), index, found);
        }
        said(entry, "Langfuse", found);
    }
    if let Some(entry) = callbacks.entry("datadog") {
        let datadog = &entry.node;
        if let Some(site) = datadog.get("site") {
            form(site, "a site of Datadog", Code::BadDomain, site.text().and_then(domain_fault), found);
        }
        let key = Some(SecretKeyRef::DEFAULT_KEY);
        secret_reference(clusters, datadog.get("apiKeySecretRef"), key, index, found);
        said(entry, "Datadog", found);
    }
}

fn url(node: Option<&Node>, found: &mut Vec<Diagnostic>) {
    if let Some(node) = node {
        form(node, "a URL", Code::BadUrl, node.text().and_then(url_fault), found);
    }
}

fn said(callback: &Entry, product: &str, found: &mut Vec<Diagnostic>) {
    let (place, what) = match callback.node.get("contents") {
        Some(contents) if contents.boolean() == Some(false) => (contents.span, "`contents` says that it does not"),
        None if !misspelt(&callback.node, "contents") => (callback.key, "`contents` does not say so"),
        _ => return,
    };
    let message = format!("{product} gets what is asked and answered, and {what}");
    let error = Diagnostic::error(Code::UnsaidContents, message).at(place, "");
    found.push(error.hint("say `contents = true`; `gateway.traces` tells of calls without a word of them"));
}
