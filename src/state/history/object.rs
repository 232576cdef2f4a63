//! Entries of a history in the cluster: `ConfigMap`s beside the record, named by their place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::stored::Stored;
use crate::cluster::{ClusterError, Reader, Writer};
use crate::object::ObjectRef;
use crate::object::field::{escape, text};
use crate::object::names::{SYSTEM_NAMESPACE, history_name};
use crate::state::StateError;
use crate::state::error::checked;
use crate::state::system::{self, Part};

const KEY: &str = "entry.json.gz";

/// The label of an entry: its stack. Not that of a record, by which all records are listed.
const ENTRY: &str = "langop.io/history";

/// What stands in a place; none when there is no object. One without bytes is damaged, as is one with too few.
pub(super) async fn read(reader: &Reader, stack: &str, place: u64) -> Result<Option<Stored>, StateError> {
    let object = reference(stack, place)?;
    let Some(found) = reader.get(&Part::Record.resource(reader)?, &object).await? else { return Ok(None) };
    let bytes = text(&found, &format!("/binaryData/{KEY}")).and_then(|encoded| STANDARD.decode(encoded).ok());
    let label = text(&found, &format!("/metadata/labels/{}", escape(ENTRY)));
    Ok(Some(Stored {
        name: object.to_string(),
        bytes: bytes.unwrap_or_default(),
        version: text(&found, "/metadata/resourceVersion").map(str::to_owned),
        is_own: label == Some(stack),
    }))
}

/// Writes an entry over the version that stands in a place, or where nothing does.
pub(super) async fn write(
    writer: &Writer,
    (stack, place): (&str, u64),
    version: Option<&str>,
    bytes: &[u8],
) -> Result<(), StateError> {
    let resource = Part::Record.resource(writer)?;
    let mut object = system::skeleton(stack, &resource);
    object["metadata"]["name"] = json!(history_name(checked(stack)?, place));
    object["metadata"]["labels"] = json!({ENTRY: stack});
    object["binaryData"] = json!({KEY: STANDARD.encode(bytes)});
    let answer = match version {
        Some(version) => {
            object["metadata"]["resourceVersion"] = json!(version);
            writer.replace(&resource, &object).await
        }
        None => writer.create(&resource, &object).await,
    };
    match answer {
        // A write whose answer got lost is sent again and finds itself.
        Err(ClusterError::Conflict(words)) => match read(writer, stack, place).await? {
            Some(stored) if stored.is_own && stored.bytes == bytes => Ok(()),
            _ => Err(ClusterError::Conflict(words).into()),
        },
        answer => answer.map(drop).map_err(StateError::from),
    }
}

/// Removes the entry in a place, which may be gone already. Left where this identity may not remove it, as with a role that
/// an older langop printed: no other record takes it for its own. What somebody else put there is theirs.
pub(super) async fn remove(writer: &Writer, stack: &str, place: u64) -> Result<(), StateError> {
    let (resource, object) = (Part::Record.resource(writer)?, reference(stack, place)?);
    let removed = match writer.metadata(&resource, &object).await {
        Ok(None) => return Ok(()),
        Ok(Some(meta)) if meta.labels.get(ENTRY).is_none_or(|label| label != stack) => return Ok(()),
        Ok(Some(meta)) => writer.delete_version(&resource, &object, &meta.uid, &meta.resource_version).await.map(drop),
        Err(error) => Err(error),
    };
    match removed {
        Err(ClusterError::Forbidden(_)) => Ok(()),
        removed => Ok(removed?),
    }
}

fn reference(stack: &str, place: u64) -> Result<ObjectRef, StateError> {
    Ok(ObjectRef::namespaced("", "ConfigMap", SYSTEM_NAMESPACE, &history_name(checked(stack)?, place)))
}
