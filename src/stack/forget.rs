//! `[[forget]]`: what leaves the record of the stack and stays in the cluster. What becomes of the objects, the plan
//! decides.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::described::{Described, Seen, address, check_addresses};
use super::diagnostic::{Code, Diagnostic, Files};
use super::tree::Node;
use crate::object::{Address, ObjectRef, Source};

/// A thing that is let go of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Forget {
    /// What the record calls it.
    pub address: Address,
    /// Where that is written.
    pub source: Source,
}

impl Forget {
    /// Whether it is about an object: by its address or its own name; of a cluster, by what its namespace holds.
    #[must_use]
    pub fn has(&self, address: &Address, object: &ObjectRef) -> bool {
        self.address.covers(address, object)
    }
}

/// The schema of the table.
pub(super) fn schema() -> Value {
    json!({
        "description": "Things that leave the record of the stack and stay in the cluster, without langop's labels.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "address": {
                    "description": "What was described, and is not any more: `model.old`, `cluster.a`, `Secret/prod/key`.",
                    "type": "string",
                    "minLength": 1,
                },
            },
            "required": ["address"],
            "additionalProperties": false,
        },
    })
}

/// What is let go of.
pub(super) fn read(tables: &[Node], files: &Files) -> Vec<Forget> {
    let forgotten = tables.iter().filter_map(|table| {
        Some(Forget { address: address(table, "address")?, source: files.source(table.get("address")?.span) })
    });
    forgotten.collect()
}

/// What is wrong with it; and what is to be forgotten.
pub(super) fn check(tables: &[Node], described: &Described, found: &mut Vec<Diagnostic>) -> BTreeSet<Address> {
    let mut seen = Seen::default();
    for table in tables {
        check_addresses(table, &["address"], found);
        let (Some(address), Some(node)) = (address(table, "address"), table.get("address")) else { continue };
        if seen.before(&address, node.span).is_none() && described.has(&address) {
            let message = format!("`{address}` is to be forgotten, and described all the same");
            let error = Diagnostic::error(Code::ForgetDescribed, message).at(node.span, "");
            let error = match described.place(&address) {
                Some(place) => error.also(place, "described here"),
                None => error,
            };
            found.push(error.hint("take its description away, or this"));
        }
    }
    seen.into_addresses()
}
