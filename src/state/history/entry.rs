//! One entry of the history: what a run applied, as JSON, compressed. It has the objects as they were rendered, without
//! what an API server fills in, and of Secrets the keys alone: no value, and no digest of one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::{Address, Manifest, ObjectRef, SecretSource, SharedValue};
use crate::plan::saved::SavedManifest;
use crate::state::StateError;

/// The format that is written, and the only one that is read.
const FORMAT: u64 = 1;

/// No entry is larger than this when unpacked; whatever claims to be was not written by langop.
const LARGEST: u64 = 64 << 20;

/// What one run applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HistoryEntry {
    /// Format of the entry.
    #[serde(rename = "langopHistory")]
    pub(crate) format: u64,
    /// The stack.
    pub stack: String,
    /// Of the record that it belongs to.
    pub lineage: Uuid,
    /// Which run it was, counted from 1 on ([`crate::state::Inventory::runs`]).
    pub run: u64,
    /// The serial of the record when the run ended: how a user names it.
    pub serial: u64,
    /// When it ended.
    pub at: Timestamp,
    /// Version of the langop that applied it.
    pub langop: String,
    /// What was applied.
    pub did: Did,
    /// How it ended.
    pub ended: Ended,
    /// The image of each gateway, by cluster.
    pub images: BTreeMap<String, String>,
    /// The clusters whose gateway was seen ready.
    pub ready: BTreeSet<String>,
    /// The clusters whose gateway went back by itself, and to which serials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rolled_back: BTreeMap<String, u64>,
    /// Whether the definitions of langop's own kinds were among the objects. They are not kept: what goes back is never
    /// older than the langop that does it.
    pub definitions: bool,
    /// Why the objects are not here, where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
    /// All objects, in the order of their references.
    pub objects: Vec<KeptObject>,
    /// The place that it stands in.
    #[serde(skip)]
    pub place: Option<u64>,
    /// Why nobody knows here whether langop wrote it.
    #[serde(skip)]
    pub unproven: Option<String>,
}

/// What a run applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what", deny_unknown_fields)]
pub(crate) enum Did {
    /// A description, or a saved plan of one.
    Apply,
    /// What an earlier run had applied.
    Rollback {
        /// The serial of the record before.
        from: u64,
        /// The serial of the entry that it went back to.
        to: u64,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// Everything was applied and seen ready.
    Healthy,
    /// Everything was applied, and not all of it was waited for.
    Unseen,
    /// Something was not applied, or not ready in its time.
    Failed,
    /// It was cut off. So is a rollback that began and of which nobody knows the end.
    Interrupted,
}

/// One object of an entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KeptObject {
    /// Which.
    pub object: ObjectRef,
    /// What the user called it.
    address: Address,
    /// What was rendered.
    content: SharedValue,
    /// The rest of what it takes to make it again.
    manifest: SavedManifest,
    /// Keys of a Secret whose values were the user's. The live ones stay when it is gone back to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
}

impl HistoryEntry {
    /// An entry without objects.
    pub(crate) fn new(stack: &str, lineage: Uuid, at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            stack: stack.to_owned(),
            lineage,
            run: 0,
            serial: 0,
            at,
            langop: env!("CARGO_PKG_VERSION").to_owned(),
            did: Did::Apply,
            ended: Ended::Failed,
            images: BTreeMap::new(),
            ready: BTreeSet::new(),
            rolled_back: BTreeMap::new(),
            definitions: false,
            withheld: None,
            objects: Vec::new(),
            place: None,
            unproven: None,
        }
    }

    /// Whether it can be gone back to, and everything of it was seen ready.
    pub(crate) fn is_healthy(&self) -> bool {
        self.ended == Ended::Healthy && self.obstacle().is_none()
    }

    /// Why it cannot be gone back to.
    pub(crate) fn obstacle(&self) -> Option<&str> {
        self.withheld.as_deref().or(self.unproven.as_deref())
    }

    /// Leaves its objects out, and says why.
    pub(super) fn withhold(&mut self, because: String) {
        self.objects.clear();
        self.withheld = Some(because);
    }

    /// Whether both have the same objects, as far as they are known.
    pub(crate) fn has_objects_of(&self, other: &Self) -> bool {
        let is_kept = self.withheld.is_none() && other.withheld.is_none();
        let text = |entry: &Self| serde_json::to_value(&entry.objects).ok();
        is_kept && self.definitions == other.definitions && text(self).is_some_and(|own| Some(own) == text(other))
    }

    /// The compressed entry.
    pub(super) fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        serde_json::to_writer(&mut encoder, self)?;
        encoder.flush()?;
        encoder.finish()
    }

    /// Reads one of this stack.
    pub(super) fn unpack(bytes: &[u8], place: &str, stack: &str) -> Result<Self, StateError> {
        let corrupt = |cause: String| StateError::HistoryCorrupt { place: place.to_owned(), cause };
        let mut plain = Vec::new();
        let mut decoder = GzDecoder::new(bytes).take(LARGEST + 1);
        decoder.read_to_end(&mut plain).map_err(|error| corrupt(error.to_string()))?;
        if plain.len() as u64 > LARGEST {
            return Err(corrupt("it unpacks to more than any entry has".to_owned()));
        }
        let version: Version = serde_json::from_slice(&plain).map_err(|error| corrupt(error.to_string()))?;
        if version.format != FORMAT {
            return Err(corrupt(format!("it has format {}; this langop reads {FORMAT}", version.format)));
        }
        let entry: Self = serde_json::from_slice(&plain).map_err(|error| corrupt(error.to_string()))?;
        if entry.stack == stack { Ok(entry) } else { Err(corrupt(format!("it is of stack `{}`", entry.stack))) }
    }
}

