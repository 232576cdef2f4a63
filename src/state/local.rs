//! Records in a directory: one JSON file per stack, there as a whole or not at all. Files are the user's
//! alone, and links are not followed: a directory may come out of a repository that others write to.

mod history;
mod key;

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use uuid::Uuid;

use super::error::checked;
use super::{Inventory, StateError, format};

/// How long the directory may be busy with the write of another process.
const BUSY: Duration = Duration::from_secs(10);

/// The version of a record in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Revision {
    lineage: Uuid,
    serial: u64,
}

impl Revision {
    pub(super) fn new(inventory: &Inventory) -> Self {
        Self { lineage: inventory.lineage, serial: inventory.serial }
    }
}

/// A directory of records.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The record; none when there is no file.
    pub(super) fn read(&self, stack: &str) -> Result<Option<Inventory>, StateError> {
        let path = self.file(stack, "json")?;
        if !is_file(&path)? {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(StateError::file(&path))?;
        format::decode(&bytes, &path.display().to_string(), stack).map(Some)
    }

    /// Names of the stacks that have a record, sorted; none where there is no directory yet.
    pub(super) fn stacks(&self) -> Result<Vec<String>, StateError> {
        let entries = match std::fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(StateError::file(&self.path))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(StateError::file(&self.path))?.file_name();
            let stack = name.to_str().and_then(|name| name.strip_suffix(".json"));
            names.extend(stack.filter(|stack| checked(stack).is_ok()).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// When the record of a stack was last written, as far as the file system says.
    pub(super) fn written(&self, stack: &str) -> Option<Timestamp> {
        let modified = std::fs::metadata(self.file(stack, "json").ok()?).and_then(|found| found.modified());
        Timestamp::try_from(modified.ok()?).ok()
    }

    /// Writes the record if the file still is what `expected` says.
    pub(super) async fn write(&self, inventory: &Inventory, expected: Option<Revision>) -> Result<(), StateError> {
        let path = self.file(&inventory.stack, "json")?;
        self.create()?;
        let _busy = self.busy().await?;
        self.unmoved(&inventory.stack, expected)?;
        self.replace(&path, &format::encode(inventory)).map_err(StateError::file(&path))
    }

    /// Removes the record if the file still is what `expected` says. It may be gone already.
    pub(super) async fn remove(&self, stack: &str, expected: Revision) -> Result<(), StateError> {
        let path = self.file(stack, "json")?;
        if !is_file(&path)? {
            return Ok(());
        }
        let _busy = self.busy().await?;
        self.unmoved(stack, Some(expected))?;
        std::fs::remove_file(&path).and_then(|()| self.sync()).map_err(StateError::file(&path))
    }

    /// The path of a file about a stack.
    pub(super) fn file(&self, stack: &str, extension: &str) -> Result<PathBuf, StateError> {
        Ok(self.path.join(format!("{}.{extension}", checked(stack)?)))
    }

    /// Makes the directory, if need be.
    pub(super) fn create(&self) -> Result<(), StateError> {
        std::fs::create_dir_all(&self.path).map_err(StateError::file(&self.path))
    }

    fn unmoved(&self, stack: &str, expected: Option<Revision>) -> Result<(), StateError> {
        let found = self.read(stack)?.as_ref().map(Revision::new);
        if found == expected { Ok(()) } else { Err(StateError::Moved(stack.to_owned())) }
    }

    /// After a crash the file is the old one or the new one: content first, then the name, then the
    /// directory that holds the name (`fsync(2)`).
    fn replace(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        self.sync()
    }

    fn sync(&self) -> std::io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Keeps other processes from writing between our look and our write.
    async fn busy(&self) -> Result<File, StateError> {
        let directory = File::open(&self.path).map_err(StateError::file(&self.path))?;
        let begun = Instant::now();
        loop {
            match directory.try_lock() {
                Ok(()) => return Ok(directory),
                Err(TryLockError::WouldBlock) if begun.elapsed() < BUSY => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(error) => return Err(StateError::file(&self.path)(error.into())),
            }
        }
    }
}

/// Whether there is a regular file. Anything else of that name is an error.
pub(super) fn is_file(path: &Path) -> Result<bool, StateError> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(StateError::NotAFile(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StateError::file(path)(error)),
    }
}

#[cfg(test)]
mod tests;
