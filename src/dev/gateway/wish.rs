//! What a gateway is started with: the files, variables and arguments of its pod. Somebody else decides on them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretBox;

/// Directories of a pod by path, with their files by name. Values of Secrets may be among them.
pub type Directories = BTreeMap<PathBuf, BTreeMap<String, SecretBox<Vec<u8>>>>;

/// What a gateway is started with.
pub struct GatewayWish {
    /// Directories that it has in its pod, by path, with their files by name. Values of Secrets may be among
    /// them.
    pub directories: Directories,
    /// The environment, as in the pod.
    pub variables: BTreeMap<String, SecretBox<Vec<u8>>>,
    /// The arguments, as in the pod.
    pub arguments: Vec<String>,
    /// The port; without one it is 4000, or any that is free.
    pub port: Option<u16>,
    /// The file that its log is written to; without one it is stderr.
    pub log: Option<PathBuf>,
}
