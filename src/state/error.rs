//! What can go wrong with a record or its lock, in words for a user.

use std::path::{Path, PathBuf};

use super::{Held, RecordCluster};
use crate::cluster::{ClusterError, Loss};
use crate::object::ErrorKind;

/// Why a record could not be read or written, or a lock not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// A name that is neither a file name nor the name of an object.
    #[error(
        "`{0}` is not a name for a stack: lower-case letters, digits and `-`, at most 63, a letter or digit at both ends"
    )]
    StackName(String),
    /// Another run holds the lock.
    #[error("stack `{stack}` is locked by {held}")]
    Locked {
        /// The stack.
        stack: String,
        /// By whom.
        held: Box<Held>,
    },
    /// The record is not the one that was read: another run wrote it.
    #[error("the record of stack `{0}` was changed by another run")]
    Moved(String),
    /// A record of another cluster.
    #[error(
        "the record of stack `{stack}` was made on the cluster `{}` ({}), and this is the cluster `{}` ({})",
        recorded.id, recorded.server, here.id, here.server
    )]
    OtherCluster {
        /// The stack.
        stack: String,
        /// Where it was made.
        recorded: Box<RecordCluster>,
        /// Where it is used.
        here: Box<RecordCluster>,
    },
    /// A write to a directory that was not done: the lock that allowed it is gone.
    #[error("nothing was written: {0}")]
    LockLost(Loss),
    /// The last write of a record that was cut off.
    #[error("the record was not written in the time that was left")]
    Late,
    /// A record of a newer langop.
    #[error("{place} has format {found}; this langop reads up to {known}")]
    TooNew {
        /// File or object.
        place: String,
        /// Its format.
        found: u64,
        /// The newest format that is known here.
        known: u64,
    },
    /// Not a record.
    #[error("{place} is no record of this stack: {cause}")]
    Corrupt {
        /// File or object.
        place: String,
        /// What is wrong.
        cause: String,
    },
    /// Not an entry of a history.
    #[error("{place} is no entry of the history of this stack: {cause}")]
    HistoryCorrupt {
        /// File or object.
        place: String,
        /// What is wrong.
        cause: String,
    },
    /// Something of somebody else where an entry of a history belongs.
    #[error("{0} is not langop's, and stands where an entry of the history belongs")]
    HistoryForeign(String),
    /// More than is read again.
    #[error("the record of stack `{stack}` has {objects} objects, more than one record may")]
    TooLarge {
        /// The stack.
        stack: String,
        /// How many it has.
        objects: usize,
    },
    /// A record that takes several `ConfigMap`s, of which one is not there.
    #[error("{part} is missing, a part of the record of stack `{stack}`")]
    PartMissing {
        /// The stack.
        stack: String,
        /// The part.
        part: String,
    },
    /// A file of the local store.
    #[error("{}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        #[source]
        cause: std::io::Error,
    },
    /// A symbolic link, device or directory where a file of langop's own belongs.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Something stands where the key of the digests belongs.
    #[error("{0} holds no key of digests")]
    NoKey(String),
    /// The cluster that keeps the record.
    #[error("record and lock in namespace `langop-system`")]
    Cluster(#[from] ClusterError),
}

impl StateError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Locked { .. } => ErrorKind::Locked,
            Self::LockLost(loss) => loss.kind(),
            Self::Late => ErrorKind::Unreachable,
            Self::Cluster(cause) => cause.kind(),
            Self::OtherCluster { .. } => ErrorKind::Usage,
            _ => ErrorKind::Failed,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::StackName(_) => "bad-stack-name",
            Self::Locked { .. } => "locked",
            Self::Moved(_) => "record-moved",
            Self::OtherCluster { .. } => "record-of-other-cluster",
            Self::LockLost(_) => "lock-lost",
            Self::Late => "record-late",
            Self::TooNew { .. } => "record-too-new",
            Self::Corrupt { .. } => "record-corrupt",
            Self::HistoryCorrupt { .. } => "history-corrupt",
            Self::HistoryForeign(_) => "history-foreign",
            Self::TooLarge { .. } => "record-too-large",
            Self::PartMissing { .. } => "record-part-missing",
            Self::File { .. } => "record-file",
            Self::NotAFile(_) => "record-not-a-file",
            Self::NoKey(_) => "no-digest-key",
            Self::Cluster(cause) => cause.code(),
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::StackName(_) => "name the stack in the description (`stack = \"…\"`) or with `--stack`",
            Self::Locked { .. } => {
                "wait for that run to end, or give it time with `--lock-timeout`; the lock of a killed run frees \
                 itself within 30 s"
            }
            Self::OtherCluster { stack, .. } => {
                return Some(format!(
                    "choose the cluster with `--context`, or another directory with `--state-dir`; if the objects were \
                     moved here from there, as from a backup, `langop state rebuild {stack} --replace` makes the record \
                     anew from what is here"
                ));
            }
            Self::Moved(_) => "plan again: the plan was made from an older record",
            Self::LockLost(_) => "plan again: another run may have changed what this one planned from",
            Self::Late => "run again: the record owns what was made from before it was",
            Self::TooNew { .. } => "use the langop that wrote it, or a newer one",
            Self::Corrupt { .. } | Self::PartMissing { .. } => {
                "restore it from a copy, or rebuild it from the cluster with `langop state rebuild`"
            }
            Self::HistoryCorrupt { .. } => {
                "go back to another entry with `--to SERIAL` (`langop rollback STACK --list` lists them), or apply the \
                 description as it was then"
            }
            Self::HistoryForeign(_) => "whoever made it may give it another name: the history needs this one",
            Self::TooLarge { .. } => "split the stack",
            Self::File { .. } => "check that the directory exists and is writable",
            Self::NotAFile(_) => "remove it: langop follows no links to its records",
            Self::NoKey(_) => {
                "delete it: the next apply makes a new key, and has each Secret compared by the API server once"
            }
            Self::Cluster(ClusterError::Forbidden(_)) => {
                "records and locks are ConfigMaps and Leases in namespace `langop-system`; ask for the permission \
                 to get, create, update and delete them there"
            }
            Self::Cluster(cause) => return cause.hint(),
        };
        Some(text.to_owned())
    }

    pub(super) fn file(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |cause| Self::File { path: path.to_owned(), cause }
    }
}

/// Refuses names that cannot be part of a file name and of the names of a `ConfigMap` and a Lease
/// (RFC 1123 label).
pub(super) fn checked(stack: &str) -> Result<&str, StateError> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = !stack.starts_with('-') && !stack.ends_with('-');
    let fits = (1..=63).contains(&stack.len());
    if fits && ends && stack.chars().all(legal) { Ok(stack) } else { Err(StateError::StackName(stack.to_owned())) }
}
