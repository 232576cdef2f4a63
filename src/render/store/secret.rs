//! The password of the store: generated once on the way to the API server and never read back.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;

use crate::object::names::{GATEWAY_STORE, STORE_PASSWORD};
use crate::object::role::Role;
use crate::object::{Lifecycle, Manifest, SecretSource};
use crate::render::scope::Scope;

/// Its bytes: as many as SHA-256 has.
const BYTES: usize = 32;

pub(super) fn manifest(scope: &Scope<'_>) -> Manifest {
    let metadata = scope.meta(GATEWAY_STORE, Role::STORE);
    let secret = Secret { metadata, type_: Some("Opaque".to_owned()), ..Secret::default() };
    let mut manifest = scope.manifest(&secret);
    manifest.lifecycle = Lifecycle::CreateOnce;
    let password = SecretSource::Generate { prefix: "".into(), bytes: BYTES };
    manifest.secret = BTreeMap::from([(STORE_PASSWORD.to_owned(), password)]);
    manifest
}
