//! What the cluster's components said of the objects of a language cluster. Reads only.

mod belonging;
mod said;

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::OpsError;
use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, Meta};

use belonging::Belonging;

pub(crate) use said::ClusterEvent;

/// What keeps pods, and these: of a pod that is gone, their names tell whose it was.
const KEEPERS: [(&str, &str); 5] =
    [("", "Pod"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("batch", "CronJob"), ("batch", "Job")];

/// The events of a cluster's namespace without those that are proved to be about objects of others; the same ones are put
/// together, and the newest is the last. One LIST of events, and one of each kind that they are about.
///
/// # Errors
/// The API server does not answer, or this identity may not list events.
pub(crate) async fn cluster_events(reader: &Reader, cluster: &str) -> Result<Vec<ClusterEvent>, OpsError> {
    let events = reader.list(&reader.resource(&GroupKind::new("", "Event"), None)?, Some(cluster), None).await?;
    let mut events = said::together(&events);
    if events.is_empty() {
        return Ok(events);
    }
    let mut kinds: BTreeSet<_> = events.iter().map(|event| event.object.group_kind()).collect();
    kinds.extend(KEEPERS.map(|(group, kind)| GroupKind::new(group, kind)));
    // Who may list Secrets may read all of them: nobody needs that right for this.
    kinds.remove(&GroupKind::new("", "Secret"));
    let lists = kinds.into_iter().map(async |kind| list(reader, kind, cluster).await);
    let lists: Vec<_> = stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
    let belonging = Belonging::new(lists.into_iter().flatten());
    events.retain(|event| !belonging.is_of_others(&event.object));
    Ok(events)
}

/// The objects of a kind; none where they are not known, of which nothing is proved then.
async fn list(
    reader: &Reader,
    kind: GroupKind,
    namespace: &str,
) -> Result<Option<(GroupKind, Vec<Meta>)>, ClusterError> {
    let Ok(resource) = reader.resource(&kind, None) else { return Ok(None) };
    if !resource.namespaced || !resource.listable {
        return Ok(None);
    }
    match reader.list_metadata(&resource, Some(namespace), None).await {
        Ok(metas) => Ok(Some((kind, metas))),
        Err(ClusterError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
