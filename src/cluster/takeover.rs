//! Rewrites who manages an object: the fields of other tools become langop's, so that an apply without them removes them
//! (client-go, `util/csaupgrade`); or langop's become nobody's. Changes nothing else of the object but langop's own labels.

use std::collections::BTreeSet;

use http::Request;
use kube::api::{GetParams, Patch, PatchParams};
use serde_json::{Map, Value, json};

use super::reader::built;
use super::wire::about;
use super::{ClusterError, Resource, Writer, shape};
use crate::object::field::{items, text, text_map};
use crate::object::takeover::{is_taken_from, unite};
use crate::object::{FIELD_MANAGER, ObjectRef, labels};

/// How often it is tried against others who write the object.
const TRIES: u32 = 5;

impl Writer {
    /// Makes langop the manager of what other tools, and the managers that are named, manage of this object. One GET of metadata, and one PATCH where there
    /// is something to take over.
    ///
    /// # Errors
    /// `Conflict` when it is not the object with this uid any more, or moves all the time.
    pub async fn take_over(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        uid: &str,
        named: &BTreeSet<String>,
    ) -> Result<(), ClusterError> {
        self.rewrite(resource, object, |live| managed_by_us(live, uid, named)).await
    }

    /// Makes what langop manages of this object fields of the version of `resource`. An apply in a newer version would
    /// else have to express the object in the older one, which may lack fields. One GET of metadata, and one PATCH where
    /// langop applied it in another version.
    ///
    /// # Errors
    /// `Conflict` when it is not the object with this uid any more, or moves all the time.
    pub async fn manage_in_version(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        uid: &str,
    ) -> Result<(), ClusterError> {
        let version = &resource.api.api_version;
        self.rewrite(resource, object, |live| managed_in(live, uid, version)).await
    }

    /// Makes langop no manager of this object any more, and takes off its labels. One GET of metadata, and one PATCH where
    /// there is something of langop's. Nothing is done to an object with another uid.
    ///
    /// # Errors
    /// `NotFound` when it is gone, `Conflict` when it moves all the time.
    pub async fn let_go(&self, resource: &Resource, object: &ObjectRef, uid: &str) -> Result<(), ClusterError> {
        self.rewrite(resource, object, |live| Ok(managed_by_others(live, uid))).await
    }

    /// Sends a patch of metadata that is computed from what is there, until nobody comes in between.
    async fn rewrite(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        patch: impl Fn(&Value) -> Result<Option<Value>, ClusterError>,
    ) -> Result<(), ClusterError> {
        let mut last = ClusterError::Conflict("it was not looked at".to_owned());
        for _ in 0..TRIES {
            let Some(patch) = patch(&self.metadata_raw(resource, object).await?)? else { return Ok(()) };
            let params = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
            let patch = Patch::Merge(patch);
            let request = resource.at(object.namespace.as_deref()).patch(&object.name, &params, &patch);
            match self.send_write(about(object, built(request)?)).await {
                Err(error @ ClusterError::Conflict(_)) => last = error,
                answer => return answer.map(drop),
            }
        }
        Err(last)
    }

    async fn metadata_raw(&self, resource: &Resource, object: &ObjectRef) -> Result<Value, ClusterError> {
        let request = resource.at(object.namespace.as_deref()).get_metadata(&object.name, &GetParams::default());
        let request: Request<Vec<u8>> = built(request)?;
        shape::named(&object.name, self.wire().send(about(object, request)).await?.body)
    }
}

fn ensure_same(live: &Value, uid: &str) -> Result<(), ClusterError> {
    if text(live, "/metadata/uid") == Some(uid) {
        return Ok(());
    }
    Err(ClusterError::Conflict("someone else made it again".to_owned()))
}

fn is_itself(entry: &Value) -> bool {
    text(entry, "/subresource").unwrap_or_default().is_empty()
}

fn is_own(entry: &Value) -> bool {
    is_itself(entry) && text(entry, "/manager") == Some(FIELD_MANAGER) && text(entry, "/operation") == Some("Apply")
}

/// The server answers 409 when the object moved.
fn patch_of(live: &Value, uid: &str, entries: &[Value]) -> Value {
    let version = text(live, "/metadata/resourceVersion");
    json!({"metadata": {"uid": uid, "resourceVersion": version, "managedFields": entries}})
}

/// The patch after which what langop manages is managed in this version; none when it is already.
fn managed_in(live: &Value, uid: &str, api_version: &str) -> Result<Option<Value>, ClusterError> {
    ensure_same(live, uid)?;
    let mut entries = items(live, "/metadata/managedFields").to_vec();
    let mut moved = false;
    for entry in entries.iter_mut().filter(|entry| is_own(entry) && text(entry, "/apiVersion") != Some(api_version)) {
        entry["apiVersion"] = api_version.into();
        moved = true;
    }
    Ok(moved.then(|| patch_of(live, uid, &entries)))
}

