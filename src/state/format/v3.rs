//! Format 3. What is written where no apply has an entry in the history; a change of it is a new file beside it.
//!
//! It differs from format 2 in that it says on which cluster the record was made, and from format 1 in what marks there
//! are and in that the key of the digests is kept elsewhere, so that the readers of those build on it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::v5;
use crate::graph::{Dependency, Wait};
use crate::object::{Address, Lifecycle, ObjectRef, Word};
use crate::state::{DigestKey, Entry, Inventory, RecordCluster, Standing};

pub(super) const FORMAT: u64 = 3;

/// A record whose objects have marks of this kind.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "M: Deserialize<'de>"))]
pub(super) struct Record<M = Mark> {
    format: u64,
    lineage: Uuid,
    serial: u64,
    stack: String,
    /// Not in older formats, and not where the identity that wrote it might not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cluster: Option<Cluster>,
    /// Beside the digests only in format 1.
    #[serde(default, skip_serializing)]
    digest_key: Option<String>,
    written_by: String,
    /// Only in format 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runs: Option<u64>,
    objects: Vec<Item<M>>,
}

/// The cluster that the record was made on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cluster {
    id: String,
    server: String,
}

/// An object; in the order of group, kind, namespace, name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(bound(deserialize = "M: Deserialize<'de>"))]
struct Item<M = Mark> {
    object: Ref,
    api_version: String,
    address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    digest: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<Need>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<M>,
}

/// Who an object is. The core group is left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ref {
    #[serde(default, skip_serializing_if = "is_core")]
    group: Word,
    kind: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Word>,
    name: Word,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Need {
    on: Ref,
    wait: Until,
    why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Until {
    Exists,
    Established,
    Ready,
}

/// How an object is kept, and how far it had come.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mark {
    Kept,
    Shared,
    CreateOnce,
    /// It was there before the stack.
    Adopted,
    /// It was written, and no run has seen it ready since.
    Waiting,
    /// It ran to its end.
    Completed,
}

impl Record {
    /// Whether it says that it is of this format, or of the one that adds a field to it.
    pub(super) fn is_of_this_format(&self) -> bool {
        match self.runs {
            None => self.format == FORMAT,
            Some(_) => self.format == v5::FORMAT,
        }
    }
}

impl<M> Record<M> {
    /// The same with other marks.
    pub(super) fn map_marks(self, next: impl Fn(M) -> Vec<Mark>) -> Record {
        let Self { format, lineage, serial, stack, cluster, digest_key, written_by, runs, objects } = self;
        let objects = objects.into_iter().map(|item| item.map_marks(&next)).collect();
        Record { format, lineage, serial, stack, cluster, digest_key, written_by, runs, objects }
    }
}

impl<M> Item<M> {
    fn map_marks(self, next: impl Fn(M) -> Vec<Mark>) -> Item {
        Item {
            object: self.object,
            api_version: self.api_version,
            address: self.address,
            uid: self.uid,
            generation: self.generation,
            resource_version: self.resource_version,
            fields: self.fields,
            digest: self.digest,
            depends_on: self.depends_on,
            marks: self.marks.into_iter().flat_map(next).collect(),
        }
    }
}

impl From<&Inventory> for Record {
    fn from(inventory: &Inventory) -> Self {
        Self {
            format: if inventory.runs == 0 { FORMAT } else { v5::FORMAT },
            lineage: inventory.lineage,
            serial: inventory.serial,
            stack: inventory.stack.clone(),
            cluster: inventory.cluster.clone().map(|RecordCluster { id, server }| Cluster { id, server }),
            digest_key: None,
            written_by: inventory.written_by.clone(),
            runs: Some(inventory.runs).filter(|runs| *runs > 0),
            objects: inventory.entries.iter().map(|(object, entry)| of_entry(object, entry)).collect(),
        }
    }
}

/// Fails with what is wrong, a lower-case fragment.
impl TryFrom<Record> for Inventory {
    type Error = String;

