//! The statements by which what was imported becomes the stack's: without them the plan of an import asks for a flag.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::object::Address;

/// The name of the table in a description.
pub(crate) const TABLE: &str = "adopt";

/// `[[adopt]]` for each of these, once: objects of two groups may share an address.
#[must_use]
pub(crate) fn adoptions(addresses: impl IntoIterator<Item = Address>) -> Vec<Value> {
    let addresses: BTreeSet<_> = addresses.into_iter().collect();
    addresses.iter().map(|address| json!({ "address": address })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectRef;

    #[test]
    fn what_shares_an_address_is_adopted_by_one_statement() {
        let objects = ["a.io", "b.io"].map(|group| ObjectRef::namespaced(group, "Gadget", "n", "mine"));
        let found = adoptions(objects.iter().map(Address::object));
        assert_eq!(found, [json!({"address": "Gadget/n/mine"})]);
    }
}
