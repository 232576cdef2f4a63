//! Whose spending a gateway counts, as its module and langop call it.

use std::fmt;
use std::str::FromStr;

/// Whose spending a gateway counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spender {
    /// All callers of the gateway together.
    Cluster,
    /// An agent, or the administrator.
    Agent(String),
    /// All members of a team together.
    Team(String),
    /// All calls that a model answered.
    Model(String),
}

impl fmt::Display for Spender {
    /// As the module in the gateway calls it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::Agent(name) => write!(f, "agent/{name}"),
            Self::Team(name) => write!(f, "team/{name}"),
            Self::Model(name) => write!(f, "model/{name}"),
        }
    }
}

impl FromStr for Spender {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('/') {
            None if text == "cluster" => Ok(Self::Cluster),
            Some(("agent", name)) => Ok(Self::Agent(name.to_owned())),
            Some(("team", name)) => Ok(Self::Team(name.to_owned())),
            Some(("model", name)) => Ok(Self::Model(name.to_owned())),
            _ => Err(()),
        }
    }
}
