//! What a stack owns and what it looked like when it was last applied. Identities and keyed digests, no
//! values. Knows neither where it is kept nor in which format.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{DigestKey, RecordCluster};
use crate::graph::Dependency;
use crate::object::{Address, Lifecycle, ObjectRef};
use crate::readiness::Standing;

/// The record of one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Stays the same as long as the record lives; a new record has another.
    pub lineage: Uuid,
    /// Counts the writes. The store moves it.
    pub serial: u64,
    /// The stack.
    pub stack: String,
    /// The cluster that it was made on; none in a record of an older langop. The store fills it in.
    pub cluster: Option<RecordCluster>,
    /// Keys the digests of secret values in a record of an older langop. The next write of the record leaves it out.
    pub key_inside: Option<DigestKey>,
    /// The langop that wrote it last.
    pub written_by: String,
    /// Counts the applies that may have an entry in the history; nought where there is none.
    pub runs: u64,
    /// What the stack owns.
    pub entries: BTreeMap<ObjectRef, Entry>,
}

/// One object of a stack. Everything about the live object is as of the last apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// uid; none when the object was about to be made and nobody confirmed that it was.
    pub uid: Option<String>,
    /// generation, for kinds that maintain one.
    pub generation: Option<i64>,
    /// resourceVersion.
    pub resource_version: Option<String>,
    /// Hash of the managedFields entries that are not about a subresource.
    pub fields: Option<String>,
    /// Digest of the desired manifest, keyed for secret values; empty before the first apply.
    pub digest: String,
    /// What the user calls it.
    pub address: Address,
    /// `apiVersion` it was written in.
    pub api_version: String,
    /// What it waited for; deletions run in the reverse of it.
    pub depends_on: Vec<Dependency>,
    /// How it is kept: adopted namespaces and CRDs survive the stack.
    pub lifecycle: Lifecycle,
    /// Whether it was there before the stack and was taken over: the stack lets go of it and does not delete it.
    pub adopted: bool,
    /// How far it had come.
    pub standing: Standing,
}

impl Inventory {
    /// The record of a stack that owns nothing yet, with a lineage of its own.
    #[must_use]
    pub fn new(stack: &str) -> Self {
        Self {
            lineage: Uuid::new_v4(),
            serial: 0,
            stack: stack.to_owned(),
            cluster: None,
            key_inside: None,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            runs: 0,
            entries: BTreeMap::new(),
        }
    }
}
