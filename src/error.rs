//! One closed error over those of all layers. Decides nothing of its own: each layer's enum says kind, code and
//! hint beside its variants.
//!
//! No `Display` contains the words of its source; [`chain`] joins them, each once.

mod command;
#[cfg(test)]
mod tests;

pub use command::CommandError;

use std::error::Error as StdError;

use crate::cluster::ClusterError;
use crate::dev;
use crate::exit::Exit;
use crate::object::ErrorKind;
use crate::ops::OpsError;
use crate::reach::ReachError;
use crate::stack::Invalid;
use crate::state::StateError;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The description.
    #[error(transparent)]
    Description(#[from] Box<Invalid>),
    /// A question about connections.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The API server.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The record or its lock.
    #[error(transparent)]
    State(#[from] StateError),
    /// A use case.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// The local control plane or the local gateway.
    #[error(transparent)]
    Dev(#[from] dev::Error),
    /// The command itself.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl Error {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        let kind = match self {
            Self::Description(error) => error.kind(),
            Self::Reach(error) => error.kind(),
            Self::Cluster(error) => error.kind(),
            Self::State(error) => error.kind(),
            Self::Ops(error) => error.kind(),
            // `dev` uses no other layer, and has one kind of error.
            Self::Dev(_) => ErrorKind::Failed,
            Self::Command(error) => return error.exit(),
        };
        exit_of(kind)
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Description(error) => error.code(),
            Self::Reach(error) => error.code(),
            Self::Cluster(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Ops(error) => error.code(),
            Self::Dev(error) => error.code(),
            Self::Command(error) => error.code(),
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            // Each mistake of a description has a hint of its own.
            Self::Description(_) => None,
            Self::Reach(error) => error.hint(),
            Self::Cluster(error) => error.hint(),
            Self::State(error) => error.hint(),
            Self::Ops(error) => error.hint(),
            Self::Dev(error) => error.hint(),
            Self::Command(error) => error.hint(),
        }
    }
}

pub(crate) fn exit_of(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Failed => Exit::Failed,
        ErrorKind::Locked => Exit::Locked,
        ErrorKind::LockLost => Exit::LockLost,
        ErrorKind::Usage => Exit::Usage,
        ErrorKind::Invalid => Exit::Invalid,
        ErrorKind::Stale => Exit::Stale,
        ErrorKind::Unreachable => Exit::Unreachable,
        ErrorKind::Forbidden => Exit::Forbidden,
    }
}

/// The words of an error and of all its sources, each once, the outermost first.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(": ");
        words.push_str(&error.to_string());
        source = error.source();
    }
    words
}
