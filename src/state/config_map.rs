//! Records in the cluster: one `ConfigMap` per stack, compressed, written only over the version that was read. Where one
//! cannot hold it, it says which others do.

mod parts;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::epoch::{self, Epoch};
use super::format::{self, Opened};
use super::system::{self, Part, Version};
use super::{Inventory, StateError};
use crate::cluster::{ClusterError, Reader, Resource, Writer};
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
    // Who replaces a record takes the parts of the one before away: then there is a newer one to read.
    let mut seen = None;
    loop {
        let Some(found) = reader.get(&resource, &object).await? else { return Ok(None) };
        let version = Version::read(&found)?;
        match opened(reader, &found, &object, stack).await {
            Ok(inventory) => return Ok(Some((inventory, version))),
            Err(error) if seen.as_ref() == Some(&version) => return Err(error),
            Err(StateError::PartMissing { .. }) => seen = Some(version),
            Err(error) => return Err(error),
        }
    }
}

/// The record in a `ConfigMap`, or in those that it names.
async fn opened(reader: &Reader, found: &Value, object: &ObjectRef, stack: &str) -> Result<Inventory, StateError> {
    match unpacked(found, object, stack)? {
        Opened::Record(inventory) => Ok(inventory),
        Opened::Parts(digests) => {
            let bytes = parts::read(reader, stack, &digests).await?;
            let place = object.to_string();
            format::unpack(&bytes, &place, stack)?.record(&place)
        }
    }
}

fn unpacked(found: &Value, object: &ObjectRef, stack: &str) -> Result<Opened, StateError> {
    let place = object.to_string();
    let corrupt = |cause: &str| StateError::Corrupt { place: place.clone(), cause: cause.to_owned() };
    let encoded = found.get("binaryData").and_then(|data| data.get(KEY)?.as_str());
    let encoded = encoded.ok_or_else(|| corrupt(&format!("it has no `{KEY}`")))?;
    let bytes = STANDARD.decode(encoded).map_err(|_| corrupt("it is not base64"))?;
    format::unpack(&bytes, &place, stack)
}

/// A record as it stands in a list: its stack, what it says, and when it was last written.
pub(super) type Listed = (String, Result<Inventory, StateError>, Option<Timestamp>);

