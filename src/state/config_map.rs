//! Records in the cluster: one `ConfigMap` per stack, compressed, written only over the version that was read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::epoch::{self, Epoch};
use super::system::{self, Part, Version};
use super::{Inventory, StateError, format};
use crate::cluster::{ClusterError, Reader, Writer};
use crate::object::ObjectRef;
use crate::object::field::{items, text, text_map};
use crate::object::names::SYSTEM_NAMESPACE;

const KEY: &str = "record.json.gz";

/// What the API server allows in one `ConfigMap` (`MaxSecretSize`), less what the key and the rest take.
const ROOM: usize = (1 << 20) - 1024;

/// The record and its version; none when there is no `ConfigMap`, or no namespace for it.
pub(super) async fn read(reader: &Reader, stack: &str) -> Result<Option<(Inventory, Version)>, StateError> {
    let object = Part::Record.object(stack)?;
    let resource = Part::Record.resource(reader)?;
    let Some(found) = reader.get(&resource, &object).await? else { return Ok(None) };
    Ok(Some((unpacked(&found, &object, stack)?, Version::read(&found)?)))
}

/// The record in a `ConfigMap`.
fn unpacked(found: &Value, object: &ObjectRef, stack: &str) -> Result<Inventory, StateError> {
    let place = object.to_string();
    let corrupt = |cause: &str| StateError::Corrupt { place: place.clone(), cause: cause.to_owned() };
    let encoded = found.get("binaryData").and_then(|data| data.get(KEY)?.as_str());
    let encoded = encoded.ok_or_else(|| corrupt(&format!("it has no `{KEY}`")))?;
    let bytes = STANDARD.decode(encoded).map_err(|_| corrupt("it is not base64"))?;
    format::unpack(&bytes, &place, stack)
}

/// A record as it stands in a list: its stack, what it says, and when it was last written.
pub(super) type Listed = (String, Result<Inventory, StateError>, Option<Timestamp>);

/// All records, sorted by stack. One LIST.
pub(super) async fn list(reader: &Reader) -> Result<Vec<Listed>, StateError> {
    let resource = Part::Record.resource(reader)?;
    let found = reader.list(&resource, Some(SYSTEM_NAMESPACE), Some(system::RECORD)).await?;
    let mut records = Vec::new();
    for record in &found {
        let Some(stack) = text_map(record, "/metadata/labels").remove(system::RECORD) else { continue };
        let object = Part::Record.object(&stack)?;
        records.push((stack.clone(), unpacked(record, &object, &stack), written(record)));
    }
    records.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    Ok(records)
}

/// When an object was last written: the newest of the times that the API server keeps for each manager.
fn written(object: &Value) -> Option<Timestamp> {
    let times = items(object, "/metadata/managedFields").iter().filter_map(|entry| text(entry, "/time")?.parse().ok());
    times.max().or_else(|| text(object, "/metadata/creationTimestamp")?.parse().ok())
}

/// Names of the stacks that have a record, sorted.
pub(super) async fn stacks(reader: &Reader) -> Result<Vec<String>, ClusterError> {
    let resource = Part::Record.resource(reader)?;
    let listed = reader.list_metadata(&resource, Some(SYSTEM_NAMESPACE), Some(system::RECORD)).await?;
    let mut names: Vec<_> = listed.into_iter().filter_map(|meta| meta.labels.get(system::RECORD).cloned()).collect();
    names.sort();
    Ok(names)
}

/// The count of the lock's holders that the record was written under; none where it says nothing, or is not there.
pub(super) async fn count(reader: &Reader, stack: &str) -> Result<Option<i64>, ClusterError> {
    let Ok(object) = Part::Record.object(stack) else { return Ok(None) };
    let found = reader.metadata(&Part::Record.resource(reader)?, &object).await?;
    Ok(found.and_then(|meta| epoch::in_annotations(&meta.annotations)))
}

/// Writes the record over `expected`, or where there is none. `epoch` is the holding of the lock under which it is
/// written: a record of a later one is left alone.
pub(super) async fn write(
    writer: &Writer,
    inventory: &Inventory,
    expected: Option<&Version>,
    epoch: Option<&Epoch>,
) -> Result<Version, StateError> {
    if let (Some(version), Some(epoch)) = (expected, epoch)
        && version.count > epoch.count
    {
        return Err(StateError::Moved(inventory.stack.clone()));
    }
    let stack = &inventory.stack;
    Part::Record.object(stack)?;
    let resource = Part::Record.resource(writer)?;
    let mut object = system::skeleton(stack, &resource);
    object["binaryData"] = json!({KEY: STANDARD.encode(packed(inventory)?)});
    if let Some(epoch) = epoch {
        object["metadata"]["annotations"] = epoch.annotations();
    }
    let answer = match expected {
        None => system::create(writer, &resource, &object).await,
        Some(version) => {
            object["metadata"]["uid"] = json!(version.uid);
            object["metadata"]["resourceVersion"] = json!(version.resource_version);
            writer.replace(&resource, &object).await
        }
    };
    match answer {
        Ok(written) => Ok(Version::read(&written)?),
        // A write whose answer got lost is sent again and finds itself.
        Err(ClusterError::Conflict(_) | ClusterError::NotFound(_)) => match read(writer, stack).await? {
            Some((found, version)) if found == *inventory => Ok(version),
            // One that was given up came through after all: it is the same run's, and older.
            Some((found, version)) if is_earlier_write(&found, inventory, &version, epoch) => {
                object["metadata"]["uid"] = json!(version.uid);
                object["metadata"]["resourceVersion"] = json!(version.resource_version);
                Ok(Version::read(&writer.replace(&resource, &object).await?)?)
            }
            _ => Err(StateError::Moved(stack.clone())),
        },
        Err(error) => Err(error.into()),
    }
}

/// Whether this very run wrote the record that is found, before the one it is about to write.
fn is_earlier_write(found: &Inventory, next: &Inventory, version: &Version, epoch: Option<&Epoch>) -> bool {
    let own = epoch.is_some_and(|epoch| version.run == Some(epoch.run));
    own && found.lineage == next.lineage && found.serial <= next.serial
}

/// Removes the record if it still has this version. It may be gone already.
pub(super) async fn remove(writer: &Writer, stack: &str, expected: &Version) -> Result<(), StateError> {
    let object = Part::Record.object(stack)?;
    let resource = Part::Record.resource(writer)?;
    match writer.delete_version(&resource, &object, &expected.uid, &expected.resource_version).await {
        Ok(_) => Ok(()),
        Err(ClusterError::Conflict(_)) => Err(StateError::Moved(stack.to_owned())),
        Err(error) => Err(error.into()),
    }
}

fn packed(inventory: &Inventory) -> Result<Vec<u8>, StateError> {
    let stack = &inventory.stack;
    let bytes = format::pack(inventory)
        .map_err(|error| StateError::Corrupt { place: format!("the record of `{stack}`"), cause: error.to_string() })?;
    if bytes.len() > ROOM {
        return Err(StateError::TooLarge { stack: stack.clone(), bytes: bytes.len() });
    }
    Ok(bytes)
}
