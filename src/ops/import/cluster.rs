//! A language cluster as a description: its own object, its members, and the Secrets that its stack made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::error::ImportError;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::import::{Description, ImportedCluster, LiveCluster, MEMBERS};
use crate::object::field::text;
use crate::object::names::{GATEWAY_CONFIG, GROUP};
use crate::object::{GroupKind, Meta, ObjectRef, first, labels};
use crate::ops::OpsError;
use crate::render::{Target, render};
use crate::stack::{LoadRequest, load};
use crate::state::Records;

/// Most things of another description that are named.
const NAMED: usize = 5;

/// What is to be imported.
#[derive(Clone, Debug)]
pub(crate) struct ClusterRequest {
    /// The cluster.
    pub name: String,
    /// The stack that is to have it, where none has it.
    pub stack: Option<String>,
}

/// Reads a cluster. Costs the record of its stack, one GET, and one LIST a kind.
///
/// # Errors
/// There is no such cluster, something in it may not stand in a description, or it cannot be read.
pub(crate) async fn import_cluster(
    reader: &Reader,
    records: &Records,
    request: &ClusterRequest,
) -> Result<ImportedCluster, OpsError> {
    let cluster = own_object(reader, &request.name).await?;
    let owner = cluster.1.stack().filter(|_| cluster.1.managed_by_langop()).map(str::to_owned);
    let mut members = Vec::new();
    for (kind, table) in MEMBERS {
        for object in list(reader, &GroupKind::new(GROUP, kind), &request.name).await? {
            members.extend(Meta::from_object(GROUP, kind, &object).map(|meta| (table, object, meta)));
        }
    }
    let secrets = match &owner {
        Some(stack) => own_secrets(reader, &request.name, stack).await?,
        // Those of others stay what they are: Secrets that the description names and does not hold.
        None => BTreeMap::new(),
    };
    let stack = owner.clone().or_else(|| request.stack.clone()).unwrap_or_else(|| request.name.clone());
    let live = LiveCluster { stack, cluster, members, secrets };
    let mut imported =
        live.describe().map_err(|found| ImportError::Credential { object: found.object, path: found.path })?;
    if let Some(stack) = &owner {
        let mut said = vec![format!("the stack `{stack}` has this cluster: this is the description of what stands")];
        said.extend(others(records, stack, &imported.description).await?);
        said.append(&mut imported.remarks);
        imported.remarks = said;
    }
    Ok(imported)
}

async fn own_object(reader: &Reader, name: &str) -> Result<(Value, Meta), OpsError> {
    let object = ObjectRef::cluster_scoped(GROUP, "LanguageCluster", name);
    let found = match reader.find(&object).await {
        Err(ClusterError::UnknownKind(_)) => None,
        answer => answer?,
    };
    let meta = found.as_ref().and_then(|found| Meta::from_object(GROUP, "LanguageCluster", found));
    found.zip(meta).ok_or_else(|| ImportError::NoCluster(name.to_owned()).into())
}

async fn list(reader: &Reader, kind: &GroupKind, namespace: &str) -> Result<Vec<Value>, ClusterError> {
    let resource: Resource = match reader.resource(kind, None) {
        // The server has clusters and not this kind: nobody made one of it.
        Err(ClusterError::UnknownKind(_)) => return Ok(Vec::new()),
        answer => answer?,
    };
    reader.list(&resource, Some(namespace), None).await
}

/// Secrets that the stack describes, with the names of their keys; the reader drops their values on arrival.
async fn own_secrets(
    reader: &Reader,
    namespace: &str,
    stack: &str,
) -> Result<BTreeMap<String, Vec<String>>, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", "Secret"), None)?;
    let selector = format!("{}={stack},{}=credentials", labels::STACK, labels::COMPONENT);
    let secrets = reader.list(&resource, Some(namespace), Some(&selector)).await?;
    let named = secrets.iter().filter_map(|secret| {
        let data = secret.get("data").and_then(Value::as_object);
        let keys = data.into_iter().flatten().map(|(key, _)| key.clone());
        Some((text(secret, "/metadata/name")?.to_owned(), keys.collect()))
    });
    Ok(named.collect())
}

/// What the stack has beside what is described: a plan of the description alone would delete it.
async fn others(records: &Records, stack: &str, description: &Description) -> Result<Option<String>, OpsError> {
    let Some((inventory, _)) = records.read(stack).await? else { return Ok(None) };
    let Some(described) = described_objects(description) else { return Ok(None) };
    // What is rendered otherwise for each target is the gateway's own.
    let varies =
        |object: &ObjectRef| object.is_crd() || object.group == "cilium.io" || object.name.starts_with(GATEWAY_CONFIG);
    let entries = inventory.entries.keys().filter(|object| !varies(object) && !described.contains(*object));
    let names: Vec<_> = entries.map(ToString::to_string).collect();
    let shown = first(names.iter(), NAMED);
    Ok((!names.is_empty()).then(|| {
        format!("the stack also has what is not in it: {shown}; a plan of this description alone deletes that")
    }))
}

/// The objects that a description stands for; none of one with mistakes, which the caller hears of anyway.
fn described_objects(description: &Description) -> Option<BTreeSet<ObjectRef>> {
    let text = description.toml().into_bytes();
    let request = LoadRequest { paths: vec!["-".into()], stdin: Some(text), ..LoadRequest::default() };
    let loaded = load(&request).ok()?;
    let manifests = render(&loaded.stack, &Target::default());
    Some(manifests.into_iter().map(|manifest| manifest.reference).collect())
}
