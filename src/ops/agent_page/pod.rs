//! What the pods of an agent hold: the Secrets behind their variables, their directories, the limits of one.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::object::Manifest;
use crate::object::field::{items, text, text_map};
use crate::object::pod_template::pod_template;
use crate::object::role::{Part, part};
use crate::stack::MemberKey;

/// A key of a Secret that a pod holds.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub(crate) struct PageKey {
    /// The variable with its value; none when all keys of the Secret are variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The Secret.
    pub secret: String,
    /// The key; none when all of them are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The container that holds it.
    pub container: String,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub keys: Vec<PageKey>,
    pub limits: BTreeMap<String, String>,
    pub files: BTreeMap<String, String>,
}

/// What the pods of an agent hold.
pub(super) fn read(manifests: &[Manifest], agent: &MemberKey) -> Found {
    let is_of_agent = |manifest: &&Manifest| {
        manifest.reference.namespace.as_deref() == Some(agent.cluster.as_str())
            && part(&text_map(&manifest.object, "/metadata/labels")) == Some(Part::Agent(&agent.name))
    };
    let template = manifests.iter().filter(is_of_agent).find_map(|manifest| pod_template(&manifest.object));
    let Some(template) = template else { return Found::default() };
    let containers = || items(template.spec, "/containers").iter().chain(items(template.spec, "/initContainers"));
    let mut keys: Vec<_> = containers().flat_map(keys).collect();
    keys.sort();
    let first = items(template.spec, "/containers").first();
    let limits = first.map(|first| text_map(first, "/resources/limits")).unwrap_or_default();
    let mounts = first.map(|first| items(first, "/volumeMounts")).unwrap_or_default().iter();
    let files = mounts.filter_map(|mount| {
        let name = text(mount, "/name")?;
        let volume = items(template.spec, "/volumes").iter().find(|volume| text(volume, "/name") == Some(name))?;
        Some((text(mount, "/mountPath")?.to_owned(), content(volume, manifests, agent)))
    });
    Found { keys, limits, files: files.collect() }
}

fn keys(container: &Value) -> Vec<PageKey> {
    let own = || text(container, "/name").unwrap_or_default().to_owned();
    let single = items(container, "/env").iter().filter_map(|variable| {
        let source = variable.pointer("/valueFrom/secretKeyRef")?;
        let key = text(source, "/key").map(str::to_owned);
        let variable = text(variable, "/name").map(str::to_owned);
        Some(PageKey { variable, secret: text(source, "/name")?.to_owned(), key, container: own() })
    });
    let whole = items(container, "/envFrom").iter().filter_map(|source| {
        let secret = text(source, "/secretRef/name")?.to_owned();
        Some(PageKey { variable: None, secret, key: None, container: own() })
    });
    single.chain(whole).collect()
}

/// What is in a volume, in words.
fn content(volume: &Value, manifests: &[Manifest], agent: &MemberKey) -> String {
    if let Some(name) = text(volume, "/configMap/name") {
        let map = manifests.iter().find(|one| {
            one.reference.is("", "ConfigMap")
                && one.reference.name == name
                && one.reference.namespace.as_deref() == Some(agent.cluster.as_str())
        });
        let files = map.map(|map| text_map(&map.object, "/data")).unwrap_or_default();
        return files.into_keys().collect::<Vec<_>>().join(", ");
    }
    if let Some(claim) = text(volume, "/persistentVolumeClaim/claimName") {
        return format!("volume `{claim}`, which outlives pods");
    }
    if volume.get("emptyDir").is_some() {
        return "empty at each start".to_owned();
    }
    "a volume of the description".to_owned()
}
