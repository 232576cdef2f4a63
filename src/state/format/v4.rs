//! Format 4: where the record is, when one `ConfigMap` cannot hold it. The parts, joined, are a compressed record of
//! another format.

use serde::{Deserialize, Serialize};

pub(super) const FORMAT: u64 = 4;

/// The parts of a record, in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the format calls them so")]
pub(super) struct Parts {
    format: u64,
    stack: String,
    /// SHA-256 of each, hexadecimal.
    parts: Vec<String>,
}

impl Parts {
    pub(super) fn new(stack: &str, parts: &[String]) -> Self {
        Self { format: FORMAT, stack: stack.to_owned(), parts: parts.to_vec() }
    }

    /// The digests, when it is of this stack.
    pub(super) fn of(self, stack: &str) -> Result<Vec<String>, String> {
        let is_digest = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self.parts.iter().all(is_digest) {
            _ if self.stack != stack => Err(format!("it is the record of stack `{}`", self.stack)),
            true => Ok(self.parts),
            false => Err("a part is not named by its SHA-256".to_owned()),
        }
    }
}
