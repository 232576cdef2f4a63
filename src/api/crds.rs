//! The five `CustomResourceDefinition`s, ready for an API server.
//!
//! They are the types' of the kinds, and the same each time: made once by `generate.rs`, where a test holds them against
//! what this program carries.

#[cfg(test)]
mod generate;
#[cfg(test)]
mod structural;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::object::SharedValue;

/// The number of the schemas below, as the annotation [`labels::SCHEMA`](crate::object::labels::SCHEMA) carries it. One
/// more with each change of them: a langop that knows a lower number leaves the CRDs of a newer one alone.
pub(crate) const SCHEMA: u64 = 13;

/// One definition a line, as the generator in `generate.rs` makes them.
const CRDS: &str = include_str!("crds/crds.jsonl");

/// The `CustomResourceDefinition`s of all kinds, ordered by name.
#[must_use]
pub fn crds() -> &'static [SharedValue] {
    static READ: LazyLock<Vec<SharedValue>> = LazyLock::new(|| {
        // A line that is none would have failed the test that wrote it.
        CRDS.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    });
    &READ
}
