//! What is described, by its address, and the addresses that stand in tables beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::{Code, Diagnostic, Span};
use super::draft::Draft;
use super::names::nearest;
use super::tree::Node;
use crate::object::{Address, Manifest};

/// What is described, by address, and where.
pub(super) struct Described(BTreeMap<Address, Option<Span>>);

impl Described {
    pub(super) fn new<'a>(drafts: impl Iterator<Item = &'a Draft>, manifests: &[Manifest]) -> Self {
        let mut described: BTreeMap<_, _> = manifests.iter().map(|one| (one.address.clone(), None)).collect();
        described.extend(drafts.map(|draft| (draft.address(), Some(draft.named))));
        Self(described)
    }

    pub(super) fn has(&self, address: &Address) -> bool {
        self.0.contains_key(address)
    }

    /// Where it is described, as far as that is known.
    pub(super) fn place(&self, address: &Address) -> Option<Span> {
        self.0.get(address).copied().flatten()
    }

    /// What was probably meant.
    pub(super) fn nearest(&self, address: &Address) -> Option<&str> {
        nearest(address.as_str(), self.0.keys().map(Address::as_str))
    }
}

/// The address under a key of a table. One that is missing or no text was said to be so already.
pub(super) fn address(table: &Node, key: &str) -> Option<Address> {
    Address::parse(table.text_at(&[key])?).ok()
}

/// Says of each of these keys that it holds no address, where that is so.
pub(super) fn check_addresses(table: &Node, keys: &[&str], found: &mut Vec<Diagnostic>) {
    for node in keys.iter().filter_map(|key| table.get(key)) {
        if let Some(fault) = node.text().and_then(|text| Address::parse(text).err()) {
            let message = format!("`{}` is no address", node.shown());
            found.push(Diagnostic::error(Code::BadAddress, message).at(node.span, "").hint(fault));
        }
    }
}

/// Addresses that were seen, for saying what is there twice.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<Address, Span>);

impl Seen {
    /// Where the address was seen before.
    pub(super) fn before(&mut self, address: &Address, at: Span) -> Option<Span> {
        let before = self.0.get(address).copied();
        self.0.entry(address.clone()).or_insert(at);
        before
    }

    pub(super) fn into_addresses(self) -> BTreeSet<Address> {
        self.0.into_keys().collect()
    }
}
