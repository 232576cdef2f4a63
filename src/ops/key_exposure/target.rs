//! What a target adds to where keys can get to: pods of others that hold one, and whom its access control lets get it. A
//! list a kind; what cannot be listed is an error, for an answer without it would be wrong.

use serde_json::Value;

use super::subjects::{AccessControl, subjects};
use super::{KeyExposure, holders};
use crate::cluster::Reader;
use crate::object::GroupKind;
use crate::object::field::{at, text};
use crate::ops::OpsError;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Looks on a target.
///
/// # Errors
/// Roles, bindings or pods cannot be listed.
pub(crate) async fn add_target(reader: &Reader, keys: &mut [KeyExposure]) -> Result<(), OpsError> {
    let control = AccessControl {
        cluster_roles: list(reader, RBAC, "ClusterRole", None).await?,
        cluster_bindings: list(reader, RBAC, "ClusterRoleBinding", None).await?,
        roles: list(reader, RBAC, "Role", None).await?,
        bindings: list(reader, RBAC, "RoleBinding", None).await?,
    };
    let mut pods: Option<(String, Vec<Value>)> = None;
    for exposure in keys {
        // They come by cluster.
        let here = match pods.take() {
            Some((cluster, pods)) if cluster == exposure.cluster => pods,
            _ => list(reader, "", "Pod", Some(&exposure.cluster)).await?,
        };
        // Those of a workload are told of with it.
        for pod in here.iter().filter(|pod| at(pod, "/metadata/ownerReferences/0").is_none()) {
            let found = holders::containers(pod, &exposure.secret, &exposure.key);
            let name = text(pod, "/metadata/name").unwrap_or_default();
            exposure.holders.extend(found.into_iter().map(|container| format!("Pod/{name}, {container}")));
        }
        exposure.subjects = Some(subjects(&control, &exposure.cluster, &exposure.secret));
        pods = Some((exposure.cluster.clone(), here));
    }
    Ok(())
}

async fn list(reader: &Reader, group: &str, kind: &str, namespace: Option<&str>) -> Result<Vec<Value>, OpsError> {
    let resource = reader.resource(&GroupKind::new(group, kind), None)?;
    Ok(reader.list(&resource, namespace, None).await?)
}
