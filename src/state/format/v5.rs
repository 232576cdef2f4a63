//! Format 5: format 3 with the number of applies that may have an entry in the history, which an older langop would lose.

pub(super) const FORMAT: u64 = 5;
