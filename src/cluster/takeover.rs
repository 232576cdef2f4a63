//! Rewrites who manages an object: the fields of other tools become langop's, so that an apply without them removes them
//! (client-go, `util/csaupgrade`). Changes no field of the object itself.

use http::Request;
use kube::api::{GetParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::reader::built;
use super::wire::about;
use super::{ClusterError, Resource, Writer, shape};
use crate::object::field::{items, text};
use crate::object::takeover::{is_tool, unite};
use crate::object::{FIELD_MANAGER, ObjectRef};

/// How often it is tried against others who write the object.
const TRIES: u32 = 5;

impl Writer {
    /// Makes langop the manager of what other tools manage of this object. One GET of metadata, and one PATCH where there
    /// is something to take over.
    ///
    /// # Errors
    /// `Conflict` when it is not the object with this uid any more, or moves all the time.
    pub async fn take_over(&self, resource: &Resource, object: &ObjectRef, uid: &str) -> Result<(), ClusterError> {
        self.rewrite_managers(resource, object, |live| managed_by_us(live, uid)).await
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
        self.rewrite_managers(resource, object, |live| managed_in(live, uid, version)).await
    }

    async fn rewrite_managers(
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
fn managed_by_us(live: &Value, uid: &str) -> Result<Option<Value>, ClusterError> {
    ensure_same(live, uid)?;
    let entries = items(live, "/metadata/managedFields");
    let taken = |entry: &&Value| is_itself(entry) && text(entry, "/manager").is_some_and(is_tool);
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let patch = managed_by_us(&live(&entries), "1").unwrap().unwrap();
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
        assert_eq!(managed_by_us(&live(&json!([])), "1"), Ok(None));
        assert!(matches!(managed_by_us(&live(&json!([])), "2"), Err(ClusterError::Conflict(_))));
    }
}
