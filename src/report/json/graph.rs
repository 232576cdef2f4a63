//! `graph --json`: one document with what waits for what.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::graph::Dependency;
use crate::object::ObjectRef;

/// What waits for what.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct GraphDocument<'a> {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// All objects, in order.
    pub objects: Vec<NodeDocument<'a>>,
}

/// One object.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct NodeDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What it waits for, as in a plan.
    pub depends_on: &'a [Dependency],
}

/// The document of a graph.
#[must_use]
pub(crate) fn graph(objects: &[(ObjectRef, Vec<Dependency>)]) -> GraphDocument<'_> {
    GraphDocument {
        format_version: FORMAT_VERSION,
        objects: objects.iter().map(|(object, depends_on)| NodeDocument { object, depends_on }).collect(),
    }
}
