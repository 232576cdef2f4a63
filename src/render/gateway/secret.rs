//! The gateway's own secrets, generated once on the way to the API server and never read back.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;

use crate::object::names::{GATEWAY_AUTH, HMAC_SECRET, MASTER_KEY};
use crate::object::role::Role;
use crate::object::{Lifecycle, Manifest, SecretSource, labels};
use crate::render::scope::Scope;

/// Bytes of each: as many as SHA-256 has.
const BYTES: usize = 32;
/// How the administrator's key begins. `LiteLLM` hides keys of this form alone where it publishes who called.
const MASTER_KEY_PREFIX: &str = "sk-";

pub(super) fn manifest(scope: &Scope<'_>) -> Manifest {
    let mut metadata = scope.meta(GATEWAY_AUTH, Role::GATEWAY);
    let form = (labels::KEY_FORM.to_owned(), labels::KEY_FORM_SK.to_owned());
    metadata.annotations.get_or_insert_default().extend([form]);
    let secret = Secret { metadata, type_: Some("Opaque".to_owned()), ..Secret::default() };
    let mut manifest = scope.manifest(&secret);
    manifest.lifecycle = Lifecycle::CreateOnce;
    manifest.secret = BTreeMap::from([
        (HMAC_SECRET.to_owned(), SecretSource::Generate { prefix: "".into(), bytes: BYTES }),
        (MASTER_KEY.to_owned(), SecretSource::Generate { prefix: MASTER_KEY_PREFIX.into(), bytes: BYTES }),
    ]);
    manifest
}
