//! A field that names a time zone.

use super::value::{timezone_fault, timezone_meant};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::Node;

pub(super) fn timezone(zone: &Node, found: &mut Vec<Diagnostic>) {
    let Some((text, fault)) = zone.text().and_then(|text| Some((text, timezone_fault(text)?))) else { return };
    let message = format!("`{}` is not a time zone: {fault}", zone.shown());
    let error = Diagnostic::error(Code::BadTimezone, message).at(zone.span, "");
    found.push(match timezone_meant(text) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("a zone is named by its region and place, such as `Europe/Berlin`; left out, it is UTC"),
    });
}
