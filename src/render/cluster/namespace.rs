//! The namespace of a cluster. The cluster controls it, so that deleting the one deletes the other.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::Manifest;
use crate::object::role::Role;
use crate::render::scope::Scope;

pub(super) fn manifest(scope: &Scope<'_>) -> Manifest {
    let role = Role::of_cluster(scope.cluster, "namespace");
    let namespace = Namespace {
        metadata: ObjectMeta { namespace: None, ..scope.meta(scope.cluster, role) },
        ..Namespace::default()
    };
    let mut manifest = scope.manifest(&namespace);
    for owner in &mut manifest.owners {
        owner.controller = true;
    }
    manifest
}
