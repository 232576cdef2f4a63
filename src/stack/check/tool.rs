//! Rules of a tool: exactly one of an image, a program and a URL, and what goes with each.

use super::value::{image_fault, url_fault};
use super::{Index, deployment, forbidden, form, header, misspelt, network, sidecar};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::tree::Entry;

const FORMS: [&str; 3] = ["image", "stdio", "url"];

pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    forms(draft, found);
    transport(draft, found);
    if let Some(image) = spec.get("image") {
        form(image, "an image", Code::BadImage, image.text().and_then(image_fault), found);
    }
    if let Some(image) = spec.at(&["stdio", "image"]) {
        form(image, "an image", Code::BadImage, image.text().and_then(image_fault), found);
    }
    if let Some(url) = spec.get("url") {
        form(url, "a URL", Code::BadUrl, url.text().and_then(url_fault), found);
        let message = "a tool with `url` runs elsewhere, so there is nothing to deploy";
        forbidden(spec, "deployment", Code::ForbiddenKey, message, found);
        if sidecar::is_sidecar(draft) {
            forbidden(spec, "deploymentMode", Code::ForbiddenKey, message, found);
        }
        let message = "a tool with `url` runs elsewhere, so there are no pods to write rules for";
        forbidden(spec, "networkPolicies", Code::ForbiddenKey, message, found);
        header::check(draft, spec.items_of("headers"), index, found);
    } else {
        forbidden(spec, "headers", Code::ForbiddenKey, "`headers` go with `url` only", found);
        if sidecar::is_sidecar(draft) {
            sidecar::check(draft, found);
        }
    }
    name(draft, found);
    network::check(spec, found);
    if let Some(deployment) = spec.get("deployment") {
        deployment::check(deployment, found);
        deployment::secrets(draft, deployment, index, found);
    }
}

/// The name of a tool with pods of its own is that of a Service, too.
fn name(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let has_service = draft.node.get("url").is_none() && !sidecar::is_sidecar(draft);
    if has_service && draft.name.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!(
            "`{}` cannot be the name of this tool: it has a Service, whose name begins with a letter",
            draft.name
        );
        found.push(Diagnostic::error(Code::BadName, message).at(draft.named, ""));
    }
}

fn forms(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let entry = |key: &&'static str| Some((*key, draft.node.entry(key)?));
    let mut forms: Vec<(&str, &Entry)> = FORMS.iter().filter_map(entry).collect();
    forms.sort_by_key(|(_, entry)| entry.key);
    let called = draft.called();
    match forms.as_slice() {
        [] if FORMS.iter().any(|key| misspelt(&draft.node, key)) => {}
        [] => {
            let message = format!("{called} has neither `image`, `stdio` nor `url`");
            found.push(Diagnostic::error(Code::ToolForm, message).at(draft.named, ""));
        }
        [_] => {}
        [(first, one), (second, two), ..] => {
            let message = format!("{called} has one form, not both `{first}` and `{second}`");
            let error = Diagnostic::error(Code::ToolForm, message).at(two.key, "second form");
            found.push(error.also(one.key, "first form"));
        }
    }
}

fn transport(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    let transport = spec.get("transport");
    let spoken = transport.and_then(|node| node.text());
    match (spec.entry("stdio"), spec.get("url"), spoken) {
        (Some(stdio), _, spoken) if spoken != Some("stdio") => {
            let message = "`stdio` goes with `transport` `stdio` only";
            let place = transport.map_or(stdio.key, |node| node.span);
            let error = Diagnostic::error(Code::ToolForm, message).at(place, "");
            found.push(error.hint("set `transport` to `stdio`"));
        }
        (None, _, Some("stdio")) => {
            let message = "`transport` `stdio` needs a program";
            let place = transport.map_or(draft.named, |node| node.span);
            let error = Diagnostic::error(Code::ToolForm, message).at(place, "");
            found.push(error.hint("name it with `stdio.command`"));
        }
        (None, Some(_), Some("sse")) => {
            let message = "a tool with `url` is spoken to by `streamable-http`";
            let place = transport.map_or(draft.named, |node| node.span);
            found.push(Diagnostic::error(Code::ToolForm, message).at(place, ""));
        }
        _ => {}
    }
}
