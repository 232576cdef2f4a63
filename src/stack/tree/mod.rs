//! Text as a tree of values that know where they were written: TOML and YAML give the same one.
//! Knows nothing of clusters and models.

mod merge;
mod node;
mod scalar;
mod toml;
mod yaml;

pub(super) use merge::merge;
pub(super) use node::Map;
pub(crate) use node::{Entry, Node, Value};
pub(super) use scalar::plain;
pub(super) use toml::read as read_toml;
pub(crate) use yaml::read as read_yaml;

/// Deepest nesting of values. The deepest path of the Kubernetes types that a description may hold is
/// about twenty long; the bound keeps every walk over a tree within any thread's stack.
pub(super) const MAX_DEPTH: usize = 64;

/// Most values that the aliases of one document unfold to: what keeps a "billion laughs" file from filling the memory.
pub(super) const MAX_NODES: usize = 200_000;
