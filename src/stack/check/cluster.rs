//! Rules of a cluster: its domain, how its gateway is exposed, and what runs it.

use super::value::image_fault;
use super::{auth, config, deployment, forbidden, form, network};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::domain_fault;
use crate::stack::tree::Node;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    if let Some(domain) = spec.get("domain") {
        let fault = domain.text().and_then(|text| {
            let url = text.contains("://");
            let url = url.then_some("it is a URL; only its host belongs here");
            url.or_else(|| domain_fault(text))
        });
        form(domain, "a domain", Code::BadDomain, fault, found);
    }
    ingress(draft, found);
    network::check(spec, found);
    let Some(gateway) = spec.get("gateway") else {
        return;
    };
    if let Some(image) = gateway.get("image") {
        let fault = image.text().and_then(image_fault);
        form(image, "an image", Code::BadImage, fault, found);
    }
    if let Some(auth) = gateway.get("auth") {
        auth::check(auth, found);
    }
    if let Some(config) = gateway.get("config") {
        config::check(config, found);
    }
    network::check(gateway, found);
    if let Some(deployment) = gateway.get("deployment") {
        deployment::check(deployment, found);
    }
}

fn ingress(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let Some(ingress) = draft.node.get("ingress") else {
        return;
    };
    let enabled = ingress.entry("enabled").filter(|entry| entry.node.boolean() == Some(true));
    if let Some(enabled) = enabled
        && draft.node.get("domain").is_none()
    {
        let message = format!("{} exposes its gateway, but has no domain", draft.called());
        let error = Diagnostic::error(Code::IngressWithoutDomain, message);
        let error = error.at(enabled.node.span, "exposed here");
        found.push(error.hint("set `domain`; the gateway is then `gateway.<domain>`"));
    }
    if let Some(tls) = ingress.get("tls") {
        certificate(tls, found);
    }
}

fn certificate(tls: &Node, found: &mut Vec<Diagnostic>) {
    let mode = tls.text_at(&["mode"]);
    if mode == Some("secret") && tls.get("secretName").is_none() {
        let place = tls.get("mode").map_or(tls.span, |node| node.span);
        let message = "TLS from a Secret needs the Secret's name";
        let error = Diagnostic::error(Code::TlsWithoutSecret, message).at(place, "");
        found.push(error.hint("set `secretName`, or let cert-manager fill one with `mode = \"auto\"`"));
    }
    if mode.is_some_and(|mode| mode != "auto") {
        let message = "an issuer is asked for with `mode` `auto` only";
        forbidden(tls, "issuerRef", Code::ForbiddenKey, message, found);
    }
}
