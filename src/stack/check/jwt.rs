//! Rules of the tokens that a gateway takes: where the keys are that sign them, and whether anybody could use one.

use super::value::url_fault;
use super::{Index, form, secret_reference};
use crate::api::JwksSecretRef;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(auth) = cluster.node.at(&["gateway", "auth"]) else { return };
    let Some(jwt) = auth.entry("jwt") else { return };
    if let Some(open) = auth.get("enabled").filter(|node| node.boolean() == Some(false)) {
        let message = "`jwt` says whose tokens are taken, and this gateway asks nobody";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(jwt.key, "");
        found.push(error.also(open.span, "nobody is asked"));
    }
    let (url, secret) = (jwt.node.entry("jwksUrl"), jwt.node.entry("jwksSecretRef"));
    let source = match (url, secret) {
        (Some(url), Some(_)) => Some(("`jwksUrl` and `jwksSecretRef` say the same", url.key)),
        (None, None) => Some(("nothing says where the keys are that sign the tokens", jwt.key)),
        _ => None,
    };
    if let Some((message, place)) = source {
        let error = Diagnostic::error(Code::KeySetSource, message).at(place, "");
        found.push(error.hint("write one of `jwksUrl = \"https://…\"` and `jwksSecretRef = { name = \"…\" }`"));
    }
    if let Some(url) = url.map(|entry| &entry.node) {
        let fault = url.text().and_then(|text| {
            let is_plain = text.starts_with("http://");
            is_plain.then_some("keys that come unencrypted could be anybody's; it must be `https`").or(url_fault(text))
        });
        form(url, "the URL of a key set", Code::BadUrl, fault, found);
    }
    let reference = secret.map(|entry| &entry.node);
    secret_reference(std::slice::from_ref(&cluster.name), reference, Some(JwksSecretRef::DEFAULT_KEY), index, found);
    if index.of(&cluster.name, Kind::Team).next().is_none() {
        let message = format!("callers with a token are members of a team, and {} has none", cluster.called());
        let warning = Diagnostic::warning(Code::EmptyTeam, message).at(jwt.key, "nobody can use it");
        found.push(warning.hint("describe one: `[teams.NAME]`"));
    }
}
