//! Services that rules name. Policies see pods and their ports, not Services and theirs, so a peer that names a
//! Service must be looked up.

use crate::api::{NetworkPeer, PeerForm};
use crate::render::endpoint::backend;
use crate::render::scope::Scope;
use crate::render::target::{Backend, ServiceName};

/// The Service that a peer names.
pub(super) fn named(peer: &NetworkPeer, cluster: &str) -> Option<ServiceName> {
    let Some(PeerForm::Service(service)) = peer.form() else {
        return None;
    };
    let namespace = service.namespace.as_deref().unwrap_or(cluster).to_owned();
    Some(ServiceName { namespace, name: service.name.clone() })
}

/// What is behind a Service; nothing when nobody knows.
pub(super) fn resolve(scope: &Scope<'_>, name: &ServiceName) -> Option<Backend> {
    backend(scope.stack, scope.target, name)
}
