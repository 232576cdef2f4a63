//! What an import leaves out, and the words that say why.

use std::fmt;

use crate::object::ObjectRef;

/// A live object that is not written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeftOut {
    /// Why.
    pub reason: Reason,
    /// The object.
    pub object: ObjectRef,
}

/// Why an object is not written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Its values may not stand in a file: the names of its keys.
    Secret(Vec<String>),
    /// Something in it is taken for a credential, at this path.
    Credential(String),
    /// A stack has it.
    OfStack(String),
    /// A kind of langop's own, which `import cluster` describes.
    OfCluster(String),
    /// Nobody made it but Kubernetes itself.
    Generated,
    /// It goes with another object.
    Owned {
        /// Kind of the owner.
        kind: String,
        /// Name of the owner.
        name: String,
    },
    /// A pod that no controller made.
    Pod,
    /// It is on its way out.
    Terminating,
}

impl Reason {
    /// Whether a user may have expected it in the file; of what nobody describes, none is told.
    #[must_use]
    pub(crate) fn is_told(&self) -> bool {
        !matches!(self, Self::Generated | Self::Owned { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(keys) if keys.is_empty() => f.write_str("a Secret without keys stays as it is"),
            Self::Secret(keys) => {
                write!(f, "values of Secrets are not written; it stays as it is, with `{}`", keys.join("`, `"))
            }
            Self::Credential(path) => {
                write!(f, "`{path}` is taken for a credential, which no file may hold: move it into a Secret first")
            }
            Self::OfStack(stack) => write!(f, "the stack `{stack}` has it"),
            Self::OfCluster(cluster) => write!(f, "`langop import cluster {cluster}` describes it"),
            Self::Generated => f.write_str("Kubernetes makes it by itself"),
            Self::Owned { kind, name } => write!(f, "{kind}/{name} owns it"),
            Self::Pod => f.write_str("a pod by itself; describe what is to run as a Deployment or a Job"),
            Self::Terminating => f.write_str("it is being deleted"),
        }
    }
}
