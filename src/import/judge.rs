//! Whether a live object is one that somebody described, and may stand in a file.

use serde_json::Value;

use super::author::Authorship;
use super::left_out::Reason;
use super::owned_part::described;
use crate::object::Meta;
use crate::object::credential::credentials_within;
use crate::object::names::GROUP;

/// Why an object is left out; none of one that is to be written. Of a Secret, the reader has dropped the values.
#[must_use]
pub(crate) fn judge(object: &Value, meta: &Meta) -> Option<Reason> {
    let reference = &meta.reference;
    if let Some(owner) = meta.owners.iter().find(|owner| owner.controller).or(meta.owners.first()) {
        return Some(Reason::Owned { kind: owner.kind.clone(), name: owner.name.clone() });
    }
    if let Some(stack) = meta.stack().filter(|_| meta.managed_by_langop()) {
        return Some(Reason::OfStack(stack.to_owned()));
    }
    if meta.terminating {
        return Some(Reason::Terminating);
    }
    if Authorship::of_object(meta) == Authorship::Generated {
        return Some(Reason::Generated);
    }
    match (reference.group.as_str(), reference.kind.as_str()) {
        ("", "ServiceAccount") if reference.name == "default" && is_bare(&described(object, meta)) => {
            Some(Reason::Generated)
        }
        ("", "Secret") => Some(Reason::Secret(keys(object))),
        ("", "Pod") => Some(Reason::Pod),
        (GROUP, _) => Some(Reason::OfCluster(reference.namespace.clone().unwrap_or_default().into())),
        _ => {
            let found = credentials_within("", &described(object, meta));
            found.first().map(|path| Reason::Credential(path.to_string()))
        }
    }
}

/// Whether an object has nothing but its name.
fn is_bare(object: &Value) -> bool {
    let fields = object.as_object().into_iter().flatten();
    let metadata = object.get("metadata").and_then(Value::as_object).into_iter().flatten();
    fields.into_iter().all(|(key, _)| matches!(key.as_str(), "apiVersion" | "kind" | "metadata"))
        && metadata.into_iter().all(|(key, _)| matches!(key.as_str(), "name" | "namespace"))
}

fn keys(secret: &Value) -> Vec<String> {
    let data = secret.get("data").and_then(Value::as_object);
    data.into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(kind: &str, object: &Value) -> Option<Reason> {
        judge(object, &Meta::from_object("", kind, object).unwrap())
    }

    #[test]
    fn what_others_keep_is_left_out() {
        let metadata = |more: Value| {
            let mut metadata = json!({"name": "x", "namespace": "n"});
            metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"metadata": metadata})
        };
        let owner = json!({"ownerReferences": [{"kind": "ReplicaSet", "name": "web", "uid": "u", "controller": true}]});
        let reason = Reason::Owned { kind: "ReplicaSet".to_owned(), name: "web".to_owned() };
        assert_eq!(judged("Pod", &metadata(owner)), Some(reason));
        let generated = json!({"managedFields": [{"manager": "kube-controller-manager", "fieldsV1": {"f:data": {}}}]});
        assert_eq!(judged("ConfigMap", &metadata(generated)), Some(Reason::Generated));
        let going = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
        assert_eq!(judged("ConfigMap", &metadata(going)), Some(Reason::Terminating));
        let of_stack = json!({"labels": {"app.kubernetes.io/managed-by": "langop", "langop.io/stack": "s"},
            "managedFields": [{"manager": "langop", "operation": "Apply", "fieldsV1": {"f:data": {}}}]});
        assert_eq!(judged("ConfigMap", &metadata(of_stack)), Some(Reason::OfStack("s".to_owned())));
        assert_eq!(judged("ConfigMap", &metadata(json!({}))), None);
    }

    #[test]
    fn the_service_account_of_every_namespace_is_nobodys_until_somebody_gives_it_something() {
        let account = |more: Value| {
            let mut account =
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "uid": "u"}});
            account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            judged("ServiceAccount", &account)
        };
        assert_eq!(account(json!({})), Some(Reason::Generated));
        assert_eq!(account(json!({"imagePullSecrets": [{"name": "registry"}]})), None);
    }

    #[test]
    fn what_may_be_secret_is_named_and_not_written() {
        let secret = json!({"metadata": {"name": "x"}, "data": {"b": "(sensitive)", "a": "(sensitive)"}});
        assert_eq!(judged("Secret", &secret), Some(Reason::Secret(vec!["a".to_owned(), "b".to_owned()])));
        let map = json!({"metadata": {"name": "x"}, "data": {"password": "hunter2"}});
        let reason = judged("ConfigMap", &map).unwrap();
        assert_eq!(reason, Reason::Credential("data.password".to_owned()));
        assert!(!reason.to_string().contains("hunter2"));
    }
}
