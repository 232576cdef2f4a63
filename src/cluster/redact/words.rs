//! What a server says of an object that was sent to it: admission webhooks repeat all of it. Values of variables and
//! of `ConfigMap`s, and whatever else of the object is or looks like a credential, is taken out of the words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::core::Status;
use serde_json::Value;

use crate::object::SENSITIVE;
use crate::object::credential::{is_credential, masked};

/// Below this length a value is taken out only where it stands in quotes: it may be a part of any word.
const SHORT: usize = 6;

/// Takes out of a refusal what the `sent` body must not tell.
pub(in crate::cluster) fn words(status: &mut Status, sent: &[u8]) {
    let mut values = BTreeSet::new();
    if let Ok(object) = serde_json::from_slice::<Value>(sent) {
        collect(&object, "", &mut values);
    }
    let mut values: Vec<String> = values.into_iter().collect();
    // One may be a part of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    status.message = without(&status.message, &values);
    for cause in status.details.iter_mut().flat_map(|details| &mut details.causes) {
        cause.message = without(&cause.message, &values);
    }
}

fn collect(value: &Value, name: &str, values: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str);
            let config_map = text("kind") == Some("ConfigMap");
            for (key, field) in fields {
                match (key.as_str(), field) {
                    // A variable or a header, whatever it is called.
                    ("value", Value::String(value)) if text("name").is_some() => add(value, values),
                    ("data" | "binaryData", Value::Object(files)) if config_map => {
                        files.values().filter_map(Value::as_str).for_each(|file| add(file, values));
                    }
                    _ => collect(field, key, values),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, values)),
        Value::String(text) if is_credential(name, text) => add(text, values),
        _ => {}
    }
}

fn add(value: &str, values: &mut BTreeSet<String>) {
    if !value.is_empty() {
        values.insert(value.to_owned());
    }
}

fn without(words: &str, values: &[String]) -> String {
    let mut words = words.to_owned();
    for value in values {
        for form in forms(value) {
            if form.len() >= SHORT && !is_word(&form) {
                words = words.replace(&form, SENSITIVE);
            } else {
                for quote in ["\\\"", "\"", "'", "`"] {
                    words = words.replace(&format!("{quote}{form}{quote}"), &format!("{quote}{SENSITIVE}{quote}"));
                }
            }
        }
    }
    masked(&words).into_owned()
}

/// A word that the server may say for reasons of its own.
fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c))
}

/// The value as it is, in JSON, in JSON within JSON, in base64 and in a URL.
fn forms(value: &str) -> Vec<String> {
    let json = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let once = json(value);
    let encoded = value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    let mut forms = vec![json(&once), once, value.to_owned(), encoded];
    if value.len() >= SHORT {
        forms.push(STANDARD.encode(value));
    }
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(message: &str, sent: &Value) -> String {
        let mut status = Status::failure(message, "Invalid");
        words(&mut status, sent.to_string().as_bytes());
        status.message
    }

    #[test]
    fn a_webhook_that_repeats_an_object_tells_no_value_of_a_variable() {
        let deployment = json!({"kind": "Deployment", "metadata": {"name": "gateway"}, "spec": {"containers": [{"env": [
            {"name": "PLAIN", "value": "Two words\nand a \"quote\""}, {"name": "LEVEL", "value": "info"},
            {"name": "TARGET", "value": "gateway"},
        ], "password": "hunter2"}]}});
        let echo = format!("admission webhook denied the request: {deployment}");
        let nested = format!("denied: {}", Value::from(deployment.to_string()));
        for message in
            [echo.as_str(), nested.as_str(), "bad value Two%20words%0Aand%20a%20%22quote%22, hunter2, aHVudGVyMg=="]
        {
            let shown = said(message, &deployment);
            for value in ["Two words", "Two%20", "\"info", "hunter2", "aHVudGVyMg"] {
                assert!(!shown.contains(value), "{value}: {shown}");
            }
            assert!(shown.contains(SENSITIVE), "{shown}");
        }
        assert_eq!(said("deployment gateway has no info", &deployment), "deployment gateway has no info");
    }

    #[test]
    fn configuration_and_what_looks_like_a_key_is_taken_out() {
        let map = json!({"kind": "ConfigMap", "data": {"config.yaml": "general_settings:\n  salt: hunter2\n"}});
        let shown = said(&format!("refused {map} and redis://:x@h"), &map);
        assert!(!shown.contains("hunter2") && !shown.contains(":x@h"), "{shown}");
    }
}
