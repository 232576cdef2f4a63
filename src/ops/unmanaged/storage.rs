//! What becomes of data when the objects that stand for them are deleted.

use crate::cluster::{ClusterError, Reader};
use crate::object::field::{owned, text};
use crate::object::{GroupKind, ObjectRef};
use crate::plan::{Loss, Retention};

use super::list::is_fatal;

/// What else is lost with this object. Two GETs for a volume claim, one for a volume, one LIST for a storage class, none
/// for another kind.
///
/// # Errors
/// The server does not answer, or does not know who asks.
pub(super) async fn loss(reader: &Reader, object: &ObjectRef) -> Result<Option<Loss>, ClusterError> {
    match (object.group.as_str(), object.kind.as_str()) {
        ("", "PersistentVolumeClaim") => claim(reader, object).await,
        ("", "PersistentVolume") => {
            let retention = retention(reader, &object.name).await?;
            Ok(retention.map(|retention| Loss::Volume { volume: object.clone(), retention }))
        }
        ("storage.k8s.io", "StorageClass") => class(reader, object).await,
        ("apiregistration.k8s.io", "APIService") => Ok(Some(Loss::Api { service: object.clone() })),
        _ => Ok(None),
    }
}

async fn claim(reader: &Reader, object: &ObjectRef) -> Result<Option<Loss>, ClusterError> {
    let (volume, retention) = match reader.find(object).await {
        Ok(live) => match live.and_then(|live| owned(&live, "/spec/volumeName")).filter(|name| !name.is_empty()) {
            // It has no volume yet.
            None => return Ok(None),
            Some(volume) => match retention(reader, &volume).await? {
                None => return Ok(None),
                Some(retention) => (Some(volume), retention),
            },
        },
        Err(error) => (None, unknown(error)?),
    };
    Ok(Some(Loss::Claim { claim: object.clone(), volume, retention }))
}

/// What becomes of the storage of a volume; none when there is no such volume.
async fn retention(reader: &Reader, volume: &str) -> Result<Option<Retention>, ClusterError> {
    match reader.find(&ObjectRef::cluster_scoped("", "PersistentVolume", volume)).await {
        Ok(None) => Ok(None),
        Ok(Some(volume)) => Ok(Some(match text(&volume, "/spec/persistentVolumeReclaimPolicy") {
            Some("Retain") => Retention::Kept,
            _ => Retention::Deleted,
        })),
        Err(error) => unknown(error).map(Some),
    }
}

async fn class(reader: &Reader, object: &ObjectRef) -> Result<Option<Loss>, ClusterError> {
    let claims = reader.resource(&GroupKind::new("", "PersistentVolumeClaim"), None)?;
    let claims = match reader.list(&claims, None, None).await {
        Ok(claims) => {
            let named = |claim: &&serde_json::Value| text(claim, "/spec/storageClassName") == Some(&object.name);
            Ok(claims.iter().filter(named).count())
        }
        Err(error) if is_fatal(&error) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    Ok((claims != Ok(0)).then(|| Loss::Class { class: object.clone(), claims }))
}

fn unknown(error: ClusterError) -> Result<Retention, ClusterError> {
    if is_fatal(&error) { Err(error) } else { Ok(Retention::Unknown(error.to_string())) }
}
