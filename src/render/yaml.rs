//! YAML text from a value: block style, sorted keys, one fact a line, so that a diff of two texts is
//! a diff of their facts.
//!
//! Strings are quoted unless they are plainly words: the reader may be a YAML 1.1 parser (`LiteLLM`'s
//! is), to which `2024-10-21` is a date, `on` a truth and `3e-6` a word. Numbers are therefore
//! written without exponents.

use serde_json::{Map, Number, Value};

/// The value as a YAML document.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    node(&mut out, value, 0);
    out
}

/// Writes a value that starts on a line of its own, indented by `depth` steps.
fn node(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => mapping(out, fields, depth),
        Value::Array(items) if !items.is_empty() => sequence(out, items, depth),
        flat => {
            indent(out, depth);
            scalar(out, flat, depth);
            out.push('\n');
        }
    }
}

fn mapping(out: &mut String, fields: &Map<String, Value>, depth: usize) {
    // The map is sorted, unless some dependency asks for serde_json's insertion order.
    let mut keys: Vec<_> = fields.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, value) in keys {
        indent(out, depth);
        field(out, key, value, depth);
    }
}

fn field(out: &mut String, key: &str, value: &Value, depth: usize) {
    string(out, key);
    out.push(':');
    if is_block(value) {
        out.push('\n');
        // A list may stand at the column of its key.
        node(out, value, if value.is_array() { depth } else { depth + 1 });
    } else {
        out.push(' ');
        scalar(out, value, depth + 1);
        out.push('\n');
    }
}

fn sequence(out: &mut String, items: &[Value], depth: usize) {
    for item in items {
        let mut inner = String::new();
        if is_block(item) {
            node(&mut inner, item, depth + 1);
        } else {
            indent(&mut inner, depth + 1);
            scalar(&mut inner, item, depth + 1);
            inner.push('\n');
        }
        indent(out, depth);
        // The dash takes the place of the first line's last step of indentation.
        out.push_str("- ");
        out.push_str(inner.get((depth + 1) * STEP..).unwrap_or_default());
    }
}

const STEP: usize = 2;

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n(' ', depth * STEP));
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn scalar(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&decimal(number)),
        Value::String(words) if is_literal(words) => literal(out, words, depth),
        Value::String(words) => string(out, words),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Whether the string can stand as a literal block and lose nothing.
fn is_literal(words: &str) -> bool {
    let printable = words.chars().all(|c| c == '\n' || !c.is_control() && !is_break(c));
    words.trim_end_matches('\n').contains('\n')
        && printable
        && !words.starts_with([' ', '\n'])
        && !words.lines().any(|line| line.ends_with(' '))
        && !words.ends_with("\n\n")
}

fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn literal(out: &mut String, words: &str, depth: usize) {
    out.push_str(if words.ends_with('\n') { "|" } else { "|-" });
    for line in words.lines() {
        out.push('\n');
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
    }
}

fn decimal(number: &Number) -> String {
    match number.as_f64() {
        // Display of f64 never uses an exponent.
        Some(float) if number.is_f64() => {
            let digits = float.to_string();
            if digits.contains('.') { digits } else { digits + ".0" }
        }
        _ => number.to_string(),
    }
}

fn string(out: &mut String, words: &str) {
    if is_plain(words) {
        out.push_str(words);
    } else {
        // A JSON string is a double-quoted YAML string.
        out.push_str(&Value::String(words.to_owned()).to_string());
    }
}

fn is_plain(words: &str) -> bool {
    let first = words.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '/');
    let rest = words.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@+".contains(c));
    // A colon is plain inside a word and a key's end behind it.
    first && rest && !words.ends_with(':') && !is_reserved(words)
}

fn is_reserved(words: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    WORDS.contains(&words.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_stand_on_lines_of_their_own() {
        let value = json!({
            "list": [{ "a": 1, "b": { "c": [] } }, ["p", "q"], "z"],
            "empty": {},
            "price": 0.000_003,
            "text": "two\nlines\n",
        });
        let expected = "\
empty: {}
list:
- a: 1
  b:
    c: []
- - p
  - q
- z
price: 0.000003
text: |
  two
  lines
";
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn words_that_mean_something_else_are_quoted() {
        for word in ["2024-10-21", "on", "No", "null", "~", "", "1e3", "a: b", "*", "# no", "12:30:00", "x:"] {
            let line = text(&json!({ "key": word }));
            assert_eq!(line, format!("key: {}\n", json!(word)));
        }
    }

    #[test]
    fn ordinary_names_are_not_quoted() {
        for word in ["openai/gpt-4o", "os.environ/LANGOP_KEY_A", "https://api.example.com:8443/v1"] {
            assert_eq!(text(&json!(word)), format!("{word}\n"));
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ -~\n]{0,12}".prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{1,8}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in values()) {
            let read: Value = serde_saphyr::from_str(&text(&value)).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
