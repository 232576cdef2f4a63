//! What the description alone says of one end.

use super::answer::Side;

/// What the description alone says.
#[derive(Clone, Debug)]
pub(super) enum Own {
    /// It does not isolate the end.
    Open(Side),
    /// It does, and lets the connection through or not.
    Closed(Side),
}

impl Own {
    /// What it lets through.
    pub(super) fn side(self) -> Side {
        match self {
            Self::Open(side) | Self::Closed(side) => side,
        }
    }
}
