//! The part of a live object that its authors own: what somebody would have written. Works on the sets of
//! `metadata.managedFields` (`FieldsV1`).

use serde_json::{Map, Value};

use super::author::Authorship;
use crate::diff::without_noise;
use crate::object::Meta;
use crate::object::takeover::step;

/// The object as its authors described it: without what the server and controllers wrote, and without finalizers, which
/// belong to whoever acts on them.
#[must_use]
pub(crate) fn described(object: &Value, meta: &Meta) -> Value {
    let mut object = without_noise(object);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("finalizers");
        metadata.remove("generateName");
        metadata.retain(|key, value| !matches!(key.as_str(), "annotations" | "labels") || !is_empty(value));
    }
    match Authorship::of_object(meta) {
        Authorship::Fields(set) => identified(part(&object, &set), &object),
        Authorship::Unknown | Authorship::Generated => object,
    }
}

/// With what every object has, whoever owns it.
fn identified(mut part: Value, whole: &Value) -> Value {
    for key in ["apiVersion", "kind"] {
        copy(&mut part, whole, key);
    }
    if part.get("metadata").is_none() {
        part["metadata"] = Value::Object(Map::new());
    }
    for key in ["name", "namespace"] {
        copy(&mut part["metadata"], &whole["metadata"], key);
    }
    part
}

fn copy(into: &mut Value, from: &Value, key: &str) {
    if let (Some(fields), Some(value)) = (into.as_object_mut(), from.get(key)) {
        fields.insert(key.to_owned(), value.clone());
    }
}

fn part(value: &Value, set: &Value) -> Value {
    match value {
        // The set ends here: the value is owned as a whole.
        value if set.as_object().is_none_or(Map::is_empty) => value.clone(),
        Value::Object(fields) => {
            let owned = fields.iter().filter_map(|(key, below)| {
                let part = part(below, set.get(format!("f:{key}"))?);
                // A table of which the authors own nothing any more.
                (is_empty(below) || !is_empty(&part)).then(|| (key.clone(), part))
            });
            Value::Object(owned.collect())
        }
        Value::Array(items) => {
            let owned = items.iter().filter_map(|item| {
                let step = step(set, item)?;
                Some(item_part(item, &step, set.get(&step)?))
            });
            Value::Array(owned.collect())
        }
        other => other.clone(),
    }
}

/// An item of a list is found by its keys, whoever owns them.
fn item_part(item: &Value, step: &str, set: &Value) -> Value {
    let mut part = part(item, set);
    let keys = step.strip_prefix("k:").and_then(|keys| serde_json::from_str::<Map<String, Value>>(keys).ok());
    for key in keys.unwrap_or_default().keys() {
        copy(&mut part, item, key);
    }
    part
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_that_the_server_picked_is_left_out_and_one_that_somebody_wrote_stays() {
        let fields = json!({
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
            "f:spec": {
                "f:ports": {".": {}, "k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}},
                            "k:{\"port\":81,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}, "f:nodePort": {}}},
                "f:selector": {}, "f:type": {},
            },
        });
        let object = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": "n", "uid": "u", "labels": {"app": "web", "theirs": "x"},
                "finalizers": ["service.kubernetes.io/load-balancer-cleanup"],
                "managedFields": [{"manager": "kubectl-create", "fieldsV1": fields}]},
            "spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "type": "NodePort", "selector": {"app": "web"},
                "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30001}, {"port": 81, "protocol": "TCP", "nodePort": 30002}]},
            "status": {},
        });
        let meta = Meta::from_object("", "Service", &object).unwrap();
        let expected = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": "n", "labels": {"app": "web"}},
            "spec": {"type": "NodePort", "selector": {"app": "web"},
                "ports": [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP", "nodePort": 30002}]},
        });
        assert_eq!(described(&object, &meta), expected);
    }

    #[test]
    fn an_object_that_nobody_keeps_account_of_is_taken_whole() {
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "uid": "u"}, "data": {"a": "b"}});
        let meta = Meta::from_object("", "ConfigMap", &object).unwrap();
        assert_eq!(described(&object, &meta)["data"], json!({"a": "b"}));
    }

    #[test]
    fn an_empty_table_that_somebody_wrote_stays() {
        let fields =
            json!({"f:spec": {"f:volumes": {"k:{\"name\":\"cache\"}": {".": {}, "f:emptyDir": {}, "f:name": {}}}}});
        let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "managedFields": [{"manager": "me", "fieldsV1": fields}]},
            "spec": {"volumes": [{"name": "cache", "emptyDir": {}}], "nodeName": "n"}});
        let meta = Meta::from_object("", "Pod", &object).unwrap();
        assert_eq!(described(&object, &meta)["spec"], json!({"volumes": [{"name": "cache", "emptyDir": {}}]}));
    }
}
