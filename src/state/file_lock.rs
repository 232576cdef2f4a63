//! The lock of a stack whose record is a file: a file beside it, locked by the system, so that no crash
//! leaves it locked. Its content says who holds it and decides nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use tokio::sync::watch;

use super::local::{Directory, is_file};
use super::{Held, Holder, Holding, StateError};
use crate::cluster::{Guard, Loss};

const PAUSE: Duration = Duration::from_millis(200);

/// A lock that is held.
pub(super) struct FileLock {
    path: PathBuf,
    /// Closing it would give the lock back.
    file: Arc<File>,
    holding: watch::Sender<Holding>,
}

impl FileLock {
    /// Takes the lock, waiting for it as long as `patience`; `tell` hears of each holder that is waited for.
    pub(super) async fn acquire(
        directory: &Directory,
        stack: &str,
        holder: &Holder,
        patience: Duration,
        tell: &(dyn Fn(&Held) + Send + Sync),
    ) -> Result<Self, StateError> {
        let path = directory.file(stack, "lock")?;
        directory.create()?;
        let begun = Instant::now();
        let mut told = None;
        loop {
            match try_lock(&path)? {
                Some(file) => return Self::signed(path, file, holder),
                None if begun.elapsed() >= patience => {
                    let held = Box::new(read_holder(&path));
                    return Err(StateError::Locked { stack: stack.to_owned(), held });
                }
                None => {
                    let held = read_holder(&path);
                    if told.as_ref() != Some(&held.identity) {
                        tell(&held);
                        told = Some(held.identity);
                    }
                    tokio::time::sleep(PAUSE.min(patience)).await;
                }
            }
        }
    }

    /// Who holds the lock, without taking it.
    pub(super) fn peek(directory: &Directory, stack: &str) -> Result<Option<Held>, StateError> {
        let path = directory.file(stack, "lock")?;
        if !is_file(&path)? {
            return Ok(None);
        }
        let file = File::open(&path).map_err(StateError::file(&path))?;
        // Shared, and only for a moment: it fails exactly when someone holds the lock.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&path))),
            Err(TryLockError::Error(error)) => Err(StateError::file(&path)(error)),
        }
    }

    /// The system takes no lock away; only the file can go.
    pub(super) fn guard(&self) -> Guard {
        let (path, file) = (self.path.clone(), Arc::clone(&self.file));
        Guard::new(move || {
            // Another run can lock only another file of that name.
            let held = is_still_at(&path, &file).unwrap_or(false);
            let path = path.display().to_string();
            async move { if held { Ok(()) } else { Err(Loss::Removed(path)) } }.boxed()
        })
    }

    /// A file lock is never lost while it is waited for: what writes asks its guard.
    pub(super) fn holding(&self) -> watch::Receiver<Holding> {
        self.holding.subscribe()
    }

    /// Gives the lock back. The file goes while it is still locked: who opened it before will notice.
    pub(super) fn release(self) -> Result<(), StateError> {
        let removed = std::fs::remove_file(&self.path).map_err(StateError::file(&self.path));
        drop(self.file);
        removed
    }

    /// Writes into the locked file who holds it.
    fn signed(path: PathBuf, mut file: File, holder: &Holder) -> Result<Self, StateError> {
        let text = serde_json::to_vec(holder).unwrap_or_default();
        let written = file.set_len(0).and_then(|()| file.write_all(&text));
        written.map_err(StateError::file(&path))?;
        Ok(Self { path, file: Arc::new(file), holding: watch::Sender::new(Holding::Held) })
    }
}

/// The lock file, if it could be locked and still is the file of that name.
fn try_lock(path: &Path) -> Result<Option<File>, StateError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(is_still_at(path, &file)?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StateError::file(path)(error)),
    }
}

/// Made new or opened as it is; a link is neither followed nor written through.
fn open(path: &Path) -> Result<File, StateError> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        opened => return opened.map_err(StateError::file(path)),
    }
    // Gone again since: made new at the next try.
    is_file(path)?;
    options.create(true).truncate(false).open(path).map_err(StateError::file(path))
}

fn is_still_at(path: &Path, file: &File) -> Result<bool, StateError> {
    let ours = file.metadata().map_err(StateError::file(path))?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok(there.is_file() && (there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StateError::file(path)(error)),
    }
}

/// Who says to hold it; a holder that is just writing has said nothing yet.
fn read_holder(path: &Path) -> Held {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let holder = serde_json::from_str(&text).ok();
    Held { holder, identity: "another run".to_owned(), renewed: None }
}

#[cfg(test)]
mod tests;
