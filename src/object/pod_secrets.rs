//! Which keys of Secrets a pod cannot start without: those that it names, one by one. Knows no value, and nothing of what
//! is in a Secret that a pod takes as a whole.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field::{at, flag, items, text};

/// Name and key of each Secret's key that containers of this spec name in their environment, or that is mounted as a
/// file of its own, where it must be there.
pub(crate) fn secret_keys(spec: &Value) -> BTreeSet<(&str, &str)> {
    let containers = ["/initContainers", "/containers"].into_iter().flat_map(|list| items(spec, list));
    let variables = containers.flat_map(|container| items(container, "/env"));
    let variables = variables.filter_map(|variable| at(variable, "/valueFrom/secretKeyRef"));
    let variables = variables.filter(|source| is_required(source));
    let named = variables.filter_map(|source| Some((text(source, "/name")?, text(source, "/key")?)));
    let volumes = items(spec, "/volumes").iter();
    let sources = volumes.flat_map(|volume| {
        let projected = items(volume, "/projected/sources").iter().filter_map(|source| source.get("secret"));
        volume.get("secret").into_iter().chain(projected)
    });
    let files = sources.filter(|source| is_required(source)).flat_map(|source| {
        let name = text(source, "/secretName").or_else(|| text(source, "/name"));
        items(source, "/items").iter().filter_map(move |item| Some((name?, text(item, "/key")?)))
    });
    named.chain(files).collect()
}

fn is_required(source: &Value) -> bool {
    flag(source, "/optional") != Some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_named_in_the_environment_and_in_volumes() {
        let variable = |name: &str| json!({"valueFrom": {"secretKeyRef": {"name": name, "key": "k"}}});
        let spec = json!({
            "initContainers": [{"env": [variable("first")]}],
            "containers": [{"env": [variable("env"), {"name": "PLAIN", "value": "v"}],
                            "envFrom": [{"secretRef": {"name": "whole"}}]}],
            "volumes": [{"secret": {"secretName": "alone", "items": [{"key": "a", "path": "x"}]}},
                        {"secret": {"secretName": "all"}},
                        {"projected": {"sources": [{"secret": {"name": "part", "items": [{"key": "b", "path": "y"}]}}]}}],
        });
        let found = BTreeSet::from([("alone", "a"), ("env", "k"), ("first", "k"), ("part", "b")]);
        assert_eq!(secret_keys(&spec), found);
    }

    #[test]
    fn what_may_be_missing_is_not_needed() {
        let source = json!({"name": "s", "key": "k", "optional": true});
        let spec = json!({
            "containers": [{"env": [{"valueFrom": {"secretKeyRef": source}}]}],
            "volumes": [{"secret": {"secretName": "s", "optional": true, "items": [{"key": "k", "path": "p"}]}}],
        });
        assert_eq!(secret_keys(&spec), BTreeSet::new());
    }
}
