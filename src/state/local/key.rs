//! The key of a stack's digests in a directory: a file of its own beside the record, so that a record may be shown to
//! others. It is the user's alone, as all files here are.

use std::io::ErrorKind;

use super::super::StateError;
use super::super::digest_key::{DigestKey, FoundKey};
use super::{Directory, is_file};

const EXTENSION: &str = "key";

impl Directory {
    /// The key of a stack, as far as this user may know.
    pub(in crate::state) fn read_key(&self, stack: &str) -> Result<FoundKey, StateError> {
        let path = self.file(stack, EXTENSION)?;
        if !is_file(&path)? {
            return Ok(FoundKey::Missing);
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(DigestKey::from_hex(text.trim_end()).map_or(FoundKey::Missing, FoundKey::Known)),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Ok(FoundKey::Hidden(format!("{}: {error}", path.display())))
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(FoundKey::Missing),
            Err(error) => Err(StateError::file(&path)(error)),
        }
    }

    /// Keeps a new key for a stack that has none.
    pub(in crate::state) fn create_key(&self, stack: &str, key: &DigestKey) -> Result<(), StateError> {
        let path = self.file(stack, EXTENSION)?;
        self.create()?;
        if is_file(&path)? {
            return Err(StateError::NoKey(path.display().to_string()));
        }
        self.replace(&path, format!("{}\n", key.to_hex()).as_bytes()).map_err(StateError::file(&path))
    }

    /// Removes the key. It may be gone already.
    pub(in crate::state) fn remove_key(&self, stack: &str) -> Result<(), StateError> {
        let path = self.file(stack, EXTENSION)?;
        if !is_file(&path)? {
            return Ok(());
        }
        std::fs::remove_file(&path).map_err(StateError::file(&path))
    }
}
