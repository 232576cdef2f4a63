//! Which item of one list is which item of another: by merge key, as a set, or by position. The rules are
//! those of the API types (`x-kubernetes-list-type`, `patchMergeKey`), by the name of the list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field_position::FieldPosition;

/// The merge keys of lists that have one of their own, tried before [`COMMON`].
const OWN: [(&str, &[&str]); 9] = [
    ("ports", &["containerPort", "protocol"]),
    ("ports", &["port", "protocol"]),
    ("conditions", &["type"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("ownerReferences", &["kind", "name"]),
    ("subjects", &["kind", "name"]),
];

/// Keys that name an item in any list, when every item has it and no two the same.
const COMMON: [&[&str]; 6] = [&["name"], &["key"], &["host"], &["path"], &["type"], &["kind", "name"]];

/// Keyed lists in which order says nothing. `env` and `initContainers` are not among them: variables
/// refer to earlier ones, and init containers run in order.
const UNORDERED: [&str; 14] = [
    "conditions",
    "containerStatuses",
    "containers",
    "ephemeralContainers",
    "hostAliases",
    "imagePullSecrets",
    "ownerReferences",
    "ports",
    "secrets",
    "subjects",
    "topologySpreadConstraints",
    "volumeDevices",
    "volumeMounts",
    "volumes",
];

/// Lists of scalars that are sets to whoever reads them.
const SETS: [&str; 17] = [
    "accessModes",
    "add",
    "aliases",
    "apiGroups",
    "categories",
    "clusters",
    "drop",
    "except",
    "finalizers",
    "loadBalancerSourceRanges",
    "nonResourceURLs",
    "policyTypes",
    "required",
    "resourceNames",
    "resources",
    "shortNames",
    "verbs",
];

/// How the items of two lists belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// By these keys, one for each item of either list, unique in each.
    Keyed {
        /// Keys of the first list.
        before: Vec<String>,
        /// Keys of the second list.
        after: Vec<String>,
        /// Whether a different order is a difference.
        ordered: bool,
    },
    /// Scalars without order and repetition.
    Set,
    /// By position.
    Sequence,
}

/// How `before` and `after`, lists at `position`, belong together.
#[must_use]
pub fn matching(position: FieldPosition<'_>, before: &[Value], after: &[Value]) -> Matching {
    let both = || before.iter().chain(after);
    if both().all(Value::is_object) {
        return keyed(position.key(), before, after).unwrap_or(Matching::Sequence);
    }
    let scalars = both().all(|item| !item.is_object() && !item.is_array());
    if scalars && SETS.contains(&position.key()) && distinct(before) && distinct(after) {
        return Matching::Set;
    }
    Matching::Sequence
}

fn keyed(list: &str, before: &[Value], after: &[Value]) -> Option<Matching> {
    let own = OWN.iter().filter(|(name, _)| *name == list).map(|(_, fields)| *fields);
    own.chain(COMMON).find_map(|fields| {
        Some(Matching::Keyed {
            before: keys(fields, before)?,
            after: keys(fields, after)?,
            ordered: !UNORDERED.contains(&list),
        })
    })
}

fn keys(fields: &[&str], items: &[Value]) -> Option<Vec<String>> {
    let keys: Vec<String> = items.iter().map(|item| key(fields, item)).collect::<Option<_>>()?;
    let unique: BTreeSet<&String> = keys.iter().collect();
    (unique.len() == keys.len()).then_some(keys)
}

fn key(fields: &[&str], item: &Value) -> Option<String> {
    let parts: Option<Vec<String>> = fields
        .iter()
        .map(|field| match item.get(field) {
            // The API server's default, and part of the key.
            None if *field == "protocol" => Some("TCP".to_owned()),
            value => scalar(value?),
        })
        .collect();
    Some(parts?.join("/"))
}

/// A scalar as it reads in a path; none for null, maps and lists.
#[must_use]
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn distinct(items: &[Value]) -> bool {
    let texts: BTreeSet<String> = items.iter().filter_map(scalar).collect();
    texts.len() == items.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(list: &str, before: &Value, after: &Value) -> Matching {
        let items = |value: &Value| value.as_array().unwrap().clone();
        matching(FieldPosition::root().field(list), &items(before), &items(after))
    }

    #[test]
    fn ports_are_keyed_with_the_default_protocol() {
        let found = of("ports", &json!([{"port": 53, "protocol": "UDP"}, {"port": 53}]), &json!([]));
        let Matching::Keyed { before, ordered, .. } = found else { panic!("{found:?}") };
        assert_eq!(before, ["53/UDP", "53/TCP"]);
        assert!(!ordered);
    }

    #[test]
    fn equal_keys_leave_only_the_position() {
        let twice = json!([{"name": "a"}, {"name": "a"}]);
        assert_eq!(of("containers", &twice, &json!([])), Matching::Sequence);
    }

    #[test]
    fn order_counts_where_it_means_something() {
        let items = json!([{"name": "a"}]);
        for (list, expected) in [("initContainers", true), ("env", true), ("containers", false)] {
            let Matching::Keyed { ordered, .. } = of(list, &items, &items) else { panic!("{list}") };
            assert_eq!(ordered, expected, "{list}");
        }
    }

    #[test]
    fn only_known_lists_of_scalars_are_sets() {
        let items = json!(["get", "list"]);
        assert_eq!(of("verbs", &items, &items), Matching::Set);
        assert_eq!(of("args", &items, &items), Matching::Sequence);
        assert_eq!(of("verbs", &json!(["get", "get"]), &items), Matching::Sequence);
    }
}
