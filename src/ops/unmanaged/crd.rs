//! A CRD takes all objects of its kind with it, whoever made them.

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, ObjectRef};

/// The kind that a CRD serves; none when the CRD is gone, and its objects with it.
///
/// # Errors
/// The CRD cannot be read, or the server does not serve its kind although it has the CRD.
pub(in crate::ops) async fn served_by(reader: &Reader, crd: &ObjectRef) -> Result<Option<Resource>, ClusterError> {
    // A CRD's name is `plural.group`.
    let listed = reader.resources().listable().find(|kind| crd.name == *kind.qualified()).cloned();
    if listed.is_some() {
        return Ok(listed);
    }
    let Some(crd) = reader.find(crd).await? else { return Ok(None) };
    reader.served(&GroupKind::defined_by(&crd)).await
}
