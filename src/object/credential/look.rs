//! What looks like a credential, wherever it stands: known beginnings, keys in PEM, passwords in URLs and in
//! connection strings, and words that only chance could have made.

use super::harmless::is_harmless;
use super::name::{is_credential_name, is_reference};
use super::random::{has_known_prefix, is_random};
use super::url;

/// No key is a longer word; what follows is not looked at.
const LONGEST: usize = 8192;

/// Whether the text, or a word of it, looks like a credential.
#[must_use]
pub fn looks_like_credential(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
        || url::holds_credential(text)
        || is_scheme_and_token(text)
        || is_key_file(text)
        || words(text)
            .any(|word| has_known_prefix(word) || is_assignment(word) || chunks(word).any(is_random) || is_random(word))
}

/// Words as they stand in prose, commands, JSON and URLs.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let end =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}');
    text.split(end).filter(|word| !word.is_empty()).map(|word| &word[..word.floor_char_boundary(LONGEST)])
}

/// The parts of a word that could each be a key.
fn chunks(word: &str) -> impl Iterator<Item = &str> {
    // A digest is public, whatever it looks like.
    let digest = ["sha256:", "sha512:", "sha1:", "md5:"].iter().any(|name| word.contains(name));
    let word = if digest { "" } else { word };
    word.split(['/', ':', '@', '=', '?', '&', '#', '|', '<', '>', '\\', '$'])
}

/// `Bearer …`, as the whole of a header.
fn is_scheme_and_token(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let scheme = words.next().is_some_and(|word| ["bearer", "basic", "token"].contains(&&*word.to_ascii_lowercase()));
    let token = words.next().is_some_and(|word| word.len() >= 8 && !word.chars().all(|c| c.is_ascii_lowercase()));
    scheme && token && words.next().is_none() && !text.contains("$(") && !is_reference(text)
}

/// A service account's file, or any JSON that names a credential of its own.
fn is_key_file(text: &str) -> bool {
    fn holds(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Object(fields) => fields.iter().any(|(name, value)| {
                let text = value.as_str().unwrap_or_default();
                holds(value) || is_credential_name(name) && !is_harmless(name, text)
            }),
            serde_json::Value::Array(items) => items.iter().any(holds),
            _ => false,
        }
    }
    let text = text.trim_start();
    text.starts_with(['{', '[']) && serde_json::from_str(text).is_ok_and(|value| holds(&value))
}

/// `password=…`, `AccountKey=…`, `--api-key=…`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, value)| {
        let named = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && is_credential_name(name);
        // `key=f"…"` in a program: what ends after a letter or two is no secret.
        named && value.len() > 2 && !value.starts_with(['$', '<', '%', '=']) && !is_harmless(name, value)
    })
}

/// Whether the text that stands under a name is a credential: because the name says so and the text could be
/// one, or because it looks like one wherever it stands.
#[must_use]
pub fn is_credential(name: &str, text: &str) -> bool {
    looks_like_credential(text) || is_credential_name(name) && !is_harmless(name, text)
}
