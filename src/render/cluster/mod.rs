//! What stands in a cluster as it was written, and the namespace it stands in.

mod member;
mod namespace;
mod quota;
mod secret;

use kube::Resource as _;

use crate::api;
use crate::object::{Address, Lifecycle, Manifest, ObjectRef, labels};
use crate::stack::Stack;

use super::scope::{Scope, bare};

/// The number of the definitions' schema, one more with every change of it: a plan never replaces
/// definitions by those of a lower number.
const SCHEMA: u32 = 1;

/// The definitions of the `langop.io` kinds, which all stacks share.
pub(super) fn definitions() -> impl Iterator<Item = Manifest> {
    api::crds().into_iter().map(|mut definition| {
        definition.meta_mut().annotations.get_or_insert_default().insert(labels::SCHEMA.to_owned(), SCHEMA.to_string());
        let name = definition.meta().name.clone().unwrap_or_default();
        let kind = "CustomResourceDefinition";
        let reference = ObjectRef::cluster_scoped("apiextensions.k8s.io", kind, &name);
        let address = Address::object(&reference);
        let object = serde_json::to_value(&definition).unwrap_or_default();
        let mut manifest = bare(reference, "apiextensions.k8s.io/v1", object, address);
        manifest.lifecycle = Lifecycle::Shared;
        manifest
    })
}

/// The language cluster, its namespace and its limits.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let mut manifests = vec![member::cluster(scope), namespace::manifest(scope)];
    manifests.extend(quota::manifest(scope));
    manifests
}

/// Models, agents, tools, personas and secrets, in whatever clusters they are.
pub(super) fn members(stack: &Stack) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    manifests.extend(member::manifests(stack, &member::MODEL, &stack.models));
    manifests.extend(member::manifests(stack, &member::AGENT, &stack.agents));
    manifests.extend(member::manifests(stack, &member::TOOL, &stack.tools));
    manifests.extend(member::manifests(stack, &member::PERSONA, &stack.personas));
    manifests.extend(secret::manifests(stack));
    manifests
}