    fn try_from(record: Record) -> Result<Self, String> {
        let key =
            record.digest_key.map(|text| DigestKey::from_hex(&text).ok_or("`digestKey` is not 64 hexadecimal digits"));
        let key_inside = key.transpose()?;
        let count = record.objects.len();
        let entries: std::collections::BTreeMap<_, _> = record.objects.into_iter().map(to_entry).collect();
        if entries.len() < count {
            return Err("an object stands in it twice".to_owned());
        }
        Ok(Self {
            lineage: record.lineage,
            serial: record.serial,
            stack: record.stack,
            cluster: record.cluster.map(|Cluster { id, server }| RecordCluster { id, server }),
            key_inside,
            written_by: record.written_by,
            runs: record.runs.unwrap_or_default(),
            entries,
        })
    }
}

fn of_entry(object: &ObjectRef, entry: &Entry) -> Item {
    Item {
        object: of_ref(object),
        api_version: entry.api_version.clone(),
        address: entry.address.clone(),
        uid: entry.uid.clone(),
        generation: entry.generation,
        resource_version: entry.resource_version.clone(),
        fields: entry.fields.clone(),
        digest: entry.digest.clone(),
        depends_on: entry.depends_on.iter().map(of_dependency).collect(),
        marks: marks(entry),
    }
}

fn to_entry(record: Item) -> (ObjectRef, Entry) {
    let entry = Entry {
        uid: record.uid,
        generation: record.generation,
        resource_version: record.resource_version,
        fields: record.fields,
        digest: record.digest,
        address: record.address,
        api_version: record.api_version,
        depends_on: record.depends_on.into_iter().map(to_dependency).collect(),
        lifecycle: lifecycle(&record.marks),
        adopted: record.marks.contains(&Mark::Adopted),
        standing: standing(&record.marks),
    };
    (to_ref(record.object), entry)
}

fn marks(entry: &Entry) -> Vec<Mark> {
    let kept = match entry.lifecycle {
        // What makes its values anew is in the object itself.
        Lifecycle::Managed | Lifecycle::Derived => None,
        Lifecycle::Kept => Some(Mark::Kept),
        Lifecycle::Shared => Some(Mark::Shared),
        Lifecycle::CreateOnce => Some(Mark::CreateOnce),
    };
    let standing = match entry.standing {
        Standing::Ready => None,
        Standing::Waiting => Some(Mark::Waiting),
        Standing::Completed => Some(Mark::Completed),
    };
    kept.into_iter().chain(entry.adopted.then_some(Mark::Adopted)).chain(standing).collect()
}

/// Records of format 1 say nothing of it: what they hold counts as ready.
fn standing(marks: &[Mark]) -> Standing {
    let order = [(Mark::Waiting, Standing::Waiting), (Mark::Completed, Standing::Completed)];
    let found = order.into_iter().find(|(mark, _)| marks.contains(mark));
    found.map_or(Standing::Ready, |(_, standing)| standing)
}

/// langop writes at most one of these marks; of several, the one that keeps the object most.
fn lifecycle(marks: &[Mark]) -> Lifecycle {
    let order =
        [(Mark::Kept, Lifecycle::Kept), (Mark::Shared, Lifecycle::Shared), (Mark::CreateOnce, Lifecycle::CreateOnce)];
    let found = order.into_iter().find(|(mark, _)| marks.contains(mark));
    found.map_or(Lifecycle::Managed, |(_, lifecycle)| lifecycle)
}

fn of_ref(object: &ObjectRef) -> Ref {
    Ref {
        group: object.group.clone(),
        kind: object.kind.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
    }
}

/// The core group is left out.
fn is_core(group: &Word) -> bool {
    group.is_empty()
}

fn to_ref(Ref { group, kind, namespace, name }: Ref) -> ObjectRef {
    ObjectRef { group, kind, namespace, name }
}

fn of_dependency(dependency: &Dependency) -> Need {
    let wait = match dependency.wait {
        Wait::Exists => Until::Exists,
        Wait::Established => Until::Established,
        Wait::Ready => Until::Ready,
    };
    Need { on: of_ref(&dependency.on), wait, why: dependency.why.clone() }
}

fn to_dependency(need: Need) -> Dependency {
    let wait = match need.wait {
        Until::Exists => Wait::Exists,
        Until::Established => Wait::Established,
        Until::Ready => Wait::Ready,
    };
    Dependency { on: to_ref(need.on), wait, why: need.why }
}
