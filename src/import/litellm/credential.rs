//! The credentials of a deployment as references: one key as `apiKeySecretRef`, all else as a Secret whose keys are named
//! after what they hold.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::collected::{Collected, Keys, Origin};
use super::deployment::Deployment;
use super::value::{At, upper, variable_of, written_out};
use crate::object::credential::is_credential;
use crate::stack::{Entry, NodeValue};

/// Parameters that hold credentials, and the key of a Secret that stands for each.
const KEYS: [(&str, &str); 9] = [
    ("api_key", "api-key"),
    ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ("aws_session_token", "AWS_SESSION_TOKEN"),
    ("azure_ad_token", "AZURE_AD_TOKEN"),
    ("client_id", "AZURE_CLIENT_ID"),
    ("client_secret", "AZURE_CLIENT_SECRET"),
    ("tenant_id", "AZURE_TENANT_ID"),
    ("vertex_credentials", "vertex_credentials"),
];

/// The key of a file with a service account.
const ACCOUNT_FILE: &str = "service-account.json";

/// Parameters that no Secret of langop's stands for.
const UNKNOWN: [&str; 2] = ["aws_web_identity_token", "azure_password"];

/// Adds the references of a deployment to its model.
pub(super) fn refer(
    deployment: &Deployment<'_>,
    thing: &str,
    model: &mut Map<String, Value>,
    collected: &mut Collected<'_>,
) {
    for (key, entry) in UNKNOWN.iter().filter_map(|key| deployment.params.get_key_value(key)) {
        let path = format!("{}.litellm_params.{key}", deployment.path);
        collected.remark(entry.key, &path, "is not carried: no key of a Secret stands for it");
    }
    let mut keys = Keys::new();
    for (parameter, key) in KEYS {
        let Some(entry) = deployment.params.get(parameter) else { continue };
        let at = At::new(
            format!("{}.litellm_params.{parameter}", deployment.path),
            parameter,
            &format!("{thing}_{parameter}"),
        );
        if let Some((key, origin)) = origin(entry, key, &at, collected) {
            keys.insert(key.to_owned(), origin);
        }
    }
    if keys.is_empty() {
        return;
    }
    let alone = keys.keys().eq(["api-key"]);
    let name = collected.secret(thing, keys);
    let field = if alone { "apiKeySecretRef" } else { "credentialsSecretRef" };
    model.insert(field.to_owned(), json!({ "name": name }));
}

/// Whether a parameter is a reference now, so that it is not among `params`. An id that is written out is no secret.
pub(super) fn is_referred(parameter: &str, entry: &Entry) -> bool {
    let written_out = matches!(parameter, "client_id" | "tenant_id") && variable(entry).is_none();
    !written_out && (UNKNOWN.contains(&parameter) || KEYS.iter().any(|(known, _)| *known == parameter))
}

fn origin<'k>(entry: &Entry, key: &'k str, at: &At, collected: &mut Collected<'_>) -> Option<(&'k str, Origin)> {
    if !is_referred(&at.key, entry) {
        return None;
    }
    if let Some(name) = variable(entry) {
        return Some((key, Origin::Variable(name.to_owned())));
    }
    let text = match &entry.node.value {
        NodeValue::String(text) => text.clone(),
        // A service account may be written out as a table.
        NodeValue::Map(_) => "a table".to_owned(),
        NodeValue::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_file = Path::new(&text).is_absolute() && Path::new(&text).extension().is_some_and(|end| end == "json");
    if at.key == "vertex_credentials" && is_file {
        return Some((ACCOUNT_FILE, Origin::File(text)));
    }
    // What is no key: `none`, `true`, nothing.
    let is_key = is_credential(&at.key, &text) || at.key != "api_key" && !text.is_empty();
    if !is_key {
        return None;
    }
    collected.remark(entry.key, &at.path, written_out(&at.variable));
    Some((key, Origin::Variable(upper(&at.variable))))
}

fn variable(entry: &Entry) -> Option<&str> {
    entry.node.text().and_then(variable_of)
}