/// Only what all formats have in common.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "langopHistory")]
    format: u64,
}

impl KeptObject {
    /// What is kept of a manifest. Values that are generated can be generated again; of all others the keys are left.
    ///
    /// # Errors
    /// Keys of a Secret that nobody could make again.
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, Vec<String>> {
        let mut bare = manifest.clone();
        let is_own =
            |source: &SecretSource| matches!(source, SecretSource::Generate { .. } | SecretSource::AgentKey { .. });
        let keys = manifest.secret.iter().filter(|(_, source)| !is_own(source)).map(|(key, _)| key.clone()).collect();
        bare.secret.retain(|_, source| is_own(source));
        Ok(Self {
            object: manifest.reference.clone(),
            address: manifest.address.clone(),
            content: manifest.object.clone(),
            manifest: SavedManifest::of(&bare, None)?,
            keys,
        })
    }

    /// The manifest again; [`KeptObject::keys`] are not in it.
    pub(crate) fn manifest(&self) -> Manifest {
        let named = (self.object.clone(), self.address.clone());
        self.manifest.made_again(named, self.content.clone(), self.manifest.generated())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SENTINEL: &str = "sentinel-7f3a9c51e0d24b6688aa";

    fn entry() -> HistoryEntry {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"},
            "stringData": {"token": SENTINEL}});
        let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"},
            "data": {"a": "b"}});
        let kept = |object| KeptObject::of(&Manifest::new(object, None, None).unwrap()).unwrap();
        let at = "2026-11-27T10:00:00Z".parse().unwrap();
        let new = HistoryEntry::new("s", Uuid::from_u128(1), at);
        HistoryEntry { run: 3, serial: 9, objects: vec![kept(secret), kept(config)], ..new }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written_and_has_no_value_of_a_secret() {
        let entry = entry();
        let text = serde_json::to_string(&entry).unwrap();
        assert!(!text.contains(SENTINEL), "{text}");
        let read = HistoryEntry::unpack(&entry.pack().unwrap(), "x", "s").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(read.objects[0].keys, BTreeSet::from(["token".to_owned()]));
        let [secret, config] = [0, 1].map(|place| read.objects[place].manifest());
        assert!(secret.secret.is_empty(), "its values stay as they are");
        assert_eq!(config.object["data"]["a"], "b");
    }

    #[test]
    fn what_is_no_entry_of_the_stack_is_refused_with_the_reason() {
        let packed = entry().pack().unwrap();
        let cause = |bytes: &[u8], stack: &str| match HistoryEntry::unpack(bytes, "x", stack) {
            Err(StateError::HistoryCorrupt { cause, .. }) => cause,
            other => panic!("{other:?}"),
        };
        assert_eq!(cause(&packed, "other"), "it is of stack `s`");
        let newer = HistoryEntry { format: 2, ..entry() }.pack().unwrap();
        assert_eq!(cause(&newer, "s"), "it has format 2; this langop reads 1");
        for bytes in [&packed[..packed.len() / 2], &packed[..packed.len() - 1], b"", b"{}"] {
            assert!(!cause(bytes, "s").is_empty());
        }
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        assert!(!cause(&damaged, "s").is_empty());
    }
}
