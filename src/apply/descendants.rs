//! Ends what a workload runs, beside the garbage collector, which takes forty requests a second at most
//! (kube-controller-manager, `--kube-api-qps`): minutes, where a stack of many workloads goes.
//!
//! The workload itself stays until its pods are gone, held by its `foregroundDeletion` finalizer: whoever is killed
//! meanwhile, or may not do this, leaves the rest to the garbage collector. It must not be known here when that is asked.

use std::collections::BTreeSet;

use super::going::Going;
use super::looks::Looks;
use crate::cluster::{ClusterError, Propagation, Resource, Writer};
use crate::object::{GroupKind, Meta, ObjectRef};

/// What a workload that is being deleted owns, directly or not.
pub(super) struct Descendants<'a> {
    writer: &'a Writer,
    looks: &'a Looks,
    going: Going<'a>,
    /// Who sees to them: controllers first, then pods.
    kinds: Vec<Resource>,
    /// uids of the workload and of all that was seen to be its.
    family: BTreeSet<String>,
    sent: BTreeSet<String>,
}

/// How many of them are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Some,
    None,
    /// This identity may not see or delete them: the garbage collector does.
    Unknown,
}

impl<'a> Descendants<'a> {
    pub(super) fn new(writer: &'a Writer, looks: &'a Looks, going: Going<'a>) -> Self {
        let kinds = owned_kinds(going.object).into_iter().map(|kind| writer.resource(&kind, None));
        Self {
            writer,
            looks,
            going,
            kinds: kinds.collect::<Result<_, _>>().unwrap_or_default(),
            family: BTreeSet::from([going.uid.to_owned()]),
            sent: BTreeSet::new(),
        }
    }

    /// Deletes what is left of them and is not going yet; the workload, once nothing is. One LIST for each kind, shared
    /// with the other workloads of the namespace, and one request for each object.
    pub(super) async fn delete(&mut self) -> Result<Left, ClusterError> {
        let Some(namespace) = self.going.object.namespace.as_deref().filter(|_| !self.kinds.is_empty()) else {
            return Ok(Left::Unknown);
        };
        let mut left = Left::None;
        for resource in self.kinds.clone() {
            let listed = match self.looks.in_namespace(&resource, namespace).await {
                Err(ClusterError::Forbidden(_)) => return Ok(Left::Unknown),
                listed => listed?,
            };
            let theirs: Vec<_> = listed.iter().filter(|meta| goes_with(meta, &self.family)).collect();
            self.family.extend(theirs.iter().map(|meta| meta.uid.clone()));
            for meta in theirs {
                left = Left::Some;
                if (meta.reference.kind != "Pod" || !meta.terminating) && self.sent.insert(meta.uid.clone()) {
                    match self.send(&resource, &meta.reference, &meta.uid).await {
                        Err(ClusterError::Forbidden(_)) => return Ok(Left::Unknown),
                        sent => sent?,
                    }
                }
            }
        }
        if left == Left::None {
            let Going { resource, object, uid } = self.going;
            self.send(resource, object, uid).await?;
        }
        Ok(left)
    }

    /// Background: what it owns is seen to here. The second such request takes `foregroundDeletion` off.
    async fn send(&self, resource: &Resource, object: &ObjectRef, uid: &str) -> Result<(), ClusterError> {
        let _turn = self.looks.turn().await;
        match self.writer.delete(resource, object, uid, Propagation::Background).await {
            // Someone made it again, or it is held: the next look tells.
            Ok(_) | Err(ClusterError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Kinds of what a workload owns, owners first.
fn owned_kinds(object: &ObjectRef) -> Vec<GroupKind> {
    let pod = GroupKind::new("", "Pod");
    match (object.group.as_str(), object.kind.as_str()) {
        ("apps", "Deployment") => vec![GroupKind::new("apps", "ReplicaSet"), pod],
        ("batch", "CronJob") => vec![GroupKind::new("batch", "Job"), pod],
        ("", "Pod") => Vec::new(),
        _ => vec![pod],
    }
}

/// Whether an object goes when these do: it has owners, and all of them are of the family.
fn goes_with(meta: &Meta, family: &BTreeSet<String>) -> bool {
    !meta.owners.is_empty() && meta.owners.iter().all(|owner| family.contains(&owner.uid))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_someone_else_owns_too_stays() {
        let owned_by = |uids: &[&str]| {
            let owners: Vec<_> =
                uids.iter().map(|uid| json!({"uid": uid, "kind": "ReplicaSet", "name": "x"})).collect();
            Meta::from_object("", "Pod", &json!({"metadata": {"name": "p", "uid": "p", "ownerReferences": owners}}))
                .unwrap()
        };
        let family = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        assert!(goes_with(&owned_by(&["a"]), &family) && goes_with(&owned_by(&["a", "b"]), &family));
        assert!(!goes_with(&owned_by(&["a", "other"]), &family) && !goes_with(&owned_by(&[]), &family));
    }
}
