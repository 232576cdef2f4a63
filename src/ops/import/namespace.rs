//! A namespace as manifests: what people described in it, without what the server and its controllers added.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::error::ImportError;
use super::proved::{Proof, without_defaults};
use crate::cluster::{ClusterError, Reader, Resource};
use crate::import::{LeftOut, described, is_meant, is_passing, judge};
use crate::object::{GroupKind, Meta, ObjectRef};
use crate::ops::OpsError;
use crate::ops::observe::AT_ONCE;

/// Namespaces of Kubernetes itself: what is in them may be anybody's, they themselves are nobody's.
const SYSTEM: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// What is to be imported.
#[derive(Clone, Debug)]
pub(crate) struct NamespaceRequest {
    /// The namespace.
    pub namespace: String,
    /// Kinds as a user names them; none: all.
    pub kinds: Vec<String>,
}

/// A namespace as it was described.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportedNamespace {
    /// The manifests.
    pub manifests: BTreeMap<ObjectRef, Value>,
    /// What is not among them, sorted by reason.
    pub left_out: BTreeSet<LeftOut>,
    /// Kinds that could not be listed, with the server's words.
    pub unlisted: BTreeMap<GroupKind, String>,
    /// Whether fields that the server fills in are among the manifests, for this identity may not try a write.
    pub unproved: bool,
}

/// Reads a namespace. Costs one GET, one LIST a kind, and at most two dry-runs for each object that is written.
///
/// # Errors
/// There is no such namespace or kind, nothing in it was described, or the server does not answer.
pub(crate) async fn import_namespace(
    reader: &Reader,
    request: &NamespaceRequest,
) -> Result<ImportedNamespace, OpsError> {
    let namespace = own_object(reader, &request.namespace).await?;
    let mut imported = ImportedNamespace::default();
    let resources = resources(reader, &request.kinds)?;
    let lists = resources.into_iter().map(async |resource| {
        let answer = reader.list(&resource, Some(&request.namespace), None).await;
        (resource, answer)
    });
    let mut found = Vec::new();
    if let Some(object) = namespace.filter(|_| wants_namespace(request)) {
        found.push((reader.resource(&GroupKind::new("", "Namespace"), None)?, object));
    }
    let mut answers = stream::iter(lists).buffer_unordered(AT_ONCE);
    while let Some((resource, answer)) = answers.next().await {
        match answer {
            Ok(objects) => found.extend(objects.into_iter().map(|object| (resource.clone(), object))),
            Err(error @ (ClusterError::Unreachable { .. } | ClusterError::Unauthorized(_))) => return Err(error.into()),
            Err(error) => drop(imported.unlisted.insert(resource.group_kind(), error.to_string())),
        }
    }
    drop(answers);
    imported.take(reader, found).await?;
    if imported.manifests.is_empty() {
        return Err(ImportError::Nothing(request.namespace.clone()).into());
    }
    Ok(imported)
}

impl ImportedNamespace {
    /// Writes each of these objects, or leaves it out.
    async fn take(&mut self, reader: &Reader, found: Vec<(Resource, Value)>) -> Result<(), ClusterError> {
        let mut described_ones = Vec::new();
        for (resource, object) in found {
            let GroupKind { group, kind } = resource.group_kind();
            let Some(meta) = Meta::from_object(&group, &kind, &object) else { continue };
            match judge(&object, &meta) {
                Some(reason) => drop(self.left_out.insert(LeftOut { reason, object: meta.reference })),
                None => described_ones.push((resource, object, meta)),
            }
        }
        let tried = described_ones.into_iter().map(async |(resource, object, meta)| {
            let (left, proof) = without_defaults(reader, &resource, &object).await?;
            Ok::<_, ClusterError>((meta.reference.clone(), described(&left, &meta), proof))
        });
        let mut answers = stream::iter(tried).buffer_unordered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            let (reference, manifest, proof) = answer?;
            self.manifests.insert(reference, manifest);
            self.unproved |= proof == Proof::Forbidden;
        }
        Ok(())
    }
}

/// The namespace itself; none where this identity may not look at it.
async fn own_object(reader: &Reader, name: &str) -> Result<Option<Value>, OpsError> {
    match reader.find(&ObjectRef::of_namespace(name)).await {
        Ok(None) => Err(ImportError::NoNamespace(name.to_owned()).into()),
        Err(ClusterError::Forbidden(_)) => Ok(None),
        answer => Ok(answer?),
    }
}

fn wants_namespace(request: &NamespaceRequest) -> bool {
    let kind = GroupKind::new("", "Namespace");
    let named = request.kinds.iter().any(|word| is_meant(word, &kind, "namespaces"));
    (request.kinds.is_empty() || named) && !SYSTEM.contains(&request.namespace.as_str())
}

/// The kinds that were asked for; all that anybody describes when none was.
fn resources(reader: &Reader, kinds: &[String]) -> Result<Vec<Resource>, ImportError> {
    let all: Vec<_> = reader.resources().listable().filter(|resource| resource.namespaced).cloned().collect();
    let meant = |word: &str, resource: &Resource| is_meant(word, &resource.group_kind(), &resource.qualified());
    let namespace = GroupKind::new("", "Namespace");
    let known =
        |word: &&String| all.iter().any(|resource| meant(word, resource)) || is_meant(word, &namespace, "namespaces");
    if let Some(unknown) = kinds.iter().find(|word| !known(word)) {
        return Err(ImportError::NoKind(unknown.clone()));
    }
    let wanted = |resource: &Resource| match kinds {
        [] => !is_passing(&resource.group_kind()),
        kinds => kinds.iter().any(|word| meant(word, resource)),
    };
    Ok(all.into_iter().filter(wanted).collect())
}