/// All records, sorted by stack. One LIST, and one request for each part of those that take several `ConfigMap`s.
pub(super) async fn list(reader: &Reader) -> Result<Vec<Listed>, StateError> {
    let resource = Part::Record.resource(reader)?;
    let found = reader.list(&resource, Some(SYSTEM_NAMESPACE), Some(system::RECORD)).await?;
    let mut records = Vec::new();
    for record in &found {
        let Some(stack) = text_map(record, "/metadata/labels").remove(system::RECORD) else { continue };
        let object = Part::Record.object(&stack)?;
        let inventory = match opened(reader, record, &object, &stack).await {
            // Another run wrote it since the list; when it removed it, it is no stack any more.
            Err(StateError::PartMissing { .. }) => {
                read(reader, &stack).await.map(|found| found.map(|(found, _)| found))
            }
            inventory => inventory.map(Some),
        };
        if let Some(inventory) = inventory.transpose() {
            records.push((stack, inventory, written(record)));
        }
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
///
/// One that takes several `ConfigMap`s is written from its parts to the head that names them, which is there before, so
/// that parts never stand alone; what it took before goes afterwards.
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
    let bytes = packed(inventory)?;
    let head = Head { writer, inventory, epoch };
    if bytes.len() <= ROOM {
        let has_parts = expected.is_some_and(|version| version.has_parts);
        let version = head.put(&Content { bytes, has_parts }, expected).await?;
        if has_parts {
            parts::sweep(writer, stack, &[]).await?;
        }
        return Ok(version);
    }
    let first = if expected.is_none() { Some(empty(writer, inventory, None, epoch).await?) } else { None };
    let digests = parts::write(writer, stack, &bytes).await?;
    let bytes = format::pack_parts(stack, &digests).map_err(unwritable(stack))?;
    let version = head.put(&Content { bytes, has_parts: true }, expected.or(first.as_ref())).await?;
    parts::sweep(writer, stack, &digests).await?;
    Ok(version)
}

/// Removes the record if it still has this version. It may be gone already. One that takes several `ConfigMap`s is
/// emptied first, so that its parts never stand alone.
pub(super) async fn remove(
    writer: &Writer,
    stack: &str,
    expected: &Version,
    epoch: Option<&Epoch>,
) -> Result<(), StateError> {
    let object = Part::Record.object(stack)?;
    let resource = Part::Record.resource(writer)?;
    let mut last = expected.clone();
    if expected.has_parts {
        if writer.metadata(&resource, &object).await?.is_some() {
            last = empty(writer, &Inventory::new(stack), Some(expected), epoch).await?;
        }
        parts::sweep(writer, stack, &[]).await?;
    }
    match writer.delete_version(&resource, &object, &last.uid, &last.resource_version).await {
        Ok(_) => Ok(()),
        Err(ClusterError::Conflict(_)) => Err(StateError::Moved(stack.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// Writes a record that owns nothing, where there may be parts.
async fn empty(
    writer: &Writer,
    inventory: &Inventory,
    expected: Option<&Version>,
    epoch: Option<&Epoch>,
) -> Result<Version, StateError> {
    let empty = Inventory { entries: BTreeMap::new(), ..inventory.clone() };
    let content = Content { bytes: packed(&empty)?, has_parts: true };
    Head { writer, inventory: &empty, epoch }.put(&content, expected).await
}

/// The `ConfigMap` that is named after the stack.
struct Head<'a> {
    writer: &'a Writer,
    /// The record that is read when it is written.
    inventory: &'a Inventory,
    epoch: Option<&'a Epoch>,
}

/// What it holds.
struct Content {
    bytes: Vec<u8>,
    /// Whether there may be parts: of this record, or of the one before.
    has_parts: bool,
}

impl Head<'_> {
    async fn put(&self, content: &Content, expected: Option<&Version>) -> Result<Version, StateError> {
        let Self { writer, inventory, epoch } = self;
        let stack = &inventory.stack;
        let resource = Part::Record.resource(writer)?;
        let mut object = self.object(&resource, content);
        let answer = match expected {
            None => system::create(writer, &resource, &object).await,
            Some(version) => {
                version.require_in(&mut object);
                writer.replace(&resource, &object).await
            }
        };
        match answer {
            Ok(written) => Ok(Version::read(&written)?),
            // A write whose answer got lost is sent again and finds itself.
            Err(ClusterError::Conflict(_) | ClusterError::NotFound(_)) => match read(writer, stack).await? {
                Some((found, version)) if found == **inventory => Ok(version),
                // One that was given up came through after all: it is the same run's, and older.
                Some((found, version)) if is_earlier_write(&found, inventory, &version, *epoch) => {
                    version.require_in(&mut object);
                    Ok(Version::read(&writer.replace(&resource, &object).await?)?)
                }
                _ => Err(StateError::Moved(stack.clone())),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn object(&self, resource: &Resource, content: &Content) -> Value {
        let mut object = system::skeleton(&self.inventory.stack, resource);
        object["binaryData"] = json!({KEY: STANDARD.encode(&content.bytes)});
        if let Some(epoch) = self.epoch {
            object["metadata"]["annotations"] = epoch.annotations();
        }
        if content.has_parts {
            object["metadata"]["labels"][system::HAS_PARTS] = json!("true");
        }
        object
    }
}

/// Whether this very run wrote the record that is found, before the one it is about to write.
fn is_earlier_write(found: &Inventory, next: &Inventory, version: &Version, epoch: Option<&Epoch>) -> bool {
    let own = epoch.is_some_and(|epoch| version.run == Some(epoch.run));
    own && found.lineage == next.lineage && found.serial <= next.serial
}

fn packed(inventory: &Inventory) -> Result<Vec<u8>, StateError> {
    let stack = &inventory.stack;
    let bytes = format::pack(inventory).map_err(unwritable(stack))?;
    bytes.ok_or_else(|| StateError::TooLarge { stack: stack.clone(), objects: inventory.entries.len() })
}

fn unwritable(stack: &str) -> impl Fn(std::io::Error) -> StateError {
    move |error| StateError::Corrupt { place: format!("the record of `{stack}`"), cause: error.to_string() }
}
