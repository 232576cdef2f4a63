//! One page of a LIST of metadata, read as it comes: no tree of JSON is made of what thousands of objects say of
//! themselves. What does not have the shape of such a page is left to [`super::shape`], which says what is wrong.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::shape::Page;
use crate::object::{FieldSet, GroupKind, ManagedFields, Meta, ObjectRef, OwnerRef, Word};

/// Reads a page of objects of this kind; none for what is not a list of named objects.
pub(super) fn read(kind: &GroupKind, bytes: &[u8]) -> Option<Page<Meta>> {
    let list: List = serde_json::from_slice(bytes).ok().filter(|list: &List| list.kind.ends_with("List"))?;
    let items = list.items.into_iter().map(|item| item.metadata.of(kind));
    let next = list.metadata.next.filter(|next| !next.is_empty());
    Some(Page { items: items.collect::<Option<_>>()?, next })
}

#[derive(Deserialize)]
struct List {
    kind: String,
    #[serde(default)]
    metadata: ListMetadata,
    #[serde(deserialize_with = "items")]
    items: Vec<Item>,
}

#[derive(Default, Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

/// A nil slice of the server's is null, and an empty list; one that is not there is no list, which serde tells apart for
/// fields that are read by a function.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Item>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

/// `ObjectMeta` as the server writes it: what is empty is left out or null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    namespace: Option<String>,
    uid: Option<String>,
    generation: Option<i64>,
    resource_version: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<Owner>>,
    managed_fields: Option<Vec<Managed>>,
    finalizers: Option<Vec<String>>,
    deletion_timestamp: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Owner {
    uid: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    controller: Option<bool>,
}

#[derive(Deserialize)]
struct Managed {
    manager: Option<String>,
    operation: Option<String>,
    subresource: Option<String>,
    time: Option<String>,
    #[serde(rename = "fieldsV1", default)]
    fields: FieldSet,
}

impl Metadata {
    fn of(self, kind: &GroupKind) -> Option<Meta> {
        let GroupKind { group, kind } = kind.clone();
        if self.name.is_empty() {
            return None;
        }
        Some(Meta {
            reference: ObjectRef { group, kind, namespace: self.namespace.map(Word::from), name: self.name.into() },
            uid: self.uid.unwrap_or_default(),
            generation: self.generation.unwrap_or_default(),
            resource_version: self.resource_version.unwrap_or_default(),
            labels: self.labels.unwrap_or_default(),
            annotations: self.annotations.unwrap_or_default(),
            owners: self.owner_references.unwrap_or_default().into_iter().map(OwnerRef::from).collect(),
            managed_fields: self.managed_fields.unwrap_or_default().into_iter().map(ManagedFields::from).collect(),
            finalizers: self.finalizers.unwrap_or_default(),
            terminating: self.deletion_timestamp.is_some(),
        })
    }
}

impl From<Owner> for OwnerRef {
    fn from(owner: Owner) -> Self {
        Self {
            uid: owner.uid.unwrap_or_default(),
            kind: owner.kind.unwrap_or_default(),
            name: owner.name.unwrap_or_default(),
            controller: owner.controller.unwrap_or_default(),
        }
    }
}

impl From<Managed> for ManagedFields {
    fn from(entry: Managed) -> Self {
        Self {
            manager: entry.manager.unwrap_or_default(),
            operation: entry.operation.unwrap_or_default(),
            subresource: entry.subresource.unwrap_or_default(),
            time: entry.time.unwrap_or_default(),
            fields: entry.fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn kind() -> GroupKind {
        GroupKind::new("apps", "Deployment")
    }

    fn page(body: &Value) -> Option<Page<Meta>> {
        read(&kind(), body.to_string().as_bytes())
    }

    #[test]
    fn an_object_says_the_same_of_itself_in_a_page_and_alone() {
        let whole = json!({"kind": "PartialObjectMetadata", "metadata": {
            "name": "a", "namespace": "n", "uid": "u", "generation": 3, "resourceVersion": "17",
            "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"app": "a"}, "annotations": {"note": "x"}, "finalizers": ["f/x"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "v", "controller": true},
                                {"apiVersion": "v1", "kind": "K", "name": "p", "uid": "w"}],
            "managedFields": [{"manager": "m", "operation": "Apply", "time": "t", "fieldsType": "FieldsV1",
                               "fieldsV1": {"f:b": {}, "f:a": {"k:{\"name\":\"c\"}": {}}}},
                              {"manager": "c", "operation": "Update", "subresource": "status", "fieldsV1": null}]}});
        let bare = json!({"metadata": {"name": "b", "labels": null, "managedFields": null, "deletionTimestamp": null}});
        let items = page(&json!({"kind": "PartialObjectMetadataList", "items": [whole, bare]})).unwrap().items;
        let alone = |object| Meta::from_object("apps", "Deployment", object).unwrap();
        assert_eq!(items, [alone(&whole), alone(&bare)]);
        assert_eq!(items[0].fields_hash(), alone(&whole).fields_hash());
    }

    #[test]
    fn only_a_list_of_named_objects_is_a_page() {
        let count = |body: Value| page(&body).map(|page| page.items.len());
        assert_eq!(count(json!({"kind": "PartialObjectMetadataList", "items": []})), Some(0));
        assert_eq!(count(json!({"kind": "PartialObjectMetadataList", "items": null})), Some(0));
        for body in [
            json!({}),
            json!({"items": []}),
            json!({"kind": "PartialObjectMetadataList"}),
            json!({"kind": "Status", "items": []}),
            json!({"kind": "PartialObjectMetadataList", "items": [{}]}),
            json!({"kind": "PartialObjectMetadataList", "items": [{"metadata": {"uid": "1"}}]}),
        ] {
            assert_eq!(count(body.clone()), None, "{body}");
        }
    }

    #[test]
    fn the_next_page_is_kept() {
        let next = |token: &str| {
            let body = json!({"kind": "XList", "metadata": {"continue": token, "resourceVersion": "1"}, "items": []});
            page(&body).unwrap().next
        };
        assert_eq!((next("abc"), next("")), (Some("abc".to_owned()), None));
    }
}
