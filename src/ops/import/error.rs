//! Why there is nothing to import.

use crate::object::{ErrorKind, ObjectRef};

/// Why there is nothing to import.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No namespace of this name.
    #[error("there is no namespace `{0}`")]
    NoNamespace(String),
    /// A kind that the server does not have, or not in namespaces.
    #[error("the server has no kind `{0}` whose objects are in namespaces")]
    NoKind(String),
    /// No language cluster of this name.
    #[error("there is no language cluster `{0}`")]
    NoCluster(String),
    /// A value that no description may hold.
    #[error("`{path}` of {object} is taken for a credential, which no description may hold")]
    Credential {
        /// The object.
        object: ObjectRef,
        /// Where it is.
        path: String,
    },
    /// A namespace in which nobody described anything.
    #[error("nothing in the namespace `{0}` can be written")]
    Nothing(String),
}

impl ImportError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoKind(_) => ErrorKind::Usage,
            Self::NoNamespace(_) | Self::NoCluster(_) | Self::Credential { .. } | Self::Nothing(_) => ErrorKind::Failed,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoNamespace(_) => "no-such-namespace",
            Self::NoKind(_) => "no-such-kind",
            Self::NoCluster(_) => "no-such-language-cluster",
            Self::Credential { .. } => "credential-in-import",
            Self::Nothing(_) => "nothing-to-import",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoNamespace(_) => Some("`kubectl get namespaces` lists them".to_owned()),
            Self::NoKind(_) => Some("`kubectl api-resources --namespaced` lists them".to_owned()),
            Self::NoCluster(_) => Some("`kubectl get languageclusters` lists them".to_owned()),
            Self::Credential { .. } => Some("put it into a Secret and refer to that, then import again".to_owned()),
            Self::Nothing(_) => None,
        }
    }
}
