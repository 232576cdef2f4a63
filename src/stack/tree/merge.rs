//! Two trees as one: tables key by key, everything else replaced by the later. Every value keeps the
//! place where it was written.

use super::{Node, Value};

/// `over` laid on `base`. A null takes away what it covers.
#[must_use]
pub(crate) fn merge(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Map(mut merged), Value::Map(over_map)) => {
            for (key, mut entry) in over_map {
                if let Some(under) = merged.remove(&key) {
                    entry.node = merge(under.node, entry.node);
                }
                merged.insert(key, entry);
            }
            Node { value: Value::Map(merged), span: over.span, hidden: over.hidden }
        }
        (_, value) => Node { value, ..over },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::diagnostic::Files;
    use crate::stack::tree::read_toml;

    fn node(files: &mut Files, text: &str) -> Node {
        let id = files.add("t.toml", text.to_owned());
        let mut found = Vec::new();
        let node = read_toml(files.text(id), id, &mut found);
        assert!(found.is_empty(), "{found:?}");
        node
    }

    #[test]
    fn tables_merge_and_everything_else_is_replaced() {
        let mut files = Files::default();
        let base = node(&mut files, "a = { b = 1, c = [1, 2] }\nd = { e = 1 }");
        let over = node(&mut files, "a = { c = [3] }\nd = 2");
        let merged = merge(base, over).to_json();
        let expected = serde_json::json!({"a": {"b": 1, "c": [3]}, "d": 2});
        assert_eq!(merged, expected);
    }

    #[test]
    fn values_keep_their_place() {
        let mut files = Files::default();
        let base = node(&mut files, "a = { b = 1 }");
        let over = node(&mut files, "\na = { c = 3 }");
        let merged = merge(base.clone(), over.clone());
        assert_eq!(merged.at(&["a", "b"]), base.at(&["a", "b"]));
        assert_eq!(merged.at(&["a", "c"]), over.at(&["a", "c"]));
    }
}
