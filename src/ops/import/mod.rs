//! What stands on the target as what it would have been described by: reads, and writes nothing.

mod cluster;
mod error;
mod namespace;
mod proved;

pub(crate) use cluster::{ClusterRequest, import_cluster};
pub(crate) use error::ImportError;
pub(crate) use namespace::{ImportedNamespace, NamespaceRequest, import_namespace};
