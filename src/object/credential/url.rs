//! Credentials in URLs: behind the scheme, in the query, and addresses that are a credential as a whole.

use super::name::{is_credential_parameter, is_reference};
use super::random::{has_known_prefix, is_random};

/// Beginnings of addresses that let in whoever knows them.
const WEBHOOKS: [&str; 8] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.zapier.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "outlook.office.com/webhook/",
    "chat.googleapis.com/v1/spaces/",
    "api.telegram.org/bot",
];

/// A URL, cut where a reader would.
struct Url<'a> {
    /// `user:password` or a user alone.
    userinfo: Option<&'a str>,
    host: &'a str,
    /// Host, path and query.
    rest: &'a str,
    query: &'a str,
}

/// The URLs of a text.
fn urls(text: &str) -> impl Iterator<Item = Url<'_>> {
    text.match_indices("://").map(|(at, scheme)| {
        let rest = &text[at + scheme.len()..];
        let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ',');
        // `?` and `#` end an authority, but people put passwords into URLs as they are.
        let authority = rest.split('/').next().unwrap_or_default();
        let (userinfo, start) = match authority.rsplit_once('@') {
            Some((userinfo, _)) if !userinfo.contains(char::is_whitespace) => (Some(userinfo), userinfo.len() + 1),
            _ => (None, 0),
        };
        let rest = rest[start..].split(end).next().unwrap_or_default();
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        Url { userinfo, host, rest, query }
    })
}

/// Whether a URL in the text carries a password, a token, or is one.
pub(super) fn holds_credential(text: &str) -> bool {
    urls(text).any(|url| {
        let webhook = WEBHOOKS.iter().any(|start| url.rest.len() > start.len() && url.rest.starts_with(start));
        let office = url.host.ends_with(".webhook.office.com") && url.rest.len() > url.host.len() + 1;
        webhook || office || url.userinfo.is_some_and(has_password) || has_token(url.query)
    })
}

fn has_password(userinfo: &str) -> bool {
    let written = |text: &str| !text.is_empty() && !is_reference(text);
    match userinfo.split_once(':') {
        Some((user, password)) => written(password) || is_random(user),
        // `git@`, `postgres@`: a user alone is no secret, unless nobody can be called so.
        None => has_known_prefix(userinfo) || is_random(userinfo),
    }
}

fn has_token(query: &str) -> bool {
    query
        .split(['&', ';'])
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, value)| is_credential_parameter(name) && !value.is_empty() && !is_reference(value))
}

/// Whether the whole text is the URL of something in the cluster, without a credential in it.
pub(super) fn is_internal(text: &str) -> bool {
    let web = text.starts_with("http://") || text.starts_with("https://");
    let internal = |host: &str| !host.contains('.') || host.split('.').skip(1).any(|part| part == "svc");
    web && urls(text).next().is_some_and(|url| url.userinfo.is_none() && internal(url.host))
}
