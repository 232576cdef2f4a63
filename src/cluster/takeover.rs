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
        let mut last = ClusterError::Conflict("it was not looked at".to_owned());
        for _ in 0..TRIES {
            let Some(patch) = managed_by_us(&self.metadata_raw(resource, object).await?, uid)? else { return Ok(()) };
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

/// The patch after which the fields of tools are langop's; none when there are none.
fn managed_by_us(live: &Value, uid: &str) -> Result<Option<Value>, ClusterError> {
    if text(live, "/metadata/uid") != Some(uid) {
        return Err(ClusterError::Conflict("someone else made it again".to_owned()));
    }
    let entries = items(live, "/metadata/managedFields");
    let itself = |entry: &Value| text(entry, "/subresource").unwrap_or_default().is_empty();
    let taken = |entry: &&Value| itself(entry) && text(entry, "/manager").is_some_and(is_tool);
    let own = |entry: &&Value| {
        itself(entry) && text(entry, "/manager") == Some(FIELD_MANAGER) && text(entry, "/operation") == Some("Apply")
    };
    let Some(newest) = entries.iter().filter(taken).max_by_key(|entry| text(entry, "/time")) else { return Ok(None) };
    let mut fields = json!({});
    for entry in entries.iter().filter(|entry| taken(entry) || own(entry)) {
        unite(&mut fields, entry.get("fieldsV1").unwrap_or(&Value::Null));
    }
    let ours = entries.iter().find(own).unwrap_or(newest);
    let mut next: Vec<Value> = entries.iter().filter(|entry| !taken(entry) && !own(entry)).cloned().collect();
    next.push(json!({"manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": ours.get("apiVersion"),
        "time": newest.get("time"), "fieldsType": "FieldsV1", "fieldsV1": fields}));
    // The server answers 409 when it moved.
    let version = text(live, "/metadata/resourceVersion");
    Ok(Some(json!({"metadata": {"uid": uid, "resourceVersion": version, "managedFields": next}})))
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
    fn there_may_be_nothing_to_take_or_another_object() {
        assert_eq!(managed_by_us(&live(&json!([])), "1"), Ok(None));
        assert!(matches!(managed_by_us(&live(&json!([])), "2"), Err(ClusterError::Conflict(_))));
    }
}
