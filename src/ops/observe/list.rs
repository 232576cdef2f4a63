//! One metadata-only LIST per kind: everything this stack has on the server, without a spec or a Secret's
//! data being transferred.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, Meta, ObjectRef, labels};

/// Requests that are under way at once while looking.
pub(in crate::ops) const AT_ONCE: usize = 24;

/// Objects with the stack's label. Absence from here proves nothing: a kind may not be listable, a label lost.
pub(in crate::ops) type Listed = BTreeMap<ObjectRef, Meta>;

/// Lists every kind in `objects`, once: one LIST a kind, or one for each of its namespaces where the identity may not
/// list across them.
///
/// # Errors
/// The server does not answer at all. A kind that cannot be listed is no error: its objects are asked for one by one.
pub(in crate::ops) async fn list_all(
    reader: &Reader,
    stack: &str,
    objects: &BTreeSet<ObjectRef>,
) -> Result<Listed, ClusterError> {
    let mut listed = Listed::new();
    let mut namespaces: BTreeMap<GroupKind, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        namespaces.entry(object.group_kind()).or_default().extend(object.namespace.clone());
    }
    let mut served = Vec::new();
    for (kind, namespaces) in namespaces {
        // Of a kind that is not served there is nothing to list.
        if let Ok(resource) = reader.resource(&kind, None) {
            served.push((resource, namespaces));
        }
    }
    let lists =
        served.into_iter().map(async |(resource, namespaces)| list(reader, stack, &resource, &namespaces).await);
    let mut answers = stream::iter(lists).buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(metas) => listed.extend(metas.into_iter().map(|meta| (meta.reference.clone(), meta))),
            Err(error @ (ClusterError::Unreachable { .. } | ClusterError::Unauthorized(_))) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(listed)
}

async fn list(
    reader: &Reader,
    stack: &str,
    resource: &Resource,
    namespaces: &BTreeSet<String>,
) -> Result<Vec<Meta>, ClusterError> {
    // CRDs are shared by all stacks and carry the label of none.
    let selector = if resource.api.kind == "CustomResourceDefinition" {
        format!("{}={}", labels::MANAGED_BY, labels::MANAGED_BY_LANGOP)
    } else {
        format!("{}={stack}", labels::STACK)
    };
    match reader.list_metadata(resource, None, Some(&selector)).await {
        // The identity may not list across namespaces; it may in those that matter.
        Err(ClusterError::Forbidden(_)) if resource.namespaced => {
            let mut all = Vec::new();
            for namespace in namespaces {
                all.extend(reader.list_metadata(resource, Some(namespace), Some(&selector)).await?);
            }
            Ok(all)
        }
        answer => answer,
    }
}
