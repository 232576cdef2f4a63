//! Credentials within an object: in its texts, and under its names. The rule of [`super::is_credential`], walked over
//! JSON.

use serde_json::Value;

use super::look::is_credential;
use super::mask::masked;
use super::name::is_credential_name;
use crate::object::placeholder::{KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED};
use crate::object::{Path, Segment};

/// Where the value, which stands under `name`, holds what is taken for a credential.
#[must_use]
pub fn credentials_within(name: &str, value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    walk(name, &mut value.clone(), &Path::root(), &mut |_, _, at| found.push(at.clone()));
    found
}

/// The value, which stands under `name`, with [`SENSITIVE`] in the place of what is taken for a credential.
#[must_use]
pub fn without_credentials(name: &str, value: &Value) -> Value {
    let mut value = value.clone();
    walk(name, &mut value, &Path::root(), &mut |name, text, _| {
        *text = if is_credential_name(name) { SENSITIVE.to_owned() } else { masked(text).into_owned() };
    });
    value
}

fn walk(name: &str, value: &mut Value, at: &Path, found: &mut impl FnMut(&str, &mut String, &Path)) {
    match value {
        Value::String(text) if !is_placeholder(text) && is_credential(name, text) => found(name, text, at),
        Value::Object(fields) => {
            // A variable or a header: what it is called says what its value is.
            let called = fields.get("name").and_then(Value::as_str).map(str::to_owned);
            for (key, value) in fields.iter_mut() {
                let name = if key == "value" { called.as_deref().unwrap_or(key) } else { key };
                walk(name, value, &at.field(key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk("", item, &at.join(Segment::Index(index)), found);
            }
        }
        _ => {}
    }
}

/// Whether somebody has hidden the value already.
fn is_placeholder(text: &str) -> bool {
    [KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED].contains(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_looks_both_tell() {
        let object = json!({
            "data": {"password": "hunter2", "url": "postgres://u:hunter2@db/x", "mode": "fast", "cert": "(sensitive)"},
            "env": [{"name": "API_KEY", "value": "hunter2"}, {"name": "MODE", "value": "hunter2"}],
        });
        let places: Vec<_> = credentials_within("", &object).iter().map(ToString::to_string).collect();
        assert_eq!(places, ["data.password", "data.url", "env[0].value"]);
        let left = without_credentials("", &object).to_string();
        assert_eq!(left.matches("hunter2").count(), 1, "{left}");
        assert!(credentials_within("", &serde_json::from_str(&left).unwrap()).is_empty(), "{left}");
    }
}
