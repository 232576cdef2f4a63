//! References become typed edges, edges become an order. Pure; may use only `object`.
//!
//! Edges come from what objects say about each other, not from a table that ranks kinds: an object that
//! refers to nothing waits for nothing, and kinds that nobody listed here are ordered all the same.

mod dag;
mod dependency;
mod field;
mod found;
mod governed;
mod index;
mod named;
mod pod;
mod scope;
mod selector;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use dag::{Cycle, Graph};
pub(crate) use dependency::{Dependency, Wait};

use crate::object::{Manifest, ObjectRef};
use found::Found;
use index::Index;

/// What each manifest waits for, in the order of [`ObjectRef`]. Only objects of the set are waited for;
/// two objects have one edge at most, the strongest. Manifests without edges have an empty list.
#[must_use]
pub(crate) fn edges(manifests: &[Manifest]) -> BTreeMap<ObjectRef, Vec<Dependency>> {
    let index = Index::new(manifests);
    manifests
        .iter()
        .map(|manifest| {
            let mut found = Found::new(&index, manifest);
            scope::references(&mut found);
            pod::references(&mut found);
            named::references(&mut found);
            governed::references(&mut found);
            (manifest.reference.clone(), found.into_dependencies())
        })
        .collect()
}
