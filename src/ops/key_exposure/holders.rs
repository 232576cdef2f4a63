//! Which containers of a pod hold a key of a Secret: in their environment, or in a volume that they mount. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::field::{items, text};
use crate::object::pod_template::pod_template;

/// Lists of containers in the spec of a pod.
const CONTAINERS: [&str; 3] = ["/initContainers", "/containers", "/ephemeralContainers"];

/// The containers of what an object runs that hold a key: "container `gateway`".
pub(super) fn containers(object: &Value, secret: &str, key: &str) -> BTreeSet<String> {
    let Some(template) = pod_template(object) else { return BTreeSet::new() };
    let volumes = items(template.spec, "/volumes").iter().filter(|volume| is_of(volume, secret, key));
    let volumes: BTreeSet<&str> = volumes.filter_map(|volume| text(volume, "/name")).collect();
    let all = CONTAINERS.into_iter().flat_map(|list| items(template.spec, list));
    let holds = all.filter(|container| {
        let mounts = items(container, "/volumeMounts").iter().filter_map(|mount| text(mount, "/name"));
        names(container, secret, key) || mounts.into_iter().any(|name| volumes.contains(name))
    });
    holds.filter_map(|container| Some(format!("container `{}`", text(container, "/name")?))).collect()
}

/// Whether the environment of a container has the key.
fn names(container: &Value, secret: &str, key: &str) -> bool {
    let one = items(container, "/env").iter().any(|variable| {
        text(variable, "/valueFrom/secretKeyRef/name") == Some(secret)
            && text(variable, "/valueFrom/secretKeyRef/key") == Some(key)
    });
    one || items(container, "/envFrom").iter().any(|source| text(source, "/secretRef/name") == Some(secret))
}

/// Whether a volume has the key: one that names no keys has all.
fn is_of(volume: &Value, secret: &str, key: &str) -> bool {
    let projected = items(volume, "/projected/sources").iter().filter_map(|source| source.get("secret"));
    volume.get("secret").into_iter().chain(projected).any(|source| {
        let name = text(source, "/secretName").or_else(|| text(source, "/name"));
        let keys = items(source, "/items");
        name == Some(secret) && (keys.is_empty() || keys.iter().any(|item| text(item, "/key") == Some(key)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_held_by_its_name_with_all_keys_and_in_volumes() {
        let pod = json!({ "kind": "Pod", "spec": {
            "initContainers": [{ "name": "all", "envFrom": [{ "secretRef": { "name": "s" } }] }],
            "containers": [
                { "name": "one", "env": [{ "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } }] },
                { "name": "other", "env": [{ "valueFrom": { "secretKeyRef": { "name": "s", "key": "x" } } }] },
                { "name": "mounts", "volumeMounts": [{ "name": "v" }] },
                { "name": "mounts-other", "volumeMounts": [{ "name": "w" }] },
            ],
            "volumes": [
                { "name": "v", "projected": { "sources": [{ "secret": { "name": "s" } }] } },
                { "name": "w", "secret": { "secretName": "s", "items": [{ "key": "x", "path": "x" }] } },
            ],
        } });
        let wanted = ["container `all`", "container `mounts`", "container `one`"];
        assert_eq!(containers(&pod, "s", "k").into_iter().collect::<Vec<_>>(), wanted);
        assert_eq!(containers(&pod, "t", "k"), BTreeSet::new());
    }
}
