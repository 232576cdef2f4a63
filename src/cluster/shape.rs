//! Whether an answer is what was asked for. A proxy that asks for a password, a half-started server and a broken cache
//! answer 200 too; what they send is neither an object nor an empty list.

use serde_json::Value;

use super::ClusterError;
use crate::object::field::text;
use crate::object::{GroupKind, Meta};

/// One page of a LIST.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Where the next one begins.
    pub(super) next: Option<String>,
}

/// The items of a list; only a list that says so is empty.
pub(super) fn page(mut body: Value) -> Result<Page<Value>, ClusterError> {
    let kind = text(&body, "/kind").unwrap_or_default();
    if !kind.ends_with("List") {
        return Err(other("a list", kind));
    }
    let next = text(&body, "/metadata/continue").filter(|next| !next.is_empty()).map(str::to_owned);
    match body.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(Page { items, next }),
        // A nil slice of the server's.
        Some(Value::Null) => Ok(Page { items: Vec::new(), next }),
        _ => Err(ClusterError::Malformed("a list without items".to_owned())),
    }
}

/// Metadata of the objects of a list.
pub(super) fn metas(kind: &GroupKind, body: Value) -> Result<Page<Meta>, ClusterError> {
    let Page { items, next } = page(body)?;
    let items = items.iter().map(|item| meta(kind, item)).collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

/// The same object, if it is of this kind.
pub(super) fn of_kind(kind: &str, body: Value) -> Result<Value, ClusterError> {
    match text(&body, "/kind").unwrap_or_default() {
        found if found == kind => Ok(body),
        found => Err(other(kind, found)),
    }
}

/// The answer to a deletion, if it is one: the object that waits for something, or a `Status` when it is gone.
pub(super) fn of_deletion(kind: &str, body: Value) -> Result<Value, ClusterError> {
    if text(&body, "/kind") == Some("Status") { Ok(body) } else { of_kind(kind, body) }
}

/// The same object, if it has this name.
pub(super) fn named(name: &str, body: Value) -> Result<Value, ClusterError> {
    match text(&body, "/metadata/name") {
        Some(found) if found == name => Ok(body),
        _ => Err(ClusterError::Malformed(format!("it was asked for `{name}` and sent something else"))),
    }
}

/// Metadata of an object that is there.
pub(super) fn meta(kind: &GroupKind, body: &Value) -> Result<Meta, ClusterError> {
    // Some views, such as those of metrics, have no uid.
    Meta::from_object(&kind.group, &kind.kind, body)
        .ok_or_else(|| ClusterError::Malformed(format!("a {kind} without a name")))
}

fn other(wanted: &str, found: &str) -> ClusterError {
    let found = if found.is_empty() { "something without a kind" } else { found };
    ClusterError::Malformed(format!("it was asked for {wanted} and sent {found}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_list_that_says_so_is_empty() {
        let items = |body: Value| page(body).map(|page| page.items.len()).ok();
        assert_eq!(items(json!({"kind": "SecretList", "items": []})), Some(0));
        assert_eq!(items(json!({"kind": "SecretList", "items": null})), Some(0));
        assert_eq!(items(json!({"kind": "SecretList", "items": [{}, {}]})), Some(2));
        for body in [json!({}), json!([]), json!(null), json!({"kind": "SecretList"}), json!({"items": []})] {
            assert_eq!(items(body.clone()), None, "{body}");
        }
        assert_eq!(items(json!({"kind": "Status", "status": "Success", "items": []})), None);
    }

    #[test]
    fn the_next_page_is_kept() {
        let next = |token: &str| {
            page(json!({"kind": "PodList", "metadata": {"continue": token}, "items": []})).map(|page| page.next)
        };
        assert_eq!((next("abc"), next("")), (Ok(Some("abc".to_owned())), Ok(None)));
    }

    #[test]
    fn another_object_is_not_the_one_that_was_asked_for() {
        let pod = json!({"kind": "Pod", "metadata": {"name": "a", "uid": "1"}});
        assert!(of_kind("Pod", pod.clone()).is_ok() && named("a", pod.clone()).is_ok());
        assert!(of_kind("Secret", pod.clone()).is_err() && named("b", pod.clone()).is_err());
        let status = json!({"kind": "Status", "status": "Success"});
        assert!(of_deletion("Pod", pod.clone()).is_ok() && of_deletion("Pod", status.clone()).is_ok());
        assert!(of_deletion("Pod", json!({})).is_err() && of_kind("Pod", status).is_err());
        let kind = GroupKind::new("", "Pod");
        assert_eq!(meta(&kind, &pod).unwrap().uid, "1");
        assert!(meta(&kind, &json!({"metadata": {}})).is_err() && meta(&kind, &json!({})).is_err());
    }
}
