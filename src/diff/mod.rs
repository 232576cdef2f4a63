//! What changes between two objects, path by path. Knows nothing of Kubernetes servers; secrets are
//! opaque before they get here, and made so again if they are not.

mod compare;
mod difference;
mod entry;
mod masked;
mod noise;
mod print;
mod reversed;
mod secret;
mod text;
mod yaml;

pub(crate) use difference::Diff;
pub(crate) use entry::{Delta, Entry};
pub(crate) use noise::without_noise;
pub(crate) use print::{Line, Sign, lines};
pub(crate) use yaml::{block, inline};
