//! Objects as a stream of YAML documents, for `kubectl` and other programs: exact, unlike the lines of a
//! plan, which are for people.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

/// Fields that come first in every object, as `kubectl` writes them; the others follow by name.
const FIRST: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The objects one after the other, `---` before each. An object that YAML cannot hold is written as JSON,
/// which is YAML too; no value of an API object is such.
#[must_use]
pub(crate) fn documents(objects: impl IntoIterator<Item = Value>) -> String {
    // A long line is a long line: folded, it would be harder to compare.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let document = |object: Value| {
        let yaml = serde_saphyr::to_string_with_options(&Ordered(&object), options.clone());
        format!("---\n{}", yaml.unwrap_or_else(|_| format!("{object}\n")))
    };
    objects.into_iter().map(document).collect()
}

/// An object with its fields in the usual order.
struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value::Object(fields) = self.0 else {
            return self.0.serialize(serializer);
        };
        let mut map = serializer.serialize_map(Some(fields.len()))?;
        let mut keys: Vec<&String> = fields.keys().collect();
        keys.sort_by_key(|key| (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), *key));
        for key in keys {
            map.serialize_entry(key, &fields[key])?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::object::arbitrary;

    #[test]
    fn documents_read_like_those_of_kubectl() {
        let object = json!({
            "apiVersion": "v1", "data": {"config.yaml": "a: 1\nb: 2\n", "long": "word ".repeat(40), "yes": "no"},
            "kind": "ConfigMap", "metadata": {"name": "x", "labels": {}},
            "ports": [{"name": "http", "port": 80}],
        });
        insta::assert_snapshot!(documents([object, json!({"kind": "Namespace"})]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(object in arbitrary::object()) {
            let text = documents([object.clone()]);
            prop_assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), object, "{}", text);
        }

        #[test]
        fn any_text_is_read_as_it_was(text: String) {
            let object = json!({"text": text});
            let yaml = documents([object.clone()]);
            prop_assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), object, "{}", yaml);
        }
    }
}
