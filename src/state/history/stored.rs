//! What stands in a place of a history, and whether langop wrote it. Knows not where the place is.

use super::entry::HistoryEntry;
use super::seal;
use crate::state::{FoundKey, StateError};

/// What stands in a place, as it was read.
pub(super) struct Stored {
    /// The object, or the file.
    pub(super) name: String,
    /// The entry, packed and sealed.
    pub(super) bytes: Vec<u8>,
    /// The version of the object.
    pub(super) version: Option<String>,
    /// Whether langop put it there.
    pub(super) is_own: bool,
}

impl Stored {
    /// The entry in it. Whether it was sealed is another question.
    pub(super) fn entry(&self, stack: &str) -> Result<HistoryEntry, StateError> {
        if !self.is_own {
            return Err(StateError::HistoryForeign(self.name.clone()));
        }
        HistoryEntry::unpack(&self.bytes, &self.name, stack)
    }

    /// The same, if langop wrote it; where nobody can tell, it says why.
    pub(super) fn proven(&self, stack: &str, key: &FoundKey) -> Result<HistoryEntry, StateError> {
        let mut entry = self.entry(stack)?;
        match key {
            FoundKey::Known(key) if seal::is_sealed(&self.bytes, key) => {}
            FoundKey::Hidden(because) => entry.unproven = Some(format!("its seal cannot be checked: {because}")),
            FoundKey::Known(_) | FoundKey::Missing => {
                let cause =
                    "it does not bear the seal of this stack's key, so that anybody may have written it".to_owned();
                return Err(StateError::HistoryCorrupt { place: self.name.clone(), cause });
            }
        }
        Ok(entry)
    }
}