/// The patch after which the fields of tools are langop's; none when there are none.
fn managed_by_us(live: &Value, uid: &str, named: &BTreeSet<String>) -> Result<Option<Value>, ClusterError> {
    ensure_same(live, uid)?;
    let entries = items(live, "/metadata/managedFields");
    let taken =
        |entry: &&Value| is_itself(entry) && text(entry, "/manager").is_some_and(|one| is_taken_from(one, named));
    let own = |entry: &&Value| is_own(entry);
    let Some(newest) = entries.iter().filter(taken).max_by_key(|entry| text(entry, "/time")) else { return Ok(None) };
    let mut fields = json!({});
    for entry in entries.iter().filter(|entry| taken(entry) || own(entry)) {
        unite(&mut fields, entry.get("fieldsV1").unwrap_or(&Value::Null));
    }
    let ours = entries.iter().find(own).unwrap_or(newest);
    let mut next: Vec<Value> = entries.iter().filter(|entry| !taken(entry) && !own(entry)).cloned().collect();
    next.push(json!({"manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": ours.get("apiVersion"),
        "time": newest.get("time"), "fieldsType": "FieldsV1", "fieldsV1": fields}));
    Ok(Some(patch_of(live, uid, &next)))
}

/// The patch after which nothing of the object is langop's; none when nothing is.
fn managed_by_others(live: &Value, uid: &str) -> Option<Value> {
    if text(live, "/metadata/uid") != Some(uid) {
        return None;
    }
    let entries = items(live, "/metadata/managedFields");
    let mut others: Vec<Value> =
        entries.iter().filter(|entry| text(entry, "/manager") != Some(FIELD_MANAGER)).cloned().collect();
    let labels = without_own(live, "/metadata/labels");
    let annotations = without_own(live, "/metadata/annotations");
    if others.len() == entries.len() && labels.is_empty() && annotations.is_empty() {
        return None;
    }
    if others.is_empty() {
        // An empty list changes nothing (Kubernetes, *Server-Side Apply*, clearing managedFields).
        others.push(json!({}));
    }
    let version = text(live, "/metadata/resourceVersion");
    Some(json!({"metadata": {"uid": uid, "resourceVersion": version, "managedFields": others,
        "labels": labels, "annotations": annotations}}))
}

/// A patch that takes langop's own off these labels or annotations.
fn without_own(live: &Value, pointer: &str) -> Map<String, Value> {
    let own = text_map(live, pointer).into_iter().filter(|(name, value)| labels::is_own(name, value));
    own.map(|(name, _)| (name, Value::Null)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_let_go_of_keeps_its_content_and_its_other_managers() {
        let entry = |manager: &str| json!({"manager": manager, "operation": "Apply", "fieldsV1": {}});
        let mut object = live(&json!([entry("langop"), entry("controller")]));
        object["metadata"]["labels"] =
            json!({"langop.io/stack": "s", "app.kubernetes.io/managed-by": "langop", "a": "b"});
        object["metadata"]["annotations"] = json!({"langop.io/protect": "true"});
        let patch = managed_by_others(&object, "1").unwrap();
        let nothing = Value::Null;
        assert_eq!(
            patch["metadata"],
            json!({"uid": "1", "resourceVersion": "7", "managedFields": [entry("controller")], "annotations": {},
                "labels": {"langop.io/stack": nothing, "app.kubernetes.io/managed-by": nothing}})
        );
        assert_eq!(
            managed_by_others(&live(&json!([entry("langop")])), "1").unwrap()["metadata"]["managedFields"],
            json!([{}])
        );
        assert_eq!(managed_by_others(&live(&json!([entry("controller")])), "1"), None);
        assert_eq!(managed_by_others(&object, "2"), None);
    }

    fn live(entries: &Value) -> Value {
        json!({"metadata": {"uid": "1", "resourceVersion": "7", "managedFields": entries}})
    }

    #[test]
    fn what_tools_manage_becomes_ours_and_the_rest_stays() {
        let set = |field: &str| json!({"f:data": {format!("f:{field}"): {}}});
        let entry = |manager: &str, operation: &str, field: &str| json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": set(field)});
        let entries = json!([
            entry("langop", "Apply", "a"),
            entry("kubectl-edit", "Update", "b"),
            entry("controller", "Update", "c"),
        ]);
        let patch = managed_by_us(&live(&entries), "1", &BTreeSet::new()).unwrap().unwrap();
        let next = patch["metadata"]["managedFields"].as_array().unwrap();
        assert_eq!((next.len(), &next[0]["manager"], &next[1]["manager"]), (2, &json!("controller"), &json!("langop")));
        assert_eq!(next[1]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
        let bound = (&patch["metadata"]["uid"], &patch["metadata"]["resourceVersion"]);
        assert_eq!(bound, (&json!("1"), &json!("7")));
    }

    #[test]
    fn what_is_ours_moves_to_the_version_of_the_apply_once() {
        let entry = |manager: &str, version: &str| json!({"manager": manager, "operation": "Apply", "apiVersion": version, "fieldsV1": {}});
        let before = live(&json!([entry("langop", "a/v1"), entry("other", "a/v1")]));
        let patch = managed_in(&before, "1", "a/v2").unwrap().unwrap();
        let after = json!([entry("langop", "a/v2"), entry("other", "a/v1")]);
        assert_eq!(patch["metadata"]["managedFields"], after);
        assert_eq!(managed_in(&live(&after), "1", "a/v2"), Ok(None));
        assert!(managed_in(&before, "2", "a/v2").is_err());
    }

    #[test]
    fn there_may_be_nothing_to_take_or_another_object() {
        assert_eq!(managed_by_us(&live(&json!([])), "1", &BTreeSet::new()), Ok(None));
        assert!(matches!(managed_by_us(&live(&json!([])), "2", &BTreeSet::new()), Err(ClusterError::Conflict(_))));
    }
}
