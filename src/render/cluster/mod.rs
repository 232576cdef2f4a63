//! What stands in a cluster as it was written, and the namespace it stands in.

mod member;
mod namespace;
mod quota;
mod secret;

use std::sync::LazyLock;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Resource as _;

use crate::api;
use crate::object::{Address, Lifecycle, Manifest, ObjectRef};
use crate::stack::Stack;

use super::scope::Scope;

/// The definitions of the `langop.io` kinds, which all stacks share.
pub(super) fn definitions() -> impl Iterator<Item = Manifest> {
    // Generating the schemas takes longer than everything else together, and gives the same each time.
    static DEFINITIONS: LazyLock<Vec<Manifest>> = LazyLock::new(|| api::crds().iter().map(definition).collect());
    DEFINITIONS.iter().cloned()
}

fn definition(definition: &CustomResourceDefinition) -> Manifest {
    let name = definition.meta().name.clone().unwrap_or_default();
    let reference = ObjectRef::of_crd(&name);
    let address = Address::object(&reference);
    let object = serde_json::to_value(definition).unwrap_or_default();
    let mut manifest = Manifest::bare(reference, "apiextensions.k8s.io/v1", object, address);
    manifest.lifecycle = Lifecycle::Shared;
    manifest
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
