//! What a reader of the description should know of the configuration that it came from.

use std::fmt;

use crate::object::Source;
use crate::object::credential::masked;

/// Something that is not carried, or carried otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Where it is written.
    pub source: Source,
    /// The path in the configuration.
    pub path: String,
    /// What became of it.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, path, message } = self;
        write!(f, "{source}: `{}` {message}", masked(path))
    }
}
