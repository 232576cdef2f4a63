//! What an agent and its tools are started with. Somebody else decides on them.

use std::collections::BTreeMap;

use secrecy::SecretBox;

use crate::dev::gateway::Directories;

/// A command of the user's.
pub struct ProgramWish {
    /// What it is called in messages: ``tool `search` ``.
    pub name: String,
    /// The command, which a shell reads.
    pub command: String,
    /// Its environment, as in the pod.
    pub variables: BTreeMap<String, SecretBox<Vec<u8>>>,
    /// The port on 127.0.0.1 that it is waited for; none when it is not.
    pub port: Option<u16>,
}

/// What an agent is started with.
pub struct AgentWish {
    /// Its command.
    pub program: ProgramWish,
    /// The tools that run beside it. They are ready before the agent starts.
    pub tools: Vec<ProgramWish>,
    /// Directories that the agent has in its pod, by path, with their files by name. Values of Secrets may be among
    /// them.
    pub directories: Directories,
    /// Variables of this machine alone that name such a directory, or a file in it, by its path in the pod.
    pub places: BTreeMap<String, String>,
}
