//! Entries of a history in the cluster: `ConfigMap`s beside the record, named by their place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::cluster::{ClusterError, Reader, Writer};
use crate::object::ObjectRef;
use crate::object::field::text;
use crate::object::names::{HISTORY, SYSTEM_NAMESPACE, history_name};
use crate::state::StateError;
use crate::state::error::checked;
use crate::state::system::{self, Part};

const KEY: &str = "entry.json.gz";

/// The label of an entry: its stack. Not that of a record, by which all records are listed.
const ENTRY: &str = "langop.io/history";

/// The bytes of an entry and where they stand; none when there is no object. One without bytes is damaged, as is one with
/// too few.
pub(super) async fn read(reader: &Reader, stack: &str, place: u64) -> Result<Option<(String, Vec<u8>)>, StateError> {
    let object = reference(stack, place)?;
    let Some(found) = reader.get(&Part::Record.resource(reader)?, &object).await? else { return Ok(None) };
    let bytes = text(&found, &format!("/binaryData/{KEY}")).and_then(|encoded| STANDARD.decode(encoded).ok());
    Ok(Some((object.to_string(), bytes.unwrap_or_default())))
}

/// Writes the entry of a run over whatever stands in its place. The first runs find nothing there, later ones what an
/// earlier run left.
pub(super) async fn write(writer: &Writer, stack: &str, run: u64, bytes: &[u8]) -> Result<(), StateError> {
    let resource = Part::Record.resource(writer)?;
    let mut object = system::skeleton(stack, &resource);
    object["metadata"]["name"] = json!(history_name(checked(stack)?, super::place(run)));
    object["metadata"]["labels"] = json!({ENTRY: stack});
    object["binaryData"] = json!({KEY: STANDARD.encode(bytes)});
    let answer = if run > HISTORY {
        match writer.replace(&resource, &object).await {
            Err(ClusterError::NotFound(_)) => writer.create(&resource, &object).await,
            answer => answer,
        }
    } else {
        match writer.create(&resource, &object).await {
            Err(ClusterError::Conflict(_)) => writer.replace(&resource, &object).await,
            answer => answer,
        }
    };
    answer.map(drop).map_err(StateError::from)
}

/// Removes the entry in a place, which may be gone already. Left where this identity may not remove it, as with a role that
/// an older langop printed: no other record takes it for its own.
pub(super) async fn remove(writer: &Writer, stack: &str, place: u64) -> Result<(), StateError> {
    let (resource, object) = (Part::Record.resource(writer)?, reference(stack, place)?);
    let removed = match writer.metadata(&resource, &object).await {
        Ok(None) => return Ok(()),
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
