//! The hard limits of a cluster's namespace: one key of the quota for each field that is set.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ResourceQuota, ResourceQuotaSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::api::Capacity;
use crate::object::Manifest;
use crate::object::field::escape;
use crate::object::names::QUOTA;
use crate::object::role::Role;
use crate::render::scope::Scope;

/// The quota; nothing when nothing is limited.
pub(super) fn manifest(scope: &Scope<'_>) -> Option<Manifest> {
    let hard = hard(scope.spec().capacity.as_ref()?);
    if hard.is_empty() {
        return None;
    }
    let role = Role::of_cluster(scope.cluster, "capacity");
    let quota = ResourceQuota {
        metadata: scope.meta(QUOTA, role),
        spec: Some(ResourceQuotaSpec { hard: Some(hard), ..ResourceQuotaSpec::default() }),
        ..ResourceQuota::default()
    };
    let mut manifest = scope.manifest(&quota);
    let place = |(key, field): (&str, &'static str)| (format!("/spec/hard/{}", escape(key)), field);
    scope.places(&mut manifest, FIELDS.map(place));
    Some(manifest)
}

/// Keys of the quota, and the fields that they are written in.
const FIELDS: [(&str, &str); 6] = [
    ("count/languageagents.langop.io", "capacity.maxAgents"),
    ("count/languagemodels.langop.io", "capacity.maxModels"),
    ("count/languagetools.langop.io", "capacity.maxTools"),
    ("count/languagepersonas.langop.io", "capacity.maxPersonas"),
    ("limits.cpu", "capacity.maxCPU"),
    ("limits.memory", "capacity.maxMemory"),
];

fn hard(capacity: &Capacity) -> BTreeMap<String, Quantity> {
    let count = |kind: &str, most: Option<i32>| {
        most.map(|most| (format!("count/{kind}.langop.io"), Quantity(most.to_string())))
    };
    let sum = |resource: &str, most: &Option<Quantity>| most.clone().map(|most| (format!("limits.{resource}"), most));
    [
        count("languageagents", capacity.max_agents),
        count("languagemodels", capacity.max_models),
        count("languagetools", capacity.max_tools),
        count("languagepersonas", capacity.max_personas),
        sum("cpu", &capacity.max_cpu),
        sum("memory", &capacity.max_memory),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_one_key_and_none_is_no_key() {
        let capacity = Capacity { max_agents: Some(0), max_cpu: Some(Quantity("16".into())), ..Capacity::default() };
        let keys: Vec<_> = hard(&capacity).into_iter().map(|(key, most)| (key, most.0)).collect();
        let expected = [("count/languageagents.langop.io", "0"), ("limits.cpu", "16")];
        assert_eq!(keys, expected.map(|(key, most)| (key.to_owned(), most.to_owned())));
        assert!(super::hard(&Capacity::default()).is_empty());
    }
}
