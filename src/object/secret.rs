//! Secret values, which exist only between their source and the API server.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretBox};

use super::key_id::KeyId;
use super::object_ref::ObjectRef;
use super::placeholder::SENSITIVE;

/// A secret value. It cannot be printed or serialized; it is wiped when dropped.
pub struct SecretValue(SecretBox<Vec<u8>>);

impl SecretValue {
    /// Takes the bytes; the caller keeps no copy.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The bytes, for the request body and the keyed digest, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl Clone for SecretValue {
    fn clone(&self) -> Self {
        Self::new(self.expose().to_vec())
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SENSITIVE)
    }
}

/// Where the value of one key of a Secret comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The content of this file, without one trailing newline.
    File(PathBuf),
    /// What this command prints, without one trailing newline.
    Command {
        /// The program and its arguments; no shell reads them.
        argv: Vec<String>,
        /// Where it runs: the directory of the description.
        directory: PathBuf,
        /// How long it may take.
        timeout: Duration,
    },
    /// Written out in a manifest that the user carries along.
    Literal(SecretValue),
    /// Random bytes, generated once, on the way to the API server, and never read back.
    Generate {
        /// What the value begins with.
        prefix: Cow<'static, str>,
        /// How many bytes; they follow as hexadecimal digits.
        bytes: usize,
    },
    /// The value of another key, which apply reads: a Secret is rotated.
    Copy {
        /// The Secret.
        secret: ObjectRef,
        /// The key.
        key: String,
    },
    /// The value that is there, of a key that left the description while pods still name it.
    Kept(SecretValue),
    /// The key of an agent, which apply makes from the gateway's own secret.
    AgentKey {
        /// The gateway's Secret.
        secret: ObjectRef,
        /// Its key that keys of agents are made with.
        key: String,
        /// Whose key it is.
        id: KeyId,
    },
}
