//! `lifecycle` of a thing, and `[[lifecycle]]` by address: what may not be deleted, what may be made anew, and whose
//! changes do not count.

use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, Files};
use super::draft::Draft;
use super::object_rules::AddressedRules;
use super::ownership::{address, address_schema, paths, paths_schema};
use super::tree::Node;
use crate::object::ObjectRules;

/// The key of the tables, and of the table of a thing.
pub(super) const KEY: &str = "lifecycle";

/// The schema of the table of a thing.
pub(super) fn schema() -> Value {
    json!({
        "description": "How the objects of it are kept.",
        "type": "object",
        "properties": properties(),
        "additionalProperties": false,
    })
}

/// The schema of the tables by address.
pub(super) fn tables_schema() -> Value {
    let mut properties = properties();
    properties["address"] = address_schema();
    json!({
        "description": "How the objects of an address are kept: of manifests, too.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "required": ["address"],
            "additionalProperties": false,
        },
    })
}

fn properties() -> Value {
    json!({
        "preventDestroy": {
            "description": "Whether a plan that deletes it is refused, even when it has left the description: the live \
                            object bears the annotation `langop.io/protect`.",
            "type": "boolean",
        },
        "replace": {
            "description": "Whether it may be deleted and made again when a field changes that cannot change in place.",
            "type": "string",
            "enum": ["allowed", "refused"],
        },
        "ignoreChanges": paths_schema("Fields that stay as they are once the object is there, whatever the description \
                                       or others make of them."),
    })
}

/// The rules of a description whose shape is proved. What is still wrong is among `found`.
pub(super) fn rules(root: &Node, drafts: &[Draft], files: &Files, found: &mut Vec<Diagnostic>) -> Vec<AddressedRules> {
    let mut all = Vec::new();
    for draft in drafts {
        if let Some(entry) = draft.node.entry(KEY) {
            let source = files.source(entry.key);
            let (rules, protected) = rule(&entry.node, found);
            all.push(AddressedRules { address: draft.address().as_str().to_owned(), rules, protected, source });
        }
    }
    for table in root.items_of(KEY) {
        let (rules, protected) = rule(table, found);
        if let Some(address) = address(table, found) {
            all.push(AddressedRules { address, rules, protected, source: files.source(table.span) });
        }
    }
    all
}

fn rule(table: &Node, found: &mut Vec<Diagnostic>) -> (ObjectRules, bool) {
    let rules = ObjectRules {
        ignored: paths(table.items_of("ignoreChanges"), found),
        replaceable: table.text_at(&["replace"]) == Some("allowed"),
        ..ObjectRules::default()
    };
    (rules, table.get("preventDestroy").and_then(Node::boolean) == Some(true))
}

#[cfg(test)]
mod tests {
    use crate::stack::{LoadRequest, Stack, load};

    fn stack(text: &str) -> Stack {
        let request = LoadRequest { paths: vec!["-".into()], stdin: Some(text.into()), ..LoadRequest::default() };
        load(&request).unwrap().stack
    }

    /// What is said, without the places.
    fn said(stack: &Stack) -> Vec<String> {
        stack.rules.iter().map(|rule| format!("{} {:?} {}", rule.address, rule.rules, rule.protected)).collect()
    }

    #[test]
    fn toml_and_yaml_say_the_same_and_a_thing_says_it_without_an_address() {
        let toml = stack(
            r#"
            stack = "s"
            [clusters.c.lifecycle]
            preventDestroy = true
            [secrets.k]
            fromEnv = { a = "A" }
            lifecycle = { ignoreChanges = ["data"] }
            [[ownership]]
            address = "Deployment/*/gateway"
            paths = [".spec.replicas"]
            manager = "argocd"
            rule = "yield"
            [[lifecycle]]
            address = "cluster.c"
            replace = "allowed"
            "#,
        );
        let yaml = stack(
            "stack: s
clusters: {c: {lifecycle: {preventDestroy: true}}}
secrets: {k: {fromEnv: {a: A}, lifecycle: {ignoreChanges: [data]}}}
ownership: [{address: 'Deployment/*/gateway', paths: [spec.replicas], manager: argocd, rule: yield}]
lifecycle: [{address: cluster.c, replace: allowed}]
",
        );
        assert_eq!(said(&toml), said(&yaml));
        assert_eq!(toml.rules.len(), 4);
        let address = |at: usize| toml.rules[at].address.as_str();
        assert_eq!(
            [address(0), address(1), address(2), address(3)],
            ["Deployment/*/gateway", "cluster.c", "secret.k", "cluster.c"]
        );
        assert!(toml.rules[1].protected && toml.rules[3].rules.replaceable);
        // It is no part of what the kind says.
        assert!(toml.clusters["c"].written.get("lifecycle").is_none());
    }
}
