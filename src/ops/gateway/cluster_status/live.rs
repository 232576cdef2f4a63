//! What is read for the status of clusters. One LIST a kind for all clusters of the stack; where the identity may not
//! list across namespaces, one GET for each.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::apply::{Outcome, Run};
use crate::cluster::{ClusterError, Writer};
use crate::object::names::GATEWAY;
use crate::object::{GroupKind, Meta, ObjectRef, labels, role};
use crate::quota::counted_objects;

use super::Ended;
use super::capacity::{self, Usage, Workload};

/// Live objects of the clusters of a stack.
pub(super) struct Live<'a> {
    writer: &'a Writer,
    objects: BTreeMap<ObjectRef, Value>,
}

impl<'a> Live<'a> {
    /// The clusters, their gateways and their quotas.
    pub(super) async fn read(writer: &'a Writer, stack: &str, clusters: &[&ObjectRef]) -> Result<Self, ClusterError> {
        let named = |of: fn(&str) -> ObjectRef| clusters.iter().map(|cluster| of(&cluster.name)).collect::<Vec<_>>();
        let (gateways, quotas) = (named(role::gateway_deployment), named(role::quota));
        let clusters: Vec<_> = clusters.iter().map(|cluster| (*cluster).clone()).collect();
        let of_stack = format!("{}={stack}", labels::STACK);
        let of_gateways = format!("{of_stack},{}={GATEWAY}", labels::KIND);
        let (clusters, gateways, quotas) = tokio::try_join!(
            list(writer, &of_stack, clusters),
            list(writer, &of_gateways, gateways),
            list(writer, &of_stack, quotas),
        )?;
        Ok(Self { writer, objects: clusters.into_iter().chain(gateways).chain(quotas).collect() })
    }

    pub(super) fn cluster(&self, cluster: &ObjectRef) -> Option<&Value> {
        self.objects.get(cluster)
    }

    pub(super) fn gateway(&self, cluster: &str) -> Option<&Value> {
        self.objects.get(&role::gateway_deployment(cluster))
    }

    pub(super) fn quota(&self, cluster: &str) -> Option<&Value> {
        self.objects.get(&role::quota(cluster))
    }

    /// What keeps pods in a namespace. One GET for each object whose number of pods stands on the live one alone.
    pub(super) async fn workloads<'b>(
        &self,
        ended: &[Ended<'b>],
        namespace: &str,
    ) -> Result<Vec<Workload<'b>>, ClusterError> {
        let mut workloads = Vec::new();
        for one in ended.iter().filter(|one| one.is_in(namespace) && one.is_there()) {
            let (object, desired) = (&one.change.object, &one.change.desired);
            let Some(workload) = Workload::new(object, desired) else { continue };
            workloads.push(match (workload.pods, self.objects.get(object)) {
                (Some(_), _) => workload,
                (None, Some(live)) => workload.counted(Some(live)),
                (None, None) => workload.counted(self.writer.find(object).await?.as_ref()),
            });
        }
        Ok(workloads)
    }

    /// What the quota of a namespace cannot say yet. Its controller counts new kinds after half a minute, what was
    /// deleted some seconds later, and pods until they are gone: where it is late, the objects are counted, by one LIST
    /// for each kind, and for pods where it counts other amounts than the workloads of the stack keep.
    pub(super) async fn usage(
        &self,
        namespace: &str,
        workloads: &[Workload<'_>],
        run: &Run,
    ) -> Result<Usage, ClusterError> {
        let mut usage = Usage::default();
        let Some(quota) = self.quota(namespace) else { return Ok(usage) };
        if capacity::needs_pods(quota, workloads) {
            let resource = self.writer.resource(&GroupKind::new("", "Pod"), None)?;
            usage.pods = Some(self.writer.list(&resource, Some(namespace), None).await?);
        }
        let (deleted, resources) = (deleted(run, namespace), self.writer.resources());
        for key in capacity::keys(quota) {
            let Some(objects) = counted_objects(key) else { continue };
            let Some(resource) = resources.listable().find(|resource| resource.qualified() == objects) else {
                continue;
            };
            if capacity::is_counted(quota, key) && !deleted.contains(&resource.group_kind()) {
                continue;
            }
            let count = self.writer.list_metadata(resource, Some(namespace), None).await?.len();
            usage.counts.insert(key.to_owned(), count);
        }
        Ok(usage)
    }
}

/// Kinds of which a run deleted objects in a namespace.
fn deleted(run: &Run, namespace: &str) -> Vec<GroupKind> {
    let here = run.outcomes.iter().filter(|(object, ..)| object.namespace.as_deref() == Some(namespace));
    here.filter(|(_, _, outcome)| *outcome == Outcome::Deleted).map(|(object, ..)| object.group_kind()).collect()
}

/// These objects, all of one kind, as far as they are there.
async fn list(
    writer: &Writer,
    selector: &str,
    wanted: Vec<ObjectRef>,
) -> Result<BTreeMap<ObjectRef, Value>, ClusterError> {
    let Some(kind) = wanted.first().map(ObjectRef::group_kind) else { return Ok(BTreeMap::new()) };
    let resource = writer.resource(&kind, None)?;
    let listed = match writer.list(&resource, None, Some(selector)).await {
        Ok(listed) => listed,
        Err(ClusterError::Forbidden(_)) => return get(writer, wanted).await,
        Err(error) => return Err(error),
    };
    let named = listed.into_iter().filter_map(|object| {
        let meta = Meta::from_object(&kind.group, &kind.kind, &object)?;
        Some((meta.reference, object))
    });
    Ok(named.filter(|(object, _)| wanted.contains(object)).collect())
}

async fn get(writer: &Writer, wanted: Vec<ObjectRef>) -> Result<BTreeMap<ObjectRef, Value>, ClusterError> {
    let mut found = BTreeMap::new();
    for object in wanted {
        if let Some(live) = writer.find(&object).await? {
            found.insert(object, live);
        }
    }
    Ok(found)
}
