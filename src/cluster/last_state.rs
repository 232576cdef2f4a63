//! The last state of an object that is gone, from the server's memory of changes: a WATCH since a version that was seen
//! tells what has happened since then, and its event of a deletion carries the object as it was at its end.

use kube::api::WatchParams;
use serde_json::Value;

use super::reader::built;
use super::wire::about;
use super::{ClusterError, Reader, Resource, redact};
use crate::object::ObjectRef;
use crate::object::field::{number, text};

/// Seconds for which the server tells; what is over by now it tells at once.
const TELLS: u32 = 1;

impl Reader {
    /// The newest state of an object that the server knows of since `version`; none when nothing happened since.
    ///
    /// # Errors
    /// `Rejected` with 410 when the version is older than the server remembers.
    pub(crate) async fn last_state(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        version: &str,
    ) -> Result<Option<Value>, ClusterError> {
        let params = WatchParams {
            field_selector: Some(format!("metadata.name={}", object.name)),
            timeout: Some(TELLS),
            bookmarks: false,
            ..WatchParams::default()
        };
        let request = built(resource.at(object.namespace.as_deref()).watch(&params, version))?;
        let changes = self.wire().send_lines(about(object, request)).await?;
        let mut last = newest(changes)?;
        if let Some(last) = &mut last {
            redact::one(last);
        }
        Ok(last)
    }
}

/// The object of the last change; an error of the stream is an error.
fn newest(changes: Vec<Value>) -> Result<Option<Value>, ClusterError> {
    let mut last = None;
    for mut change in changes {
        let object = change.get_mut("object").map(Value::take).unwrap_or_default();
        if text(&change, "/type") == Some("ERROR") {
            let code = number(&object, "/code").and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
            let message = text(&object, "/message").unwrap_or("the watch failed").to_owned();
            return Err(ClusterError::Rejected { code, message });
        }
        last = Some(object);
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_change_counts_and_an_error_is_none() {
        let change = |kind: &str, object: Value| json!({"type": kind, "object": object});
        assert_eq!(newest(Vec::new()).unwrap(), None);
        let changes = vec![change("MODIFIED", json!(1)), change("DELETED", json!(2))];
        assert_eq!(newest(changes).unwrap(), Some(json!(2)));
        let expired = change("ERROR", json!({"code": 410, "message": "too old resource version"}));
        assert!(matches!(newest(vec![expired]), Err(ClusterError::Rejected { code: 410, .. })));
    }
}
