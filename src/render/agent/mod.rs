//! What an agent is beside its own object.

pub(super) mod key;
