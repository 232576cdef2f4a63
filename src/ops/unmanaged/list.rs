//! LISTs of metadata of many kinds, and which of them could not be had. What cannot be listed is not known, which is
//! not the same as not there.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, Meta, ObjectRef, is_custom_group};
use crate::ops::observe::AT_ONCE;

/// How often a kind is asked for that discovery has and the server does not find: a CRD may just come or go.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// What is there, and what is not known.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) metas: Vec<Meta>,
    pub(super) unlisted: Vec<Unlisted>,
}

/// A kind that could not be listed, and why.
#[derive(Debug)]
pub(super) struct Unlisted {
    pub(super) kind: GroupKind,
    pub(super) error: ClusterError,
}

/// Lists these kinds in a namespace, or in all: one LIST a kind.
///
/// # Errors
/// The server does not answer, or does not know who asks.
pub(super) async fn list(
    reader: &Reader,
    resources: Vec<Resource>,
    namespace: Option<&str>,
) -> Result<Listing, ClusterError> {
    let lists = resources.into_iter().map(async |resource| {
        let answer = list_one(reader, &resource, namespace).await;
        (resource.group_kind(), answer)
    });
    let mut answers = stream::iter(lists).buffer_unordered(AT_ONCE);
    let mut listing = Listing::default();
    while let Some((kind, answer)) = answers.next().await {
        match answer {
            Ok(metas) => listing.metas.extend(metas),
            Err(error) if is_fatal(&error) => return Err(error),
            Err(error) => listing.unlisted.push(Unlisted { kind, error }),
        }
    }
    Ok(listing)
}

/// Errors after which nothing more can be found out.
pub(super) fn is_fatal(error: &ClusterError) -> bool {
    matches!(error, ClusterError::Unreachable { .. } | ClusterError::Unauthorized(_) | ClusterError::Config(_))
}

async fn list_one(reader: &Reader, resource: &Resource, namespace: Option<&str>) -> Result<Vec<Meta>, ClusterError> {
    let mut answer = reader.list_metadata(resource, namespace, None).await;
    for _ in 1..TRIES {
        if !matches!(answer, Err(ClusterError::NotFound(_) | ClusterError::Rejected { code: 404, .. })) {
            break;
        }
        if is_gone(reader, resource).await? {
            return Ok(Vec::new());
        }
        tokio::time::sleep(PAUSE).await;
        answer = reader.list_metadata(resource, namespace, None).await;
    }
    answer
}

/// Whether nothing defines the kind any more, so that its objects are gone with it.
async fn is_gone(reader: &Reader, resource: &Resource) -> Result<bool, ClusterError> {
    let group = &resource.api.group;
    if !is_custom_group(group) {
        return Ok(false);
    }
    let crd = ObjectRef::of_crd(&resource.qualified());
    if reader.find(&crd).await?.is_some() {
        return Ok(false);
    }
    let service = format!("{}.{group}", resource.api.version);
    let service = reader.find(&ObjectRef::cluster_scoped("apiregistration.k8s.io", "APIService", &service)).await?;
    // An APIService without a Service stands for the API server itself and its CRDs.
    Ok(service.is_none_or(|service| service.pointer("/spec/service").is_none_or(serde_json::Value::is_null)))
}
