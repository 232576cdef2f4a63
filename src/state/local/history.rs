//! Entries of a history in a directory: a file for each place, beside the record.

use super::{Directory, is_file};
use crate::state::StateError;

impl Directory {
    /// The bytes of an entry and where they stand; none when there is no file.
    pub(in crate::state) fn read_history(
        &self,
        stack: &str,
        place: u64,
    ) -> Result<Option<(String, Vec<u8>)>, StateError> {
        let path = self.file(stack, &extension(place))?;
        if !is_file(&path)? {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(StateError::file(&path))?;
        Ok(Some((path.display().to_string(), bytes)))
    }

    /// Writes an entry over whatever stands in its place.
    pub(in crate::state) fn write_history(&self, stack: &str, place: u64, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.file(stack, &extension(place))?;
        self.create()?;
        self.replace(&path, bytes).map_err(StateError::file(&path))
    }

    /// Removes the entry in a place. It may be gone already.
    pub(in crate::state) fn remove_history(&self, stack: &str, place: u64) -> Result<(), StateError> {
        let path = self.file(stack, &extension(place))?;
        if !is_file(&path)? {
            return Ok(());
        }
        std::fs::remove_file(&path).map_err(StateError::file(&path))
    }
}

fn extension(place: u64) -> String {
    format!("history-{place}.gz")
}
