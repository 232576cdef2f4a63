//! Where the keys of providers can get to: for each, which models call with it, to which hosts it is sent, which pods hold it,
//! and on a target whom its access control lets read it or run a pod that does. No value is read.

mod holders;
mod subjects;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::object::Manifest;
use crate::render::{ModelKey, Target, model_keys, render, wide_egress};
use crate::stack::Stack;

pub(crate) use target::add_target;

/// One key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct KeyExposure {
    /// The cluster, which is the namespace of the Secret.
    pub cluster: String,
    /// The Secret.
    pub secret: String,
    /// The key in it.
    pub key: String,
    /// The models that call with it.
    pub models: BTreeSet<String>,
    /// The hosts that it is sent to, with their ports.
    pub hosts: BTreeSet<String>,
    /// The ports on which the gateway may connect to everywhere: its policy alone would not keep the key from other hosts.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub open_ports: BTreeSet<i32>,
    /// What holds it: a workload and its container; on a target pods, too.
    pub holders: BTreeSet<String>,
    /// Whom the target lets get it, and how; nothing where no target was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects: Option<BTreeMap<String, BTreeSet<Way>>>,
}

/// How somebody gets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub(crate) enum Way {
    /// Reads the Secret.
    Reads,
    /// Runs a pod that names it, itself or by a workload.
    RunsPods,
    /// Gets into a pod that holds it.
    EntersPods,
}

/// The keys of all clusters of a stack, by cluster, Secret and key.
#[must_use]
pub(crate) fn key_exposure(stack: &Stack, target: &Target) -> Vec<KeyExposure> {
    let manifests = render(stack, target);
    let wide = wide_egress(stack, target);
    let mut all: BTreeMap<(String, String, String), KeyExposure> = BTreeMap::new();
    for cluster in stack.clusters.keys() {
        for ModelKey { model, secret, key, hosts } in model_keys(stack, target, cluster) {
            let open = wide.iter().filter(|one| one.cluster == *cluster).flat_map(|one| one.ports.iter().copied());
            let exposure = all.entry((cluster.clone(), secret.clone(), key.clone())).or_insert_with(|| KeyExposure {
                holders: holders(&manifests, cluster, &secret, &key),
                open_ports: open.collect(),
                cluster: cluster.clone(),
                secret,
                key,
                models: BTreeSet::new(),
                hosts: BTreeSet::new(),
                subjects: None,
            });
            exposure.models.insert(model);
            exposure.hosts.extend(hosts);
        }
    }
    all.into_values().collect()
}

/// The containers of the workloads of a namespace that hold a key.
fn holders(manifests: &[Manifest], namespace: &str, secret: &str, key: &str) -> BTreeSet<String> {
    let here = manifests.iter().filter(|manifest| manifest.reference.namespace.as_deref() == Some(namespace));
    here.flat_map(|manifest| {
        let object = manifest.object.to_value();
        let name = format!("{}/{}", manifest.reference.kind, manifest.reference.name);
        holders::containers(&object, secret, key).into_iter().map(move |container| format!("{name}, {container}"))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::render::needs;
    use crate::stack::{LoadRequest, load};

    #[test]
    fn a_key_goes_where_its_models_are_and_is_held_by_who_names_it() {
        let text = "stack = 's'\n[clusters.c]\n\
            [models.one]\nprovider = 'anthropic'\nmodelName = 'a'\napiKeySecretRef = { name = 'anthropic' }\n\
            [models.two]\nprovider = 'anthropic'\nmodelName = 'b'\napiKeySecretRef = { name = 'anthropic' }\n\
            [models.own]\nprovider = 'openai-compatible'\nmodelName = 'c'\nendpoint = 'http://llm.models.svc:8000'\n\
            apiKeySecretRef = { name = 'own', key = 'token' }\n\
            [agents.nosy]\nimage = 'a:1'\n\
            credentials = [{ name = 'K', valueFrom = { name = 'anthropic', key = 'api-key' } }]\n";
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        let stack = load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack;
        let all = key_exposure(&stack, &needs(&stack).assumed_target());
        let names = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>();
        assert_eq!(names(&all[0].models), ["one", "two"]);
        assert_eq!(names(&all[0].hosts), ["api.anthropic.com:443"]);
        assert_eq!(
            names(&all[0].holders),
            ["Deployment/gateway, container `gateway`", "Deployment/nosy, container `agent`"]
        );
        assert_eq!(all[0].open_ports, BTreeSet::from([443]));
        assert_eq!((all[1].secret.as_str(), all[1].key.as_str()), ("own", "token"));
        assert_eq!(names(&all[1].hosts), ["llm.models.svc:8000"]);
        assert!(all.iter().all(|one| one.subjects.is_none()));
    }
}
