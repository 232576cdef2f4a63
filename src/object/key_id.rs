//! What a key of an agent says: whose it is, and of which epoch. Knows no value.

use std::fmt;

/// Whose key it is, and which of the keys that this agent has had: the id in a key. It is `NAME` in the first epoch and
/// `NAME.EPOCH` in later ones. A name has no dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId {
    /// Name of the agent.
    pub agent: String,
    /// Number of the key, from 1.
    pub epoch: u64,
}

impl KeyId {
    /// The first key of an agent.
    #[must_use]
    pub fn first(agent: &str) -> Self {
        Self { agent: agent.to_owned(), epoch: 1 }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            0 | 1 => f.write_str(&self.agent),
            epoch => write!(f, "{}.{epoch}", self.agent),
        }
    }
}
