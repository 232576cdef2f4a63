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

    /// Deletes what is left of them and is not going yet; the workload itself, once its pods are gone. Whether that was sent:
    /// what this identity may not see is left to the garbage collector. One LIST for each kind, shared with the other
    /// workloads of the namespace, and two requests for each object that has pods.
    pub(super) async fn delete(&mut self) -> Result<bool, ClusterError> {
        let Some(namespace) = self.going.object.namespace.as_deref().filter(|_| !self.kinds.is_empty()) else {
            return Ok(false);
        };
        let (mut owners, mut pods) = (Vec::new(), 0);
        for resource in self.kinds.clone() {
            let listed = match self.looks.in_namespace(&resource, namespace).await {
                Err(ClusterError::Forbidden(_)) => return Ok(false),
                listed => listed?,
            };
            for meta in listed.iter().filter(|meta| goes_with(meta, &self.family)).collect::<Vec<_>>() {
                self.family.insert(meta.uid.clone());
                let propagation = if meta.reference.is("", "Pod") {
                    pods += 1;
                    Propagation::Background
                } else {
                    owners.push((resource.clone(), meta.clone()));
                    // It stays as long as its pods do: without it nobody knows whose they are.
                    Propagation::Foreground
                };
                if !meta.terminating && self.sent.insert(meta.uid.clone()) {
                    self.send(Going { resource: &resource, object: &meta.reference, uid: &meta.uid }, propagation)
                        .await?;
                }
            }
        }
        if pods > 0 {
            return Ok(false);
        }
        // A second request that asks for nothing of the garbage collector takes `foregroundDeletion` off.
        for (resource, meta) in &owners {
            let owner = Going { resource, object: &meta.reference, uid: &meta.uid };
            self.send(owner, Propagation::Background).await?;
        }
        self.send(self.going, Propagation::Background).await?;
        Ok(true)
    }

    async fn send(&self, going: Going<'_>, propagation: Propagation) -> Result<(), ClusterError> {
        let _turn = self.looks.turn().await;
        match self.writer.delete(going.resource, going.object, going.uid, propagation).await {
            // Someone made it again, or this identity may not: what is left, the garbage collector deletes.
            Ok(_) | Err(ClusterError::Conflict(_) | ClusterError::Forbidden(_)) => Ok(()),
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
