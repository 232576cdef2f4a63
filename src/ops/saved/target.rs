//! Which cluster this is: by the uid of a namespace that every cluster has and no one deletes, and by its URL.

use sha2::{Digest as _, Sha256};

use crate::cluster::{ClusterError, Reader};
use crate::object::{ObjectRef, hex};
use crate::plan::saved::TargetId;

/// The identity of the cluster. One request; an identity that may not read the namespace is left with the URL.
///
/// # Errors
/// The server does not answer.
pub(crate) async fn target_id(reader: &Reader) -> Result<TargetId, ClusterError> {
    let namespace = ObjectRef::of_namespace("kube-system");
    let resource = reader.resource(&namespace.group_kind(), None)?;
    let cluster_id = match reader.metadata(&resource, &namespace).await {
        Ok(found) => found.map(|meta| meta.uid),
        Err(ClusterError::Forbidden(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(TargetId { server: hex(&Sha256::digest(reader.server())), cluster_id })
}
