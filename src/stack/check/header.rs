//! Rules of the headers with which a server is called: each has a value as written, or one of a Secret.

use super::{Index, secret_reference};
use crate::api::SecretKeyRef;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::tree::Node;

pub(super) fn check(draft: &Draft, headers: &[Node], index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    for header in headers {
        let Some(name) = header.get("name") else { continue };
        let hint = "give it `value`, or `valueFrom` with the Secret that holds it";
        match (header.entry("value"), header.entry("valueFrom")) {
            (None, None) => {
                let message = format!("header `{}` has no value", name.shown());
                found.push(Diagnostic::error(Code::HeaderValue, message).at(name.span, "").hint(hint));
            }
            (Some(one), Some(other)) => {
                let message = format!("header `{}` has one value, not both `value` and `valueFrom`", name.shown());
                let error = Diagnostic::error(Code::HeaderValue, message).at(other.key, "second");
                found.push(error.also(one.key, "first"));
            }
            _ => secret_reference(
                &draft.clusters,
                header.get("valueFrom"),
                Some(SecretKeyRef::DEFAULT_KEY),
                index,
                found,
            ),
        }
    }
}
