//! Format 2, which is read and not written any more. It did not say on which cluster the record was made.

use super::v3;

pub(super) const FORMAT: u64 = 2;

/// A record: in the next format it says one thing more, which may be left out.
pub(super) type Record = v3::Record;
