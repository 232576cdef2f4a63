//! The `langop.io` objects themselves: their spec is what was written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::{API_VERSION, GROUP};
use crate::object::names::{AGENT_KIND, CLUSTER_KIND, MODEL_KIND, PERSONA_KIND, TEAM_KIND, TOOL_KIND};
use crate::object::role::Role;
use crate::object::{Manifest, ObjectRef};
use crate::render::scope::{Scope, owner};
use crate::stack::{Item, MemberKey, Stack};

/// A namespaced kind of `langop.io`.
pub(super) struct MemberKind {
    kind: &'static str,
    component: &'static str,
}

pub(super) const MODEL: MemberKind = MemberKind { kind: MODEL_KIND, component: "model" };
pub(super) const AGENT: MemberKind = MemberKind { kind: AGENT_KIND, component: "agent" };
pub(super) const TOOL: MemberKind = MemberKind { kind: TOOL_KIND, component: "tool" };
pub(super) const PERSONA: MemberKind = MemberKind { kind: PERSONA_KIND, component: "persona" };
pub(super) const TEAM: MemberKind = MemberKind { kind: TEAM_KIND, component: "team" };

/// The language cluster itself. A store or metrics that are empty mean much, and are to all comparisons as if they were not
/// there: so they say one of their defaults.
pub(super) fn cluster(scope: &Scope<'_>) -> Manifest {
    let reference = ObjectRef::cluster_scoped(GROUP, CLUSTER_KIND, scope.cluster);
    let labels = Role::of_cluster(scope.cluster, "cluster").labels(&scope.stack.name, scope.cluster);
    let mut manifest = as_written(reference, scope.item, labels);
    let is_empty = |field: &str| {
        manifest.object.pointer(&format!("/spec/gateway/{field}")).and_then(Value::as_object).is_none_or(Map::is_empty)
    };
    let store = scope.gateway.store.as_ref().map(|store| ("store", json!({ "onOutage": store.on_outage() })));
    let metrics = scope.gateway.metrics.as_ref().map(|metrics| ("metrics", json!({ "port": metrics.port() })));
    let said: Vec<_> = [store, metrics].into_iter().flatten().filter(|(field, _)| is_empty(field)).collect();
    if !said.is_empty() {
        let mut object = manifest.object.to_value();
        for (field, default) in said {
            object["spec"]["gateway"][field] = default;
        }
        manifest.object = object.into();
    }
    manifest
}

/// The objects of one kind.
pub(super) fn manifests<T>(stack: &Stack, kind: &MemberKind, items: &BTreeMap<MemberKey, Item<T>>) -> Vec<Manifest> {
    items.iter().map(|(key, item)| member(stack, kind, key, item)).collect()
}

fn member<T>(stack: &Stack, kind: &MemberKind, key: &MemberKey, item: &Item<T>) -> Manifest {
    let reference = ObjectRef::namespaced(GROUP, kind.kind, &key.cluster, &key.name);
    let role = Role { name: &key.name, component: kind.component, kind: kind.kind };
    let labels = role.labels(&stack.name, &key.cluster);
    let mut manifest = as_written(reference, item, labels);
    if stack.clusters.contains_key(&key.cluster) {
        manifest.owners = vec![owner(&key.cluster)];
    }
    manifest
}

fn as_written<T>(reference: ObjectRef, item: &Item<T>, labels: BTreeMap<String, String>) -> Manifest {
    let mut metadata = json!({ "name": reference.name });
    if let Some(namespace) = &reference.namespace {
        metadata["namespace"] = json!(namespace);
    }
    let mut all = item.labels.clone();
    all.extend(labels);
    metadata["labels"] = json!(all);
    if !item.annotations.is_empty() {
        metadata["annotations"] = json!(item.annotations);
    }
    let mut object = json!({"apiVersion": API_VERSION, "kind": reference.kind, "metadata": metadata});
    // An empty one is the default, and could not replace one that is not empty.
    if item.written.as_object().is_some_and(|spec| !spec.is_empty()) {
        object["spec"] = item.written.clone();
    }
    let mut manifest = Manifest::bare(reference, API_VERSION, object, item.address.clone());
    manifest.source = Some(item.source.clone());
    manifest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, manifest, rendered, stack};
    use crate::render::{Target, render};
    use crate::stack::MemberKey;

    #[test]
    fn a_spec_is_what_was_written_no_more() {
        let manifests = rendered("[clusters.c]\n[models.m]\nclusters = ['c']\nprovider = 'openai'\nmodelName = 'm'");
        let spec = field(&manifests, "LanguageModel", "m", "/spec");
        assert_eq!(*spec, json!({ "provider": "openai", "modelName": "m" }));
        assert!(manifest(&manifests, "LanguageCluster", "c").object.get("spec").is_none(), "an empty one is left out");
        assert_eq!(manifest(&manifests, "LanguageModel", "m").address.as_str(), "model.m");
    }

    #[test]
    fn an_empty_store_says_that_it_is_there() {
        let store = |text: &str| field(&rendered(text), "LanguageCluster", "c", "/spec/gateway/store").clone();
        assert_eq!(store("clusters.c.gateway.store = {}"), json!({ "onOutage": "limits-open" }));
        assert_eq!(store("clusters.c.gateway.store.size = '2Gi'"), json!({ "size": "2Gi" }));
    }

    #[test]
    fn a_model_goes_to_each_of_its_clusters() {
        let manifests = rendered(
            "[clusters.a]\n[clusters.b]\n[clusters.c]\n[models.m]\nclusters = ['a', 'c']\nmodelName = 'm'\nprovider = 'openai'",
        );
        let models = manifests.iter().filter(|one| one.reference.kind == "LanguageModel");
        let homes: Vec<_> = models.filter_map(|one| one.reference.namespace.as_deref()).collect();
        assert_eq!(homes, ["a", "c"]);
    }

    #[test]
    fn a_member_of_a_cluster_elsewhere_has_no_owner_here() {
        let mut stack = stack("[clusters.c]\n[personas.p]\ntone = 't'");
        let (_, item) = stack.personas.pop_first().unwrap();
        stack.personas.insert(MemberKey { cluster: "other".into(), name: "p".into() }, item);
        let manifests = render(&stack, &Target::default());
        assert!(manifest(&manifests, "LanguagePersona", "p").owners.is_empty());
    }

    #[test]
    fn labels_of_a_document_are_kept_but_langops_win() {
        let mut stack = stack("[clusters.c]");
        let item = stack.clusters.get_mut("c").unwrap();
        item.labels = [("team".into(), "a".into()), ("langop.io/stack".into(), "mine".into())].into();
        item.annotations = [("note".into(), "n".into())].into();
        let manifests = render(&stack, &Target::default());
        let meta = field(&manifests, "LanguageCluster", "c", "/metadata");
        assert_eq!((&meta["labels"]["team"], &meta["labels"]["langop.io/stack"]), (&json!("a"), &json!("test")));
        assert_eq!(meta["annotations"]["note"], "n");
    }
}
