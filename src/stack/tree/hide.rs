//! Which values of a tree may be secrets and must not be shown, whatever is wrong with them. Errs on
//! the side of hiding: a starred-out excerpt costs a look at the file, a key in a CI log costs a key.

use super::{Entry, Node, Value};
use crate::stack::diagnostic::{Code, Diagnostic, FileId, Files, Span};
use crate::stack::names::nearest;

/// Ends of key names under which people write credentials, in lower case without separators.
const CREDENTIALS: &[&str] = &[
    "apikey",
    "secret",
    "secretkey",
    "accesskey",
    "accesskeyid",
    "token",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "credentials",
    "privatekey",
    "authorization",
    "bearer",
    "signature",
];

/// Whether a key of this name holds a credential.
#[must_use]
pub fn is_credential(name: &str) -> bool {
    let plain = plain(name);
    CREDENTIALS.iter().any(|end| plain.ends_with(end))
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Hides what may be a secret in a description or a manifest.
pub fn hide(node: &mut Node, files: &mut Files) {
    let Value::Map(root) = &mut node.value else {
        hide_credentials(node, files);
        return;
    };
    // A source of a secret is a name; anything else that stands there was meant as the value.
    let secrets = root.remove("secrets");
    hide_credentials(node, files);
    if let (Some(mut secrets), Value::Map(root)) = (secrets, &mut node.value) {
        match &mut secrets.node.value {
            Value::Map(secrets) => {
                for entry in secrets.values_mut() {
                    hide_secret(&mut entry.node, files);
                }
            }
            _ => hide_all(&mut secrets.node, files),
        }
        root.insert("secrets".to_owned(), secrets);
    }
}

fn hide_secret(secret: &mut Node, files: &mut Files) {
    let Value::Map(map) = &mut secret.value else {
        hide_all(secret, files);
        return;
    };
    for (key, entry) in map {
        match key.as_str() {
            "clusters" | "fromFile" => {}
            "fromEnv" => match &mut entry.node.value {
                Value::Map(sources) => {
                    for source in sources.values_mut() {
                        if !source.node.text().is_some_and(is_variable_name) {
                            hide_all(&mut source.node, files);
                        }
                    }
                }
                _ => hide_all(&mut entry.node, files),
            },
            "fromCommand" => hide_all_but_commands(&mut entry.node, files),
            _ => hide_all(&mut entry.node, files),
        }
    }
}

/// A command is a list of words; what stands there as one text was perhaps meant as the value.
fn hide_all_but_commands(node: &mut Node, files: &mut Files) {
    let Value::Map(commands) = &mut node.value else {
        hide_all(node, files);
        return;
    };
    for command in commands.values_mut() {
        match &mut command.node.value {
            Value::List(words) => words.iter_mut().for_each(|word| hide_credentials(word, files)),
            _ => hide_all(&mut command.node, files),
        }
    }
}

/// Whether an environment variable can have this name (POSIX: letters, digits, underscores).
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The content of Secrets, values under credential-like keys, and the `value` beside a credential-like
/// `name` (environment variables, headers).
fn hide_credentials(node: &mut Node, files: &mut Files) {
    let secret = node.get("kind").is_none_or(|kind| kind.text().is_none_or(may_be_secret));
    let named = node.text_at(&["name"]).is_some_and(is_credential);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| hide_credentials(item, files)),
        Value::Map(map) => {
            for (key, entry) in map {
                // `kubectl apply` keeps a copy of the data among the annotations.
                match key.as_str() {
                    "stringData" | "kubectl.kubernetes.io/last-applied-configuration" => {
                        hide_content(entry, files);
                    }
                    "data" if secret => hide_content(entry, files),
                    "value" if named => hide_all(&mut entry.node, files),
                    _ if is_credential(key) && is_scalar(&entry.node) => {
                        hide_all(&mut entry.node, files);
                    }
                    _ => hide_credentials(&mut entry.node, files),
                }
            }
        }
        Value::String(text) if has_userinfo(text) => hide_all(node, files),
        _ => {}
    }
}

/// Whether a kind is Secret, or Secret with a typing mistake in it.
fn may_be_secret(kind: &str) -> bool {
    kind == "Secret" || nearest(kind, ["Secret"]).is_some()
}

/// Whether a text is a URL with a user, and so perhaps a password, in it.
fn has_userinfo(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest);
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| authority.contains('@'))
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::Map(_) | Value::List(_))
}

/// Hides the content of a Secret to the ends of its lines: an anchor or a comment that a slip of the
/// finger made of a value is no part of the tree.
fn hide_content(entry: &mut Entry, files: &mut Files) {
    let node = &mut entry.node;
    node.hidden = true;
    let end = if is_scalar(node) { node.span.end } else { 0 };
    files.hide_lines(Span { end: end.max(entry.key.end), start: entry.key.end, ..entry.key });
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| hide_content(entry, files)),
        Value::List(items) => {
            for item in items {
                let key = Span { end: item.span.start, ..item.span };
                let mut entry = Entry { key, node: item.clone() };
                hide_content(&mut entry, files);
                *item = entry.node;
            }
        }
        _ => {}
    }
}

fn hide_all(node: &mut Node, files: &mut Files) {
    node.hidden = true;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| hide_all(item, files)),
        Value::Map(map) => map.values_mut().for_each(|entry| hide_all(&mut entry.node, files)),
        _ => files.hide(node.span),
    }
}

/// The diagnostic of a number that is no JSON number.
pub(super) fn not_json(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Unrepresentable, "a number that JSON cannot hold")
        .at(span, "too large, or not a number")
        .hint("quote it if text is meant")
}

/// Hides what may be secrets in a text that is not a tree, line by line: what follows the key on a line
/// that names a credential anywhere, however damaged; in a table of secrets, or in a YAML file that
/// has a Secret, on every line.
pub fn hide_text(file: FileId, files: &mut Files) {
    let text = files.text(file).to_owned();
    let has_secret = text.contains("stringData") || text.contains("kind: Secret");
    let (mut in_secrets, mut below) = (false, false);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = plain(line);
        let top = !line.starts_with([' ', '\t', '\r', '\n', '#', '-', '}', ']']);
        if line.trim_start().starts_with('[') || (top && line.contains(':')) {
            in_secrets = words.starts_with("secrets");
        }
        let separator = line.find([':', '=']);
        // A value may have slipped to the line after its key.
        let credential = CREDENTIALS.iter().any(|word| words.contains(word)) || (below && separator.is_none());
        below = credential;
        let header = line.starts_with('[') && line.trim_end().ends_with(']');
        if has_secret || (in_secrets || credential) && !header {
            let key = separator.map_or(0, |at| at + 1);
            files.hide(Span::new(file, start + key..start + line.len()));
        }
        start += line.len();
    }
}
