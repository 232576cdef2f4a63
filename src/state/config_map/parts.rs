//! The parts of a record that one `ConfigMap` cannot hold. Each is named by its content and never changed, so that whoever
//! reads a record finds the parts that belong to it, or that one is gone; whoever sleeps and writes late changes none.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{KEY, ROOM};
use crate::cluster::{ClusterError, Reader, Writer};
use crate::object::ObjectRef;
use crate::object::field::text;
use crate::object::hex;
use crate::object::names::{SYSTEM_NAMESPACE, record_name};
use crate::state::StateError;
use crate::state::system::{self, Part};

/// The label of a part: its stack. Not that of a record, by which all records are listed.
const PART: &str = "langop.io/record-part";

/// Digits of the digest in the name of a part, which is `stack-<name>.<digest>`: no stack has a dot in its name.
const DIGITS: usize = 16;

/// Writes the parts of these bytes that are not there yet, and says how they are found again: the SHA-256 of each. One
/// request a part.
pub(super) async fn write(writer: &Writer, stack: &str, bytes: &[u8]) -> Result<Vec<String>, StateError> {
    let resource = Part::Record.resource(writer)?;
    let mut digests = Vec::new();
    for part in bytes.chunks(ROOM) {
        let digest = hex(&Sha256::digest(part));
        let mut object = system::skeleton(stack, &resource);
        object["metadata"]["name"] = json!(name(stack, &digest));
        object["metadata"]["labels"] = json!({PART: stack});
        object["immutable"] = json!(true);
        object["binaryData"] = json!({KEY: STANDARD.encode(part)});
        match writer.create(&resource, &object).await {
            // The name says what is in it.
            Ok(_) | Err(ClusterError::Conflict(_)) => digests.push(digest),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(digests)
}

/// The bytes of these parts, joined. One request a part.
pub(super) async fn read(reader: &Reader, stack: &str, digests: &[String]) -> Result<Vec<u8>, StateError> {
    let resource = Part::Record.resource(reader)?;
    let mut bytes = Vec::new();
    for digest in digests {
        let object = object(stack, digest);
        let missing = || StateError::PartMissing { stack: stack.to_owned(), part: object.to_string() };
        let found = reader.get(&resource, &object).await?.ok_or_else(missing)?;
        let part = text(&found, &format!("/binaryData/{KEY}")).and_then(|encoded| STANDARD.decode(encoded).ok());
        match part {
            Some(part) if hex(&Sha256::digest(&part)) == *digest => bytes.extend(part),
            _ => {
                let cause = "it is not the part that the record names".to_owned();
                return Err(StateError::Corrupt { place: object.to_string(), cause });
            }
        }
    }
    Ok(bytes)
}

/// Deletes the parts of records before, and of those that never came to be: all but `kept`. One LIST, and one request for
/// each.
pub(super) async fn sweep(writer: &Writer, stack: &str, kept: &[String]) -> Result<(), StateError> {
    let resource = Part::Record.resource(writer)?;
    let kept: BTreeSet<_> = kept.iter().map(|digest| name(stack, digest)).collect();
    let selector = format!("{PART}={stack}");
    for part in writer.list_metadata(&resource, Some(SYSTEM_NAMESPACE), Some(&selector)).await? {
        if !kept.contains(&*part.reference.name) {
            writer.delete_version(&resource, &part.reference, &part.uid, &part.resource_version).await?;
        }
    }
    Ok(())
}

fn name(stack: &str, digest: &str) -> String {
    format!("{}.{}", record_name(stack), &digest[..DIGITS])
}

fn object(stack: &str, digest: &str) -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", SYSTEM_NAMESPACE, &name(stack, digest))
}
