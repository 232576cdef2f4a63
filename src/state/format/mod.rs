//! Records as bytes: versioned JSON, plain in files, compressed in the cluster. Older formats are read,
//! newer ones refused. A format that was released is never changed; a change is a new file beside it.

#[cfg(test)]
mod tests;
mod v1;
mod v2;
mod v3;
mod v4;
mod v5;

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;

use super::{Inventory, StateError};

/// The newest format that is read. Records are written in format 5, or in format 3 as long as there is no history, and
/// format 4 says where one is that takes several `ConfigMap`s.
pub(crate) const NEWEST: u64 = v5::FORMAT;

/// No record is larger than this when unpacked; whatever claims to be was not written by langop. About 100,000 objects.
const LARGEST: u64 = 64 << 20;

/// How compressed bytes begin (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Only what all formats have in common.
#[derive(Deserialize)]
struct Version {
    format: u64,
}

impl Inventory {
    /// Reads the record of a stack from the bytes that a store keeps: those of a file, or the compressed ones of a
    /// `ConfigMap`.
    ///
    /// # Errors
    /// They are no record of this stack, or one of a newer langop.
    pub fn from_bytes(bytes: &[u8], stack: &str) -> Result<Self, StateError> {
        let place = "these bytes";
        if !bytes.starts_with(&GZIP) {
            return decode(bytes, place, stack);
        }
        unpack(bytes, place, stack)?.record(place)
    }
}

/// What stands where a record is looked for.
#[derive(Debug)]
pub(super) enum Opened {
    /// The record.
    Record(Inventory),
    /// The SHA-256 of each of its parts, in their order.
    Parts(Vec<String>),
}

impl Opened {
    /// The record, where it is here.
    pub(super) fn record(self, place: &str) -> Result<Inventory, StateError> {
        match self {
            Self::Record(inventory) => Ok(inventory),
            Self::Parts(_) => {
                Err(StateError::Corrupt { place: place.to_owned(), cause: "the record itself is elsewhere".to_owned() })
            }
        }
    }
}

/// A record as indented JSON with a newline at its end.
pub(super) fn encode(inventory: &Inventory) -> Vec<u8> {
    // A record has only string keys, and nothing in it refuses to be written.
    let mut bytes = serde_json::to_vec_pretty(&<v3::Record>::from(inventory)).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads a record of any known format. `place` is where it was found, `stack` whose it must be.
pub(super) fn decode(bytes: &[u8], place: &str, stack: &str) -> Result<Inventory, StateError> {
    read(bytes, place, stack)?.record(place)
}

fn read(bytes: &[u8], place: &str, stack: &str) -> Result<Opened, StateError> {
    let corrupt = |cause: String| StateError::Corrupt { place: place.to_owned(), cause };
    let broken = |error: serde_json::Error| corrupt(error.to_string());
    // What nearly every record is, without asking for its format first: that would be to read it twice.
    let record = match serde_json::from_slice::<v3::Record>(bytes) {
        Ok(record) if record.is_of_this_format() => record,
        _ => {
            let version: Version = serde_json::from_slice(bytes).map_err(broken)?;
            match version.format {
                v1::FORMAT => v1::upgraded(serde_json::from_slice(bytes).map_err(broken)?),
                v2::FORMAT => serde_json::from_slice::<v2::Record>(bytes).map_err(broken)?,
                v3::FORMAT | v5::FORMAT => match serde_json::from_slice::<v3::Record>(bytes).map_err(broken)? {
                    record if record.is_of_this_format() => record,
                    _ => return Err(corrupt(format!("format {} and `runs` do not go together", version.format))),
                },
                v4::FORMAT => {
                    let parts: v4::Parts = serde_json::from_slice(bytes).map_err(broken)?;
                    return parts.of(stack).map(Opened::Parts).map_err(corrupt);
                }
                found if found > NEWEST => {
                    return Err(StateError::TooNew { place: place.to_owned(), found, known: NEWEST });
                }
                found => return Err(corrupt(format!("there is no format {found}"))),
            }
        }
    };
    let inventory = Inventory::try_from(record).map_err(corrupt)?;
    if inventory.stack == stack {
        Ok(Opened::Record(inventory))
    } else {
        Err(corrupt(format!("it is the record of stack `{}`", inventory.stack)))
    }
}

/// The same, without indentation, compressed; none when it is more than is read again.
pub(super) fn pack(inventory: &Inventory) -> std::io::Result<Option<Vec<u8>>> {
    let plain = serde_json::to_vec(&v3::Record::from(inventory))?;
    if plain.len() as u64 > LARGEST { Ok(None) } else { compressed(&plain).map(Some) }
}

/// What stands in the place of a record that is kept in parts.
pub(super) fn pack_parts(stack: &str, parts: &[String]) -> std::io::Result<Vec<u8>> {
    compressed(&serde_json::to_vec(&v4::Parts::new(stack, parts))?)
}

/// Reads what is compressed: a record, or where its parts are.
pub(super) fn unpack(bytes: &[u8], place: &str, stack: &str) -> Result<Opened, StateError> {
    let corrupt = |cause: String| StateError::Corrupt { place: place.to_owned(), cause };
    let mut plain = Vec::new();
    let mut decoder = GzDecoder::new(bytes).take(LARGEST + 1);
    decoder.read_to_end(&mut plain).map_err(|error| corrupt(error.to_string()))?;
    if plain.len() as u64 > LARGEST {
        return Err(corrupt("it unpacks to more than any record has".to_owned()));
    }
    read(&plain, place, stack)
}

fn compressed(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}
