//! The pod template of a manifest, with the path that leads to it.

use super::field::{Field, path_of_pointer};
use super::selector::Labels;
use crate::object::Manifest;
use crate::object::field::text_map;
use crate::object::pod_template::pod_template;

/// A pod template of a manifest.
pub(super) struct Template<'a> {
    /// The pod's spec.
    pub spec: Field<'a>,
    /// The pod's labels.
    pub labels: Labels,
}

/// The pod template of a manifest, if it has one.
pub(super) fn template(manifest: &Manifest) -> Option<Template<'_>> {
    let found = pod_template(&manifest.object)?;
    let path = path_of_pointer(&format!("{}/spec", found.pointer));
    let labels = text_map(found.template, "/metadata/labels");
    Some(Template { spec: Field { value: found.spec, path }, labels })
}
