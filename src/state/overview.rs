//! All stacks of a store at a glance: what each owns, when its record was last written, and who holds its lock.

use jiff::Timestamp;

use super::file_lock::FileLock;
use super::local::Directory;
use super::{Held, Inventory, StateError, config_map, lease};
use crate::cluster::{ClusterError, Reader};

/// One stack of a store.
#[derive(Debug)]
pub struct StackRecord {
    /// Its name.
    pub stack: String,
    /// Its record, or why it cannot be read: what is wrong with one stack hides no other.
    pub record: Result<Inventory, StateError>,
    /// When the record was last written, by the clock of the store.
    pub written: Option<Timestamp>,
    /// Who holds its lock.
    pub lock: LockState,
}

/// What is known of the lock of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockState {
    /// Nobody holds it.
    Free,
    /// This run does.
    Held(Box<Held>),
    /// This identity may not look.
    Unknown,
}

/// The stacks of a cluster. Two LISTs; who may not list locks does not know of them.
pub(super) async fn of_cluster(reader: &Reader) -> Result<Vec<StackRecord>, StateError> {
    let records = config_map::list(reader).await?;
    let locks = match lease::held_locks(reader).await {
        Ok(locks) => Some(locks),
        Err(ClusterError::Forbidden(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let lock = |stack: &str| match &locks {
        None => LockState::Unknown,
        Some(locks) => LockState::of(locks.get(stack).cloned()),
    };
    let of = |(stack, record, written): config_map::Listed| {
        let lock = lock(&stack);
        StackRecord { stack, record, written, lock }
    };
    Ok(records.into_iter().map(of).collect())
}

/// The stacks of a directory. Two files a stack.
pub(super) fn of_directory(directory: &Directory) -> Result<Vec<StackRecord>, StateError> {
    let mut stacks = Vec::new();
    for stack in directory.stacks()? {
        // One that went meanwhile is no stack any more.
        let Some(record) = directory.read(&stack).transpose() else { continue };
        let written = directory.written(&stack);
        let lock = LockState::of(FileLock::peek(directory, &stack)?);
        stacks.push(StackRecord { stack, record, written, lock });
    }
    Ok(stacks)
}

impl LockState {
    fn of(held: Option<Held>) -> Self {
        held.map_or(Self::Free, |held| Self::Held(Box::new(held)))
    }
}
