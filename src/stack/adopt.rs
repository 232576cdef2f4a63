//! `[[adopt]]`: what exists already and becomes the stack's: the description's form of `--adopt=ADDRESS`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::described::{Described, address, check_addresses};
use super::diagnostic::{Code, Diagnostic, Files};
use super::tree::Node;
use crate::object::{Address, AddressForm, Source};

/// A thing that is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopt {
    /// What is described and may exist already.
    pub address: Address,
    /// Field managers whose fields become langop's too, beside those of kubectl and Helm.
    pub managers: BTreeSet<String>,
    /// Where that is written.
    pub source: Source,
}

/// The schema of the table.
pub(super) fn schema() -> Value {
    json!({
        "description": "Things that exist already and become the stack's. What is the stack's already is left so.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "address": {
                    "description": "What is described and may be there: `secret.openai`, `Deployment/prod/web`.",
                    "type": "string",
                    "minLength": 1,
                },
                "managers": {
                    "description": "Field managers whose fields become langop's, beside kubectl and Helm: what of them \
                                    the description leaves out goes.",
                    "type": "array",
                    "items": { "type": "string", "minLength": 1, "maxLength": 128 },
                    "x-kubernetes-list-type": "set",
                },
            },
            "required": ["address"],
            "additionalProperties": false,
        },
    })
}

/// What is taken over.
pub(super) fn read(tables: &[Node], files: &Files) -> Vec<Adopt> {
    let adopted = tables.iter().filter_map(|table| {
        let managers = table.items_of("managers").iter().filter_map(Node::text).map(str::to_owned);
        Some(Adopt {
            address: address(table, "address")?,
            managers: managers.collect(),
            source: files.source(table.get("address")?.span),
        })
    });
    adopted.collect()
}

/// What is wrong with it. What objects a cluster is made of is not known here: the plan looks.
pub(super) fn check(
    tables: &[Node],
    described: &Described,
    forgotten: &BTreeSet<Address>,
    found: &mut Vec<Diagnostic>,
) {
    for table in tables {
        check_addresses(table, &["address"], found);
        let (Some(address), Some(node)) = (address(table, "address"), table.get("address")) else { continue };
        if forgotten.contains(&address) {
            let message = format!("`{address}` is to be adopted and forgotten");
            let error = Diagnostic::error(Code::ForgetDescribed, message).at(node.span, "");
            found.push(error.hint("leave one of both"));
            continue;
        }
        let is_thing = matches!(address.form(), Some(AddressForm::Thing(..)));
        if is_thing && !described.has(&address) {
            let message = format!("nothing is described as `{address}`");
            let error = Diagnostic::error(Code::AdoptNothing, message).at(node.span, "");
            found.push(match described.nearest(&address) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("describe it as it is to be; then it is adopted"),
            });
        }
    }
}
