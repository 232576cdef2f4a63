//! Names of stacks and clusters on the command line.

use crate::stack::label_fault;

/// A name, or what is wrong with it.
pub(in crate::cli) fn name(text: &str) -> Result<String, String> {
    label_fault(text).map_or_else(|| Ok(text.to_owned()), |fault| Err(fault.to_owned()))
}
