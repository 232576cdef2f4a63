//! The key of a stack's digests in the cluster: a Secret of its own beside the record, so that a right to read records is
//! none to read keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::StateError;
use super::digest_key::{DigestKey, FoundKey};
use super::system::{self, Part};
use crate::cluster::{ClusterError, Propagation, Reader, Writer};

const KEY: &str = "digest-key";

/// The key of a stack, as far as this identity may know. One GET.
///
/// # Errors
/// The API server does not answer, or with anything but the Secret, 403 or 404.
pub(super) async fn read(reader: &Reader, stack: &str) -> Result<FoundKey, StateError> {
    match reader.secret_value(&Part::Key.object(stack)?, KEY).await {
        Ok(value) => {
            let text = value.as_ref().and_then(|value| std::str::from_utf8(value.expose()).ok());
            Ok(text.and_then(DigestKey::from_hex).map_or(FoundKey::Missing, FoundKey::Known))
        }
        Err(ClusterError::Forbidden(message)) => Ok(FoundKey::Hidden(message)),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a new key for a stack that has none. None when this identity may not. One request.
///
/// # Errors
/// There is a Secret of that name that holds none, or the API server refuses.
pub(super) async fn create(writer: &Writer, stack: &str, key: DigestKey) -> Result<Option<DigestKey>, StateError> {
    let object = Part::Key.object(stack)?;
    let resource = Part::Key.resource(writer)?;
    let mut secret = system::skeleton(stack, &resource);
    secret["immutable"] = json!(true);
    secret["data"] = json!({KEY: STANDARD.encode(key.to_hex())});
    match system::create(writer, &resource, &secret).await {
        Ok(_) => Ok(Some(key)),
        // A write whose answer got lost is sent again and finds itself.
        Err(ClusterError::Conflict(_)) => match read(writer, stack).await? {
            FoundKey::Known(found) => Ok(Some(found)),
            FoundKey::Missing => Err(StateError::NoKey(object.to_string())),
            FoundKey::Hidden(_) => Ok(None),
        },
        Err(ClusterError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes the key, which may be gone already. Left where this identity may not look for it: a key without digests tells
/// nothing. At most two requests.
pub(super) async fn remove(writer: &Writer, stack: &str) -> Result<(), StateError> {
    let object = Part::Key.object(stack)?;
    let resource = Part::Key.resource(writer)?;
    let removed = match writer.metadata(&resource, &object).await {
        Ok(None) => return Ok(()),
        Ok(Some(meta)) => writer.delete(&resource, &object, &meta.uid, Propagation::Background).await.map(drop),
        Err(error) => Err(error),
    };
    match removed {
        Err(ClusterError::Forbidden(_)) => Ok(()),
        removed => Ok(removed?),
    }
}
