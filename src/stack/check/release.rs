//! What is known against the image of a gateway.

use serde_json::Value;

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::release::{ImageFaultKind, Uses, image_fault};
use crate::stack::tree::Node;

pub(super) fn check<'a>(cluster: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(image) = cluster.node.at(&["gateway", "image"]) else { return };
    let Some(text) = image.text().filter(|text| super::value::image_fault(text).is_none()) else { return };
    let Some(fault) = image_fault(text, &uses(cluster, index)) else { return };
    let diagnostic = match fault.kind {
        ImageFaultKind::Malicious => Diagnostic::error(Code::RefusedImage, fault.message),
        ImageFaultKind::Hole => Diagnostic::warning(Code::OldImage, fault.message),
        ImageFaultKind::Rolling => Diagnostic::warning(Code::RollingTag, fault.message),
        ImageFaultKind::Unknown => Diagnostic::warning(Code::UnknownRelease, fault.message),
    };
    found.push(diagnostic.at(image.span, "").hint(fault.hint));
}

/// What the description uses of the gateway.
fn uses<'a>(cluster: &'a Draft, index: &Index<'a>) -> Uses {
    let gateway = cluster.node.get("gateway").map_or(Value::Null, Node::to_json);
    let models = index.of(&cluster.name, Kind::Model);
    let models: Vec<_> = models.map(|model| (model.name.as_str(), model.node.to_json())).collect();
    Uses::of(&gateway, models.iter().map(|(name, spec)| (*name, spec)))
}
