//! What stands in a cluster as it was written, and the namespace it stands in.

mod member;
mod namespace;
mod quota;
mod secret;

use crate::api;
use crate::object::field::text;
use crate::object::{Address, Lifecycle, Manifest, ObjectRef, SharedValue};
use crate::stack::Stack;

use super::scope::Scope;

/// The definitions of the `langop.io` kinds, which all stacks share.
pub(crate) fn definitions() -> impl Iterator<Item = Manifest> {
    api::crds().iter().map(definition)
}

fn definition(definition: &SharedValue) -> Manifest {
    let reference = ObjectRef::of_crd(text(definition, "/metadata/name").unwrap_or_default());
    let address = Address::object(&reference);
    let mut manifest = Manifest::bare(reference, "apiextensions.k8s.io/v1", definition.clone(), address);
    manifest.lifecycle = Lifecycle::Shared;
    manifest
}

/// The language cluster, its namespace and its limits.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let mut manifests = vec![member::cluster(scope), namespace::manifest(scope)];
    manifests.extend(quota::manifest(scope));
    manifests
}

/// Models, agents, tools, personas, teams and secrets, in whatever clusters they are.
pub(super) fn members(stack: &Stack) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    manifests.extend(member::manifests(stack, &member::MODEL, &stack.models));
    manifests.extend(member::manifests(stack, &member::AGENT, &stack.agents));
    manifests.extend(member::manifests(stack, &member::TOOL, &stack.tools));
    manifests.extend(member::manifests(stack, &member::PERSONA, &stack.personas));
    manifests.extend(member::manifests(stack, &member::TEAM, &stack.teams));
    manifests.extend(secret::manifests(stack));
    manifests
}
