//! Values as people read them: one line of JSON, or lines of YAML. Every line is safe for a terminal.

use serde_json::{Map, Value};

use crate::object::{KNOWN_AFTER_APPLY, Quantity, SENSITIVE, SENSITIVE_CHANGED, printable};

/// A value on one line, as JSON. What stands for a value that nobody may or can know is not quoted.
#[must_use]
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_mark(text) => text.clone(),
        Value::Object(fields) if !fields.is_empty() => {
            let fields = sorted(fields).into_iter();
            let fields = fields.map(|(key, value)| format!("{}: {}", plain(key), inline(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        value => printable(&value.to_string()).into_owned(),
    }
}

/// A value as lines of YAML, keys in order, without indentation of its own.
#[must_use]
pub(crate) fn block(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let fields = sorted(fields).into_iter();
            fields.flat_map(|(key, value)| field(key, value)).collect()
        }
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(item).collect(),
        Value::String(text) => vec![plain(text)],
        value => vec![inline(value)],
    }
}

/// Sorted here: whether `serde_json` keeps the order of a file is another crate's choice.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    fields
}

fn field(key: &str, value: &Value) -> Vec<String> {
    let key = plain(key);
    match value {
        Value::Object(fields) if !fields.is_empty() => nested(&format!("{key}:"), "  ", value),
        // A list is not indented below its key, as `kubectl` prints it.
        Value::Array(items) if !items.is_empty() => nested(&format!("{key}:"), "", value),
        Value::String(text) if text.trim_end().contains('\n') => {
            let mut lines = vec![format!("{key}: {}", literal_header(text))];
            lines.extend(text.lines().map(|line| format!("  {}", printable(line))));
            lines
        }
        value => vec![format!("{key}: {}", block(value).concat())],
    }
}

/// `|`, or `|-` when the text does not end its last line.
fn literal_header(text: &str) -> &'static str {
    if text.ends_with('\n') { "|" } else { "|-" }
}

fn nested(head: &str, indent: &str, value: &Value) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    lines.extend(block(value).into_iter().map(|line| format!("{indent}{line}")));
    lines
}

fn item(value: &Value) -> Vec<String> {
    let lines = block(value).into_iter().enumerate();
    lines.map(|(index, line)| format!("{}{line}", if index == 0 { "- " } else { "  " })).collect()
}

/// A string without quotes where that cannot be read as anything else.
fn plain(text: &str) -> String {
    if is_mark(text) || is_plain(text) {
        return text.to_owned();
    }
    printable(&Value::String(text.to_owned()).to_string()).into_owned()
}

fn is_mark(text: &str) -> bool {
    [KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED].contains(&text)
}

fn is_plain(text: &str) -> bool {
    let words = ["null", "true", "false", "yes", "no", "on", "off", "~"];
    let inside = |c: char| c.is_alphanumeric() || "-_./@+=,() ".contains(c);
    let no_key = |(index, c): (usize, char)| {
        // A colon inside a word (`image:tag`, `http://…`) starts no value.
        c == ':' && text[index + 1..].starts_with(|next: char| !next.is_whitespace())
    };
    // `100m` and `1Gi` are strings to YAML, too; `1e3` is not.
    let starts = text.starts_with(|c: char| c.is_alphabetic() || "/-_".contains(c));
    (starts || text.parse::<Quantity>().is_ok())
        && !text.starts_with("- ")
        && text.trim() == text
        && text.char_indices().all(|(index, c)| inside(c) || no_key((index, c)))
        && !words.contains(&text.to_ascii_lowercase().as_str())
        && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_are_not_quoted() {
        let value = json!({"uid": KNOWN_AFTER_APPLY, "key": SENSITIVE, "text": "a b"});
        assert_eq!(inline(&value), r#"{key: (sensitive), text: "a b", uid: (known after apply)}"#);
        assert_eq!(block(&value)[0], "key: (sensitive)");
    }

    #[test]
    fn yaml_reads_as_a_person_would_write_it() {
        let value = json!({
            "image": "ghcr.io/a/b:v1",
            "args": ["--x", "80", "true", ""],
            "ports": [{"name": "http", "port": 80}],
            "config": "a: 1\nb: 2\n",
            "none": {},
            "odd": "a: b",
            "size": "1Gi",
            "exponent": "1e3",
        });
        assert_eq!(
            block(&value).join("\n"),
            "args:\n- --x\n- \"80\"\n- \"true\"\n- \"\"\nconfig: |\n  a: 1\n  b: 2\nexponent: \"1e3\"\nimage: ghcr.io/a/b:v1\n\
             none: {}\nodd: \"a: b\"\nports:\n- name: http\n  port: 80\nsize: 1Gi"
        );
    }

    #[test]
    fn no_escape_leaves_a_value() {
        let value = json!({"\u{1b}[1m": "\u{1b}[31m\u{9b}\u{7f}", "text": "one\n\u{1b}two\n"});
        for text in block(&value).into_iter().chain([inline(&value)]) {
            assert!(!text.contains(char::is_control), "{text:?}");
        }
    }
}
