//! Lists that are sets or maps (`x-kubernetes-list-type`): no item twice, and each with its keys.

use serde_json::Value;

use crate::object::field::names;

/// A message for each list whose items are not as its type asks.
pub(super) fn violations(schema: &Value, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    below("", schema, object, &mut found);
    found
}

fn below(path: &str, schema: &Value, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let own = schema.get("properties").and_then(|properties| properties.get(key));
                let Some(schema) = own.or_else(|| schema.get("additionalProperties")) else { continue };
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                below(&path, schema, value, found);
            }
        }
        Value::Array(list) => {
            found.extend(of_list(schema, list).into_iter().map(|(at, words)| format!("{path}[{at}]: {words}")));
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in list.iter().enumerate() {
                below(&format!("{path}[{index}]"), schema, item, found);
            }
        }
        _ => {}
    }
}

/// What is wrong with which item.
fn of_list(schema: &Value, list: &[Value]) -> Vec<(usize, String)> {
    let is_map = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => true,
        Some("set") => false,
        _ => return Vec::new(),
    };
    let keys = names(schema, "/x-kubernetes-list-map-keys");
    let identity = |item: &Value| {
        if is_map { keys.iter().map(|key| item.get(key).cloned()).collect() } else { vec![Some(item.clone())] }
    };
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let own: Vec<_> = identity(item);
        if let Some(missing) = keys.iter().zip(&own).find(|(_, value)| is_map && value.is_none()) {
            found.push((index, format!("the key `{}` is missing", missing.0)));
        } else if seen.contains(&own) {
            found.push((index, "it is there twice".to_owned()));
        }
        seen.push(own);
    }
    found
}
