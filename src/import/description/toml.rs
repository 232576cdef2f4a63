//! A description as TOML, as people write it: a table for each thing, small values on one line. The crate `toml` writes
//! the values; it knows no inline tables by itself, and gives every reference to a Secret a table of its own.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Columns of a line with a table or a list in it.
const WIDTH: usize = 100;

/// A description as TOML: what is no table first, tables without a name last.
pub(super) fn document(root: &Map<String, Value>) -> String {
    let mut out = String::new();
    for (key, value) in root.iter().filter(|(_, value)| !value.is_object() && !are_tables(value)) {
        assign(&mut out, key, value);
    }
    for (section, things) in root.iter().filter_map(|(key, value)| Some((key, value.as_object()?))) {
        for (name, thing) in things {
            table(&mut out, &format!("{}.{}", bare(section), bare(name)), thing);
        }
    }
    for (key, tables) in root.iter().filter(|(_, value)| are_tables(value)) {
        for fields in tables.as_array().into_iter().flatten().filter_map(Value::as_object) {
            let _ = writeln!(out, "\n[[{}]]", bare(key));
            fields.iter().for_each(|(key, value)| assign(&mut out, key, value));
        }
    }
    out
}

fn are_tables(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_object))
}

/// A table under its header: what fits on a line, then what is a table of its own.
fn table(out: &mut String, path: &str, value: &Value) {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let (below, own): (Vec<_>, Vec<_>) = fields.iter().partition(|(key, value)| is_below(key, value));
    // A header below names those above it.
    if below.is_empty() || !own.is_empty() {
        let _ = writeln!(out, "\n[{path}]");
    }
    for (key, value) in own {
        assign(out, key, value);
    }
    for (key, value) in below {
        table(out, &format!("{path}.{}", bare(key)), value);
    }
}

fn is_below(key: &str, value: &Value) -> bool {
    value.is_object() && key.len() + inline(value).len() > WIDTH
}

fn assign(out: &mut String, key: &str, value: &Value) {
    let line = inline(value);
    let key = bare(key);
    match value.as_array().filter(|items| key.len() + line.len() > WIDTH && items.len() > 1) {
        Some(items) => {
            let _ = writeln!(out, "{key} = [");
            for item in items {
                let _ = writeln!(out, "  {},", inline(item));
            }
            out.push_str("]\n");
        }
        None if value.is_null() => {}
        None => drop(writeln!(out, "{key} = {line}")),
    }
}

/// A value on one line, but for texts of several lines. Nothing stands for null.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => ::toml::Value::Float(number.as_f64().unwrap_or_default()).to_string(),
        },
        Value::String(text) => ::toml::Value::String(text.clone()).to_string(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter(|item| !item.is_null()).map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields: Vec<_> = fields.map(|(key, value)| format!("{} = {}", bare(key), inline(value))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
    }
}

/// A key as it is written: quoted where it must be.
fn bare(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn written(root: &Value) -> String {
        document(root.as_object().unwrap())
    }

    #[test]
    fn a_thing_is_a_table_and_small_values_stand_on_a_line() {
        let root = json!({
            "stack": "s",
            "clusters": {"c": {}},
            "models": {"gpt": {"apiKeySecretRef": {"name": "openai"}, "aliases": ["a", "b"], "retries": 1, "timeout": "30s"}},
        });
        let expected = "stack = \"s\"\n\n[clusters.c]\n\n[models.gpt]\naliases = [\"a\", \"b\"]\n\
                        apiKeySecretRef = { name = \"openai\" }\nretries = 1\ntimeout = \"30s\"\n";
        assert_eq!(written(&root), expected);
    }

    #[test]
    fn what_is_too_long_for_a_line_has_its_own() {
        let long = "x".repeat(60);
        let root = json!({"clusters": {"c": {"gateway": {"config": {"a": long, "b": long}}, "list": [long, long]}}});
        let text = written(&root);
        assert!(text.contains("[clusters.c.gateway.config]\na = ") && text.contains("list = [\n  \"xx"), "{text}");
        assert!(!text.contains("[clusters.c.gateway]\n"), "{text}");
    }

    #[test]
    fn tables_without_a_name_stand_below_all_others() {
        let root =
            json!({"adopt": [{"address": "cluster.c"}, {"address": "model.m"}], "clusters": {"c": {}}, "stack": "s"});
        let expected =
            "stack = \"s\"\n\n[clusters.c]\n\n[[adopt]]\naddress = \"cluster.c\"\n\n[[adopt]]\naddress = \"model.m\"\n";
        assert_eq!(written(&root), expected);
        assert_eq!(::toml::from_str::<Value>(expected).unwrap(), root);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z. \"]{0,5}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in values()) {
            let root = json!({"adopt": [{"value": value}], "clusters": {"c": {"value": value}}});
            let read: Value = ::toml::from_str(&written(&root)).unwrap();
            prop_assert_eq!(read, root);
        }
    }
}
