//! The ingress controller, as a peer.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;

use crate::render::scope::Scope;

use super::peer::{elsewhere, namespace};

/// The ingress controller: its namespace, or any when the cluster names none.
pub(super) fn controller(scope: &Scope<'_>) -> NetworkPolicyPeer {
    let settings = scope.spec().ingress.as_ref();
    let named = settings.and_then(|ingress| ingress.controller_namespace.as_deref()).map(namespace);
    elsewhere(named.unwrap_or_default(), None)
}
