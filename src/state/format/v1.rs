//! Format 1. Released: only read this file, never change what it writes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::graph::{Dependency, Wait};
use crate::object::{Address, Lifecycle, ObjectRef};
use crate::state::{DigestKey, Entry, Inventory};

pub(super) const FORMAT: u64 = 1;

/// A record.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Record {
    format: u64,
    lineage: Uuid,
    serial: u64,
    stack: String,
    digest_key: String,
    written_by: String,
    objects: Vec<Item>,
}

/// An object; in the order of group, kind, namespace, name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Item {
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
    marks: Vec<Mark>,
}

/// Who an object is. The core group is left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ref {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
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

/// How an object is kept.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Mark {
    Kept,
    Shared,
    CreateOnce,
}

impl From<&Inventory> for Record {
    fn from(inventory: &Inventory) -> Self {
        Self {
            format: FORMAT,
            lineage: inventory.lineage,
            serial: inventory.serial,
            stack: inventory.stack.clone(),
            digest_key: inventory.digest_key.to_hex(),
            written_by: inventory.written_by.clone(),
            objects: inventory.entries.iter().map(|(object, entry)| of_entry(object, entry)).collect(),
        }
    }
}

/// Fails with what is wrong, a lower-case fragment.
impl TryFrom<Record> for Inventory {
    type Error = String;

    fn try_from(record: Record) -> Result<Self, String> {
        let digest_key = DigestKey::from_hex(&record.digest_key).ok_or("`digestKey` is not 64 hexadecimal digits")?;
        let count = record.objects.len();
        let entries: std::collections::BTreeMap<_, _> = record.objects.into_iter().map(to_entry).collect();
        if entries.len() < count {
            return Err("an object stands in it twice".to_owned());
        }
        Ok(Self {
            lineage: record.lineage,
            serial: record.serial,
            stack: record.stack,
            digest_key,
            written_by: record.written_by,
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
        marks: marks(entry.lifecycle),
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
    };
    (to_ref(record.object), entry)
}

fn marks(lifecycle: Lifecycle) -> Vec<Mark> {
    match lifecycle {
        Lifecycle::Managed => Vec::new(),
        Lifecycle::Kept => vec![Mark::Kept],
        Lifecycle::Shared => vec![Mark::Shared],
        Lifecycle::CreateOnce => vec![Mark::CreateOnce],
    }
}

/// The format allows several marks and langop writes at most one; of several, the one that keeps the object most.
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
