//! A description of what is there, before it is written anywhere.

use crate::exit::Exit;

/// A description, and what is to be said of it.
pub(in crate::cli) struct Described {
    /// The description.
    pub(in crate::cli) text: String,
    /// What a reader should know, a line each.
    pub(in crate::cli) notes: Vec<String>,
    /// Whether it can be planned as it is.
    pub(in crate::cli) valid: bool,
}

impl Described {
    /// How a command ends that wrote it.
    pub(in crate::cli) fn exit(&self) -> Exit {
        if self.valid { Exit::Done } else { Exit::Invalid }
    }
}
