//! Private directories, and locks that the kernel drops when their holder dies.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Error;

const OWNER_ONLY_DIRECTORY: u32 = 0o700;
const OWNER_ONLY_FILE: u32 = 0o600;

/// A held file lock; dropped with the value.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file is what unlocks it")] File);

impl Lock {
    /// Takes the lock. When another process has it, says so once and waits.
    pub(super) fn take(path: &Path, waiting: impl FnOnce()) -> Result<Self, Error> {
        if let Some(parent) = path.parent() {
            make_private(parent)?;
        }
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => return Ok(Self(file)),
            Err(TryLockError::WouldBlock) => waiting(),
            Err(TryLockError::Error(cause)) => return Err(Error::file("lock", path, cause)),
        }
        file.lock().map_err(|cause| Error::file("lock", path, cause))?;
        Ok(Self(file))
    }
}

/// Whether some process holds the lock. A missing file is nobody's.
pub(super) fn is_locked(path: &Path) -> Result<bool, Error> {
    let file = match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(|cause| Error::file("open", path, cause))?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(cause)) => Err(Error::file("lock", path, cause)),
    }
}

/// Makes a directory that only the user can enter; those above it, too, where they are missing.
pub(super) fn make_private(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(OWNER_ONLY_DIRECTORY);
    builder.create(path).map_err(|cause| Error::file("make", path, cause))
}

/// Takes all rights away from others.
pub(super) fn close_to_others(path: &Path) -> Result<(), Error> {
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY_DIRECTORY))
        .map_err(|cause| Error::file("change the mode of", path, cause))
}

/// Opens for appending and makes the file when it is missing.
pub(super) fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true).mode(OWNER_ONLY_FILE);
    options.open(path).map_err(|cause| Error::file("open", path, cause))
}

/// The text of a file; nothing when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(Error::file("read", path, cause)),
    }
}

/// Whether two paths lead to one file or directory, however they are spelled. Two that cannot both be reached are
/// not proved to be one, and what is found under the other is then of no use here.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(one).is_some_and(|found| Some(found) == identity(other))
}

/// Removes a file or a whole directory, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::file("remove", path, cause)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_the_users_alone() {
        let directory = tempfile::tempdir().unwrap();
        let lock = directory.path().join("a/b/lock");
        let _held = Lock::take(&lock, || {}).unwrap();
        assert_eq!((mode(lock.parent().unwrap()), mode(&lock)), (0o700, 0o600));
    }

    #[test]
    fn a_lock_is_seen_and_ends_with_its_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        assert!(!is_locked(&path).unwrap());
        let held = Lock::take(&path, || panic!("nobody holds it")).unwrap();
        assert!(is_locked(&path).unwrap());
        drop(held);
        assert!(!is_locked(&path).unwrap());
    }

    #[test]
    fn a_place_is_the_same_under_every_name_and_a_copy_is_another() {
        let directory = tempfile::tempdir().unwrap();
        let [real, link, copy] = ["real", "link", "copy"].map(|name| directory.path().join(name));
        fs::create_dir(&real).unwrap();
        fs::create_dir(&copy).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(is_same(&real, &link) && is_same(&real, &real.join(".")));
        assert!(!is_same(&real, &copy));
        let missing = directory.path().join("missing");
        assert!(!is_same(&real, &missing) && !is_same(&missing, &missing));
    }

    #[test]
    fn the_second_waits_for_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = Lock::take(&path, || {}).unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let second = std::thread::spawn({
            let path = path.clone();
            move || Lock::take(&path, || told.send(()).unwrap()).unwrap()
        });
        heard.recv().unwrap();
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap();
    }
}
