//! Rules of a gateway's store: what is for one that langop runs, what is for one that is there already, and what says the
//! same in another place.

use super::value::image_fault;
use super::{Index, forbidden, form, secret_reference};
use crate::api::StoreSecretRef;
use crate::object::names::GATEWAY_STORE;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::{Entry, Node};

/// What is said of a store that langop runs.
const OWN: [&str; 4] = ["image", "size", "storageClassName", "resources"];
/// What is said of one that is there already.
const EXISTING: [&str; 4] = ["port", "tls", "username", "secretRef"];
/// Settings of the cache that say where it is and how to get in.
const PLACE: [&str; 9] =
    ["type", "host", "port", "url", "username", "password", "ssl", "redis_startup_nodes", "sentinel_nodes"];

pub(super) fn check(cluster: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(store) = cluster.node.at(&["gateway", "store"]) else { return };
    match store.get("host") {
        Some(host) => existing(cluster, (store, host), index, found),
        None => own(cluster, store, index, found),
    }
    let Some(config) = cluster.node.at(&["gateway", "config"]) else { return };
    without_cache(config, found);
    for place in places(config) {
        let message = "`gateway.config` names a Redis, and `gateway.store` another one";
        let error = Diagnostic::error(Code::ConfigOverride, message).at(place.key, "");
        found.push(error.hint("leave it to `gateway.store`, whose `host` may name a Redis that is there already"));
    }
}

fn existing(cluster: &Draft, (store, host): (&Node, &Node), index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let fault = host.text().and_then(|text| {
        let is_url = text.contains("://") || text.contains('/');
        is_url.then_some("it is a URL; write its host here, and the rest as `port`, `tls`, `username` and `secretRef`")
    });
    form(host, "a host", Code::BadDomain, fault, found);
    for key in OWN {
        let message = format!("`{key}` is for a store that langop runs, which has no `host`");
        forbidden(store, key, Code::ForbiddenKey, &message, found);
    }
    secret_reference(
        std::slice::from_ref(&cluster.name),
        store.get("secretRef"),
        Some(StoreSecretRef::DEFAULT_KEY),
        index,
        found,
    );
}

fn own(cluster: &Draft, store: &Node, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    for key in EXISTING {
        let message = format!("`{key}` is for a store that is there already, and needs its `host`");
        forbidden(store, key, Code::ForbiddenKey, &message, found);
    }
    if let Some(image) = store.get("image") {
        form(image, "an image", Code::BadImage, image.text().and_then(image_fault), found);
    }
    for kind in [Kind::Agent, Kind::Tool, Kind::Secret] {
        let Some(draft) = index.get(&cluster.name, kind, GATEWAY_STORE) else { continue };
        let message = format!("{} cannot be called so: the store of the gateway has this name", draft.called());
        let error = Diagnostic::error(Code::ReservedName, message).at(draft.named, "");
        found.push(error.also(store.span, "the store").hint("choose another name"));
    }
}

/// The cache is what agents' calls and budgets are counted by: no answer is kept in it.
fn without_cache(config: &Node, found: &mut Vec<Diagnostic>) {
    let Some(cache) = config.at(&["litellm_settings", "cache"]) else { return };
    if cache.boolean() == Some(false) {
        let message = "`gateway.store` counts by LiteLLM's cache, which is off here";
        let error = Diagnostic::error(Code::ConfigOverride, message).at(cache.span, "");
        found.push(error.hint("leave it out: beside a store, no answer is cached unless `cache_params` says so"));
    }
}

/// Where the configuration says which Redis it is.
fn places(config: &Node) -> Vec<&Entry> {
    let router = config.get("router_settings").into_iter().flat_map(Node::entries);
    let router = router.filter(|(key, _)| key.starts_with("redis_"));
    let cache = config.at(&["litellm_settings", "cache_params"]).into_iter().flat_map(Node::entries);
    let cache = cache.filter(|(key, _)| PLACE.contains(key));
    router.chain(cache).map(|(_, entry)| entry).collect()
}
