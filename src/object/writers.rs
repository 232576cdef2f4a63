//! Who wrote what stands at a place of a live object, by the sets of `metadata.managedFields`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::amend::{is_of_others, set_at};
use super::meta::ManagedFields;
use super::path::Path;

/// Somebody who wrote a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldWriter {
    /// The field manager.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// When it last changed a field of the object, RFC 3339; empty when that is not kept.
    pub since: String,
}

/// Those other than langop who own what stands at a place, or a part of it. Nobody owns what was taken out.
#[must_use]
pub fn other_writers(live: &Value, entries: &[ManagedFields], place: &Path) -> BTreeSet<FieldWriter> {
    let others = entries.iter().filter(|entry| is_of_others(entry));
    let here = others.filter(|entry| set_at(live, &entry.fields, place).is_some());
    let writer = |entry: &ManagedFields| FieldWriter {
        manager: entry.manager.clone(),
        operation: entry.operation.clone(),
        since: entry.time.clone(),
    };
    here.map(writer).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Meta;

    #[test]
    fn the_writer_of_a_field_is_who_owns_it_in_lists_too() {
        let containers = json!({"f:containers": {r#"k:{"name":"web"}"#: {"f:image": {}}}});
        let object = json!({
            "metadata": {"name": "x", "managedFields": [
                {"manager": "langop", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
                {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": containers}},
                {"manager": "controller", "operation": "Update", "subresource": "status", "fieldsV1": {"f:spec": containers}},
            ]},
            "spec": {"replicas": 1, "containers": [{"name": "web", "image": "other:1"}]},
        });
        let meta = Meta::from_object("", "Pod", &object).unwrap();
        let writers = |path: &str| other_writers(&object, &meta.managed_fields, &path.parse().unwrap());
        let image: Vec<_> = writers("spec.containers[web].image").into_iter().collect();
        assert_eq!(
            (image[0].manager.as_str(), image[0].since.as_str(), image.len()),
            ("kubectl-edit", "2026-01-01T00:00:00Z", 1)
        );
        assert!(writers("spec.replicas").is_empty() && writers("spec.paused").is_empty());
    }
}
